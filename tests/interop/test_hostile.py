"""What strangers and broken peers send: the engine answers or drops it, and lives (faults F21, F23, F24)."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.phone import PCMA, Phone
from tests.interop.service import REPOSITORY, Service, eventually

pytestmark = pytest.mark.sip

TORTURE = REPOSITORY.parent / "shared" / "torture"
ANY_BYTES = bytes(byte for byte in range(1, 256) if byte not in b'\r\n"\\')


def legs_free(service: Service) -> None:
    """Wait until no call is open."""
    eventually(lambda: not service.rows("SELECT id FROM call WHERE ended_at IS NULL") or None, 30)


def test_a_call_over_capacity_gets_486_with_retry_after(service: Service, chatter_file: Path) -> None:
    legs_free(service)
    steps = sipp.answered() + sipp.speak(chatter_file) + sipp.pause(2.5) + sipp.bye()
    service.news_so_far()
    crowd = sipp.start(service.port, "crowd", steps, calls=service.legs)
    for _ in range(service.legs):
        service.await_news("call_started")
    refused = sipp.invite() + sipp.expect(100, optional=True) + sipp.expect(486, header="Retry-After: [0-9]+")
    sipp.run(service.port, "one-more", refused, sipp.request("ACK", in_dialog=False))
    crowd.finish()
    assert service.calls("one-more") == []
    legs_free(service)


def test_a_stranger_gets_403_and_no_row_and_takes_no_leg(service: Service) -> None:
    refused = sipp.invite() + sipp.expect(100, optional=True) + sipp.expect(403)
    sipp.run(service.port, "stranger", refused, sipp.request("ACK"), source="127.0.0.2", calls=20)
    assert service.calls("stranger") == []


def test_strangers_get_no_answer_to_other_requests_than_403(service: Service) -> None:
    with Phone(service.port, host="127.0.0.2") as stranger:
        for method in ("OPTIONS", "SUBSCRIBE", "MESSAGE", "REGISTER"):
            stranger.request(method, f"stranger-{method}")
            assert stranger.response(f"stranger-{method}", method).status == 403


@pytest.mark.parametrize(
    ("sdp", "status"),
    [
        pytest.param(PCMA.replace("AVP 8", "AVP 96") + "a=rtpmap:96 opus/48000/2\r\n", 488, id="unknown codec"),
        pytest.param(PCMA.replace("audio", "video"), 488, id="no audio"),
        pytest.param("v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nt=0 0\r\n", 400, id="no media at all"),
        pytest.param("this is no SDP", 400, id="no SDP"),
    ],
)
def test_an_offer_that_cannot_be_met_is_refused(service: Service, sdp: str, status: int) -> None:
    with Phone(service.port) as phone:
        response = phone.call(f"offer-{len(sdp)}", body=sdp.format(host=phone.host, rtp=40000))
        assert response.status == status
        assert phone.alive()
    legs_free(service)


def test_an_invite_without_an_offer_is_offered_our_codecs(service: Service, chatter_file: Path) -> None:
    sipp.run(
        service.port, "late-offer", sipp.invite(""), sipp.accepted(sipp.sdp()), sipp.speak(chatter_file),
        sipp.pause(1.5), sipp.bye(),
    )  # fmt: skip
    call = service.closed_call("late-offer")
    assert call["end"] == "caller_hung_up"
    assert service.sound(call["id"]).seconds > 0.5


def test_an_offer_that_is_never_answered_frees_its_leg(service: Service) -> None:
    with Phone(service.port) as phone:
        assert phone.call("no-answer-sdp-1", body="").status == 200
    service.closed_call("no-answer-sdp")


@pytest.mark.parametrize(
    ("name", "sender", "number", "shown"),
    [
        ("any-bytes", b'"' + ANY_BYTES + b'" <sip:89000000003@127.0.0.1>', "+79000000003", None),
        ("formula", b'"=HYPERLINK(1)" <sip:+79000000004@127.0.0.1>', "+79000000004", "=HYPERLINK(1)"),
        ("anonymous", b'"Anonymous" <sip:anonymous@anonymous.invalid>', "", "Anonymous"),
        ("extension", b"<sip:301@127.0.0.1>", "301", ""),
        ("tel", b"<tel:+7-900-000-00-05>", "+79000000005", ""),
        ("no-user", b"<sip:127.0.0.1>", "", ""),
        ("long-uri", b"<sip:" + b"9" * 3000 + b"@127.0.0.1>", "", ""),
        ("long-name", b'"' + b"n" * 3000 + b'" <sip:9000000006@127.0.0.1>', "+79000000006", None),
    ],
)
def test_a_caller_may_call_himself_anything(
    service: Service, name: str, sender: bytes, number: str, shown: str | None
) -> None:
    with Phone(service.port) as phone:
        answer = phone.call(name + "-1", sender=sender)
        assert answer.status == 200, answer.text
        phone.hang_up(name + "-1", answer, sender=sender)
    call = service.closed_call(name)
    assert call["caller_number"] == number
    assert call["caller_name"].isprintable()
    assert shown is None or call["caller_name"] == shown


def test_a_dialled_address_of_3000_characters_is_answered(service: Service) -> None:
    with Phone(service.port) as phone:
        uri = f"sip:{'1' * 3000}@127.0.0.1"
        answer = phone.call("long-dialled-1", uri=uri)
        assert answer.status == 200
        phone.hang_up("long-dialled-1", answer, uri=uri)
        phone.send(b"INVITE sip:" + b"1" * 60_000 + b"@127.0.0.1 SIP/2.0\r\n\r\n")
        assert phone.alive()
    assert len(service.closed_call("long-dialled")["dialled"]) <= 64


def test_a_caller_with_privacy_is_anonymous(service: Service) -> None:
    with Phone(service.port) as phone:
        sender = b'"A" <sip:+79000000007@127.0.0.1>'
        answer = phone.call("privacy-1", sender=sender, more=b"Privacy: id\r\n")
        phone.hang_up("privacy-1", answer, sender=sender)
    assert service.closed_call("privacy")["caller_number"] == ""


def test_a_held_call_is_not_taken_for_a_dead_one(service: Service, chatter_file: Path) -> None:
    hold = sipp.request("INVITE", 2, body=sipp.sdp(direction="sendonly")) + sipp.expect(100, optional=True)
    resume = sipp.request("INVITE", 3, body=sipp.sdp()) + sipp.expect(100, optional=True)
    sipp.run(
        service.port, "hold", sipp.answered(), sipp.speak(chatter_file), sipp.pause(0.5),
        hold, sipp.expect(200), sipp.request("ACK", 2), sipp.pause(1.0),
        resume, sipp.expect(200), sipp.request("ACK", 3), sipp.pause(1.0), sipp.bye(4),
    )  # fmt: skip
    call = service.closed_call("hold")
    assert call["end"] == "caller_hung_up"
    assert service.sound(call["id"]).seconds > 1.5


def test_a_storm_of_connections_ends_no_call(service: Service, chatter_file: Path) -> None:
    service.news_so_far()
    steps = sipp.answered() + sipp.speak(chatter_file) + sipp.pause(3) + sipp.bye()
    caller = sipp.start(service.port, "in-storm", steps)
    service.await_news("call_started")
    for _ in range(4):
        knocking = []
        for _ in range(100):
            knock = socket.socket()
            knock.setblocking(False)
            knock.connect_ex(("127.0.0.1", service.port))
            knocking.append(knock)
        time.sleep(0.3)
        for knock in knocking:
            knock.close()
    caller.finish()
    with Phone(service.port, tcp=True) as phone:
        assert phone.alive()


def test_an_ack_that_names_another_method_ends_no_engine(service: Service) -> None:
    """F23: after a MESSAGE of the same call, the SIP library itself would abort the process over it."""
    engine = service.pid("engine-1")
    with Phone(service.port) as phone:
        for method in ("MESSAGE", "ACK"):
            text = (
                f"{method} sip:112@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{method}\r\n"
                "From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:112@127.0.0.1>\r\nCall-ID: against-itself\r\n"
                "CSeq: 1 MESSAGE\r\nContact: <sip:a@127.0.0.1:9>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            )
            phone.send(text.encode())
        assert phone.alive()
    assert service.pid("engine-1") == engine


def test_a_stranger_cannot_even_connect(service: Service) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.settimeout(0.5)
        with pytest.raises(TimeoutError):
            stranger.connect(("127.0.0.1", service.port))


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_the_torture_messages_of_rfc_4475_leave_the_engine_alive(service: Service, tcp: bool) -> None:
    if not TORTURE.is_dir():
        pytest.skip("the messages of RFC 4475 are not at hand (../shared/torture)")
    messages = sorted(TORTURE.glob("*.dat"))
    assert len(messages) == 49
    for message in messages:
        with Phone(service.port, tcp=tcp) as phone:
            phone.send(message.read_bytes())
        with Phone(service.port, tcp=tcp) as phone:
            assert phone.alive(), message.name
    legs_free(service)
