"""F10: who speaks longer than he is given is cut politely, promised a call, and parted from (clause 12)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.figures import Figures
from tests.interop.caller import Caller
from tests.interop.conftest import service
from tests.interop.service import Service, chatter, make_home
from tests.interop.sound import alaw

__all__ = ["service"]

pytestmark = pytest.mark.sip

SLACK_SECONDS = 0.2


def length_of_an_endless_message(service: Service, name: str, given_seconds: float) -> float:
    """A caller speaks and speaks; the length of what was taken, once the assistant has parted from him."""
    with Caller(service.port) as caller:
        caller.begin(f"{name}-1", "+79000000010")
        caller.mouth = alaw(chatter(given_seconds + 40))
        caller.await_hang_up(given_seconds + 60)
    call = service.closed_call(name)
    assert call["end"] == "completed"
    assert call["callback_id"]
    message = next(turn for turn in service.turns(str(call["id"])) if turn["speaker"] == "caller")
    return float(message["seconds"])


def test_a_message_is_cut_when_its_time_is_over(service: Service) -> None:
    assert abs(length_of_an_endless_message(service, "endless", 6.0) - 6.0) <= SLACK_SECONDS


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Service]:
    """The product with the regulation's own time."""
    home = make_home(tmp_path, message_seconds=90.0)
    with Service(home, command="serve", phone="rtp_port = 25000") as running:
        yield running


@pytest.mark.slow
def test_a_message_of_90_seconds_is_cut_to_the_fifth_of_a_second(patient: Service, figures: Figures) -> None:
    lengths: list[float] = []

    def call(number: int) -> None:
        lengths.append(length_of_an_endless_message(patient, f"endless{number}", 90.0))

    callers = [threading.Thread(target=call, args=(number,)) for number in range(patient.legs)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    figures("F10", f"{len(lengths)} endless messages at once: cut after {min(lengths):.2f} to {max(lengths):.2f} s")
    assert len(lengths) == patient.legs
    assert all(abs(length - 90.0) <= SLACK_SECONDS for length in lengths)
