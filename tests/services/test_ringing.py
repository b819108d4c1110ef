"""Who lifts the handset first talks with the citizen, or is let go: nobody is left with a silent line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ivr.domain.call import Mode
from ivr.errors import LineError
from ivr.ports import Leg
from ivr.ports.telephone import silently
from ivr.services.legs import LegBook
from ivr.services.ringing import Operators, first_answer
from tests.samples import FRIDAY_NIGHT, SetClock
from tests.services.fake_dialler import FakePhone

WINNER, SLOW = "sip:101@pbx", "sip:102@pbx"


class SlowToStop:
    """The port `Dialler`: the first telephone is lifted, the other takes its time to stop ringing."""

    def __init__(self) -> None:
        self.lifted, self.stopping = FakePhone(), asyncio.Event()

    async def call(self, address: str, caller: str, ringing: Callable[[], None] = silently) -> Leg:
        if address == WINNER:
            return self.lifted
        try:
            await asyncio.Event().wait()
        finally:
            self.stopping.set()
            await asyncio.sleep(0.05)
        raise LineError("never rung")


async def test_who_lifted_is_let_go_when_the_citizen_leaves_while_the_others_stop_ringing() -> None:
    dialler = SlowToStop()
    book = LegBook("call", "demo", "engine-1", SetClock(FRIDAY_NIGHT).now, Mode.FRONT_DESK)
    answer = asyncio.create_task(first_answer(dialler, Operators((WINNER, SLOW)), "+79000000001", book))
    await dialler.stopping.wait()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert dialler.lifted.over
