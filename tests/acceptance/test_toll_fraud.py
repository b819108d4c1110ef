"""Fault F22: of 100,000 numbers that citizens dictated or called from, none that is forbidden reaches the trunk.

All go through the real service with a dialler that counts; `tests/interop/test_toll_fraud.py` sends a sample through
real SIP to a trunk that counts INVITEs.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.house import House, build
from ivr.domain.callback import CallbackState
from ivr.domain.card import Rulebook
from ivr.domain.contact import PhoneNumber
from ivr.domain.people import Person
from ivr.errors import RuleBroken
from ivr.services.call_out import CallOut
from ivr.services.callbacks import CallbackDesk
from tests.contracts.fakes_callbacks import MemoryCallbackBook, MemoryTalkBook
from tests.contracts.fakes_journal import MemoryJournal
from tests.contracts.fakes_recordings import MemoryRecordings
from tests.contracts.fakes_speech import FakeRecognizer
from tests.dialled_numbers import a_number, oracle
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message
from tests.services.fake_dialler import FakeDialler, FakePhone, Lifts

NUMBERS = 100_000
ANNA, ANNAS, TRUNK = Person("Петрова А."), "sip:101@10.0.0.2", "10.0.0.9:5060"
CALL = a_call(1)
MESSAGE = a_message(CALL)
TAKEN = replace(a_callback(MESSAGE), state=CallbackState.TAKEN, holder=ANNA.name, touched_at=FRIDAY_NIGHT)


@pytest.fixture(scope="module")
def house() -> House:
    return build(Settings())


class Line:
    """Click to call upon a journal of one row; whoever is rung at the trunk does not exist there (404)."""

    def __init__(self, house: House) -> None:
        clock = SetClock(FRIDAY_NIGHT)
        self.dialler = FakeDialler(clock)
        self.desk = CallbackDesk(self._book("", ""), clock, Rulebook(RULES, CALENDAR, house.vocabulary))
        self.out = CallOut(
            self.desk, self.dialler, TRUNK, house.catalog.load(), FakeRecognizer(), MemoryRecordings(),
            MemoryTalkBook(), lambda _action, _facts: None,
        )  # fmt: skip

    @staticmethod
    def _book(dictated: str, shown: str) -> MemoryCallbackBook:
        journal = MemoryJournal()
        message = replace(MESSAGE, phone=PhoneNumber(dictated) if dictated else None, caller_number=shown)
        journal.calls[CALL.id], journal.messages[CALL.id], journal.serves[CALL.id] = CALL, message, CALL.id
        journal.promises[CALL.id] = replace(TAKEN, number=message.number_to_call)
        return MemoryCallbackBook(journal)

    async def click(self, dictated: str, shown: str, wanted: str = "") -> list[str]:
        """What the trunk was asked to ring."""
        self.desk.book = self._book(dictated, shown)
        self.dialler.rung.clear()
        self.dialler.will(ANNAS, Lifts(FakePhone()))
        try:
            await self.out.call(CALL.id, ANNA, ANNAS, wanted)
        except RuleBroken as refusal:
            assert refusal.code in ("not_in_plan", "no_number", "not_in_journal")
            assert not self.dialler.rung, "nobody is rung for a number that is refused"
        return [address for address in self.dialler.rung.elements() if address != ANNAS]


async def test_of_a_hundred_thousand_numbers_no_forbidden_one_reaches_the_trunk(house: House) -> None:
    chance, line, seen = random.Random(22), Line(house), Counter[str]()
    for _ in range(NUMBERS // 2):
        dictated, shown = a_number(chance), a_number(chance)
        allowed = [number for number in dict.fromkeys((dictated, shown)) if oracle(number)]
        rung = await line.click(dictated, shown)
        assert rung == [f"sip:{number}@{TRUNK}" for number in allowed], (dictated, shown)
        seen["rung"] += len(rung)
        seen["refused"] += 2 - len(allowed)
    assert seen["refused"] > NUMBERS / 2
    assert seen["rung"] > NUMBERS / 50


async def test_a_number_that_the_journal_does_not_hold_is_rung_by_nobody(house: House) -> None:
    chance, line = random.Random(515), Line(house)
    for _ in range(2_000):
        strange = a_number(chance)
        rung = await line.click("+79000000001", "+79000000002", strange or "x")
        assert rung == [], strange
