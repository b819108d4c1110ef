"""What is read out of an INVITE, whatever its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.sip.headers import normal_number, read_invite, read_key
from ivr.adapters.sip.settings import SipSettings


def invite(*lines: str, uri: str = "sip:112@helpline") -> str:
    """An INVITE's text."""
    return "\r\n".join([f"INVITE {uri} SIP/2.0", "Call-ID: abc", *lines, "", "v=0"])


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("89000000001", "+79000000001"),
        ("+79000000001", "+79000000001"),
        ("79000000001", "+79000000001"),
        ("9000000001", "+79000000001"),
        ("8 (900) 000-00-01", "+79000000001"),
        ("8%20900%20000%2000%2001", "+79000000001"),
        ("+3725550001", "+3725550001"),
        ("+82225550001", "+82225550001"),
        ("301", "301"),
        ("21234", "21234"),
        ("anonymous", ""),
        ("", ""),
        ("9" * 3000, ""),
        ("+", ""),
    ],
)
def test_a_number_has_one_form(said: str, number: str) -> None:
    assert normal_number(said) == number


def test_the_network_s_word_counts_for_more_than_the_caller_s() -> None:
    found = read_invite(
        0,
        invite('From: "A" <sip:+79000000001@x>', "P-Asserted-Identity: <sip:+79000000002@x>", "Privacy: id"),
        "192.0.2.1:5060",
    )
    assert found.caller_number == "+79000000002"
    assert found.caller_name == "A"


def test_a_caller_who_asks_for_privacy_has_no_number() -> None:
    assert read_invite(0, invite("From: <sip:+79000000001@x>", "Privacy: id"), "").caller_number == ""


def test_compact_and_folded_headers_are_headers() -> None:
    found = read_invite(0, invite('f: "B"', "  <sip:9000000003@x>"), "")
    assert (found.caller_number, found.caller_name) == ("+79000000003", "B")


@pytest.mark.parametrize(
    ("lines", "whom", "because", "overflowed"),
    [
        (("Diversion: <sip:21234@pbx>;reason=user-busy",), "21234", "busy", True),
        (("Diversion: <sip:21234@pbx>;reason=\"no-answer\";counter=1",), "21234", "no_answer", True),
        (("Diversion: <sip:21234@pbx>",), "21234", "unknown", True),
        (("Diversion: <sip:21234@pbx>;reason=unconditional",), "21234", "always", False),
        (("Diversion: <sip:1@pbx>;reason=no-answer", "Diversion: <sip:2@pbx>;reason=unconditional"), "1", "no_answer",
         True),
        (("History-Info: <sip:100@pbx?Reason=SIP%3Bcause%3D486>;index=1, <sip:112@ivr>;index=1.1",), "100", "busy",
         True),
        (("History-Info: <sip:100@pbx>;index=1", "History-Info: <sip:112@ivr;cause=408>;index=1.1"), "100", "no_answer",
         True),
        (("History-Info: <sip:100@pbx>;index=1, <sip:112@ivr;cause=302>;index=1.1",), "100", "always", False),
        (("History-Info: <sip:112@ivr>;index=1",), "", "", False),
        (("History-Info: <sip:100@pbx>;index=1, <sip:112@ivr>;index=1.1",), "", "", False),
        ((), "", "", False),
    ],
)  # fmt: skip
def test_whom_the_exchange_tried_before_us_and_why_it_was_in_vain(
    lines: tuple[str, ...], whom: str, because: str, overflowed: bool
) -> None:
    found = read_invite(0, invite(*lines), "")
    assert (found.diversion, found.diverted_because, found.overflowed) == (whom, because, overflowed)


def test_all_numbers_that_may_say_whose_line_was_meant_are_kept_in_order() -> None:
    lines = ("To: <sip:+74875521000@x>", "P-Called-Party-ID: <sip:112@x>", "Diversion: <sip:100@x>;reason=no-answer")
    found = read_invite(0, invite(*lines, uri="sip:helpline@10.0.0.1"), "")
    assert found.numbers == ("helpline", "+74875521000", "112", "100")


@pytest.mark.parametrize(
    ("sender", "extension"),
    [("101", "101"), ("+79000000001", ""), ("anonymous", ""), ("21234", "21234")],
)
def test_a_telephone_of_the_house_is_known_by_its_extension(sender: str, extension: str) -> None:
    assert read_invite(0, invite(f"From: <sip:{sender}@x>"), "").caller_extension == extension


@pytest.mark.parametrize(
    ("uri", "granted"),
    [
        ("sip:103@10.0.0.2", True), ("<sip:103@10.0.0.2:5060;user=phone>", True), ("sip:89000000000@10.0.0.2", True),
        ("sip:ivanova@10.0.0.2", True), ("sip:103@10.0.0.2?Replaces=a%3Bto-tag%3Db", True),
        ("sip:103@192.0.2.9", False), ("sip:810441234567@10.0.0.2", False), ("sip:+88002000600@10.0.0.2", False),
        ("sip:+79000000000@evil.example", False), ("tel:+79000000000", False), ("sip:10.0.0.2", False), ("", False),
        ("sip:103@10.0.0.2@192.0.2.9", False),
    ],
)  # fmt: skip
def test_callers_are_handed_over_within_the_house_or_to_numbers_that_may_be_dialled(uri: str, granted: bool) -> None:
    assert SipSettings(transfer_hosts=("10.0.0.2",)).may_transfer_to(uri) is granted


def test_no_character_within_a_display_name_begins_another_header() -> None:
    sly = '"A\x0bB\x1cC\x85P-Asserted-Identity: <sip:+79000000009@x>\u2028" <sip:+79000000001@x>'
    assert read_invite(0, invite(f"From: {sly}"), "").caller_number == "+79000000001"


@given(st.binary(max_size=400))
def test_no_bytes_are_an_error(blob: bytes) -> None:
    found = read_invite(0, blob.decode("utf-8", "surrogateescape"), "192.0.2.1:5060")
    found.caller_name.encode()
    found.sip_call_id.encode()


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf", "5", "5"),
        ("application/dtmf", "*\r\n", "*"),
        ("Application/DTMF;charset=x", "Signal=7", "7"),
        ("application/dtmf", "10", "*"),
        ("application/dtmf", "11", "#"),
        ("application/dtmf", "12", ""),
        ("application/dtmf", "", ""),
        ("application/dtmf-relay", "Signal=5", ""),
        ("text/plain", "5", ""),
    ],
)
def test_a_key_is_read_out_of_an_info(kind: str, body: str, key: str) -> None:
    assert read_key(f"INFO sip:x SIP/2.0\r\nContent-Type: {kind}\r\n\r\n{body}") == key
