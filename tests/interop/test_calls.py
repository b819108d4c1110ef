"""A real SIP peer calls the running service: what it hears on the wire, and what stands in the journal after."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.service import Service

pytestmark = pytest.mark.sip


def test_a_call_with_speech_ends_with_our_bye_and_a_recognised_row(service: Service, speech_file: Path) -> None:
    sipp.run(
        service.port, "speech", sipp.answered(sender="<sip:+79000000001@[local_ip]>"), sipp.speak(speech_file),
        sipp.expect_request("BYE"),
    )  # fmt: skip
    call = service.closed_call("speech")
    assert call["end"] == "completed"
    assert call["caller_number"] == call["number"] == "+79000000001"
    assert "вод" in call["text"]
    assert service.sound(call["id"]).seconds > 3


def test_a_caller_who_hangs_up_in_mid_sentence_is_called_back(service: Service, chatter_file: Path) -> None:
    sender = "<sip:+79000000002@[local_ip]>"
    sipp.run(
        service.port, "hangs-up", sipp.answered(sender=sender), sipp.speak(chatter_file), sipp.pause(2.5), sipp.bye()
    )
    call = service.closed_call("hangs-up")
    assert call["end"] == "caller_hung_up"
    assert call["state"] == "promised"
    assert service.sound(call["id"]).seconds > 1


def test_a_call_over_tcp_is_a_call(service: Service, chatter_file: Path) -> None:
    sipp.run(service.port, "tcp", sipp.answered(), sipp.speak(chatter_file), sipp.pause(1), sipp.bye(), tcp=True)
    assert service.closed_call("tcp")["end"] == "caller_hung_up"


def test_a_caller_without_rtp_is_ended_by_the_no_rtp_timer(service: Service) -> None:
    sipp.run(service.port, "no-rtp", sipp.answered(), sipp.expect_request("BYE", 8))
    assert service.closed_call("no-rtp")["end"] == "no_media"


def test_a_call_cancelled_before_the_answer_leaves_a_row(service: Service) -> None:
    engine = service.pid("engine-1")
    os.kill(engine, signal.SIGSTOP)  # so that the CANCEL is there before the answer
    try:
        caller = sipp.start(
            service.port, "cancel", sipp.invite(retransmit=False), sipp.pause(0.2),
            sipp.request("CANCEL", in_dialog=False, branch="[branch-2]"),
            sipp.expect(100, optional=True), sipp.expect(180, optional=True), sipp.expect(200, "CANCEL"),
            sipp.expect(487), sipp.request("ACK"),
        )  # fmt: skip
        time.sleep(1.2)
    finally:
        os.kill(engine, signal.SIGCONT)
    caller.finish()
    assert service.closed_call("cancel")["end"] == "cancelled"


@pytest.mark.parametrize(
    ("name", "kind", "body"), [("info-relay", "dtmf-relay", "Signal=5\nDuration=160"), ("info-plain", "dtmf", "5")]
)
def test_keys_come_by_sip_info(service: Service, chatter_file: Path, name: str, kind: str, body: str) -> None:
    info = sipp.request("INFO", 2, body=body, kind=f"application/{kind}") + sipp.expect(200, "INFO")
    pound = sipp.request("INFO", 3, body=body.replace("5", "#"), kind=f"application/{kind}") + sipp.expect(200, "INFO")
    sipp.run(
        service.port, name, sipp.answered(), sipp.speak(chatter_file), sipp.pause(1.5), info, sipp.pause(0.2), pound,
        sipp.pause(1.0), sipp.bye(4),
    )  # fmt: skip
    call = service.closed_call(name)
    assert next(turn for turn in service.turns(call["id"]) if turn["speaker"] == "caller")["keys"] == "5"


def test_keys_come_as_rfc_4733_events(service: Service) -> None:
    offer = sipp.sdp("[media_port]").replace("101", "96")  # the payload type that sipp sends
    steps = sipp.invite(offer) + sipp.accepted() + sipp.babble() + sipp.pause(1.0)
    keys = sipp.press("5") + sipp.pause(1.0) + sipp.press("#")
    sipp.run(service.port, "rfc4733", steps, keys, sipp.pause(1.0), sipp.bye())
    call = service.closed_call("rfc4733")
    assert next(turn for turn in service.turns(call["id"]) if turn["speaker"] == "caller")["keys"] == "5"
