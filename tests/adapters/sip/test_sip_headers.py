"""What is read out of an INVITE, whatever its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.sip.headers import normal_number, read_invite, read_key


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


def test_the_number_a_call_was_diverted_from_is_kept() -> None:
    assert read_invite(0, invite("Diversion: <sip:21234@pbx>;reason=user-busy"), "").diversion == "21234"


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
