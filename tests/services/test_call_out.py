"""Click to call: who is rung, what the citizen hears, and what is written down, with telephones that follow a script
(clauses 7, 13)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.house import House, build
from ivr.domain.attempt import Attempt, Failing, Side
from ivr.domain.callback import CallbackState
from ivr.domain.card import Rulebook
from ivr.domain.case import Case
from ivr.domain.people import Person
from ivr.domain.turn import Speaker
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import RuleBroken
from ivr.ports import HungUp
from ivr.services.call_out import CallOut
from ivr.services.callbacks import CallbackDesk
from ivr.services.rescue import TalkRescue
from ivr.services.transcription import Transcription
from tests.contracts.fakes_callbacks import MemoryCallbackBook, MemoryTalkBook
from tests.contracts.fakes_journal import MemoryJournal
from tests.contracts.fakes_recordings import MemoryRecordings
from tests.contracts.fakes_speech import AWAY, FakeRecognizer
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended
from tests.services.fake_dialler import LOUD, QUIET, FakeDialler, FakePhone, Lifts, NoLine, Refuses, Rings

ANNA, BORIS = Person("Петрова А."), Person("Сидоров Б.")
MONDAY_NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TRUNK, ANNAS = "trunk:5060", "sip:101@pbx"
DICTATED, SHOWN = "+79000000001", "+79000000002"
BYE = HungUp(by_caller=True)
O = AttemptOutcome  # noqa: E741


def at_trunk(number: str) -> str:
    return f"sip:{number}@{TRUNK}"


@dataclass
class Room:
    """Everything around a click."""

    house: House
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY_NINE))
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)
    talks: MemoryTalkBook = field(default_factory=MemoryTalkBook)
    recognizer: FakeRecognizer = field(default_factory=FakeRecognizer)
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = MemoryCallbackBook(self.journal)
        self.desk = CallbackDesk(self.book, self.clock, Rulebook(RULES, CALENDAR, self.house.vocabulary))
        self.dialler = FakeDialler(self.clock)
        self.operator = FakePhone()
        self.dialler.will(ANNAS, Lifts(self.operator))

    def call_out(self, **other: object) -> CallOut:
        def tell(action: str, facts: Mapping[str, object]) -> None:
            if action == "call_out":
                self.steps.append(str(facts["step"]))

        made = CallOut(
            self.desk, self.dialler, TRUNK, self.house.catalog.load(), self.recognizer, self.recordings, self.talks,
            tell,
        )  # fmt: skip
        return replace(made, **other)

    async def promise(self, phone: str = DICTATED, shown: str = SHOWN, number: int = 1, who: Person = ANNA) -> str:
        """A promise taken by an operator."""
        call = replace(a_call(number, FRIDAY_NIGHT), caller_number=shown)
        message = a_message(call, phone=phone)
        await self.journal.close(ended(call), [], message, a_callback(message))
        await self.desk.take(message.id, who)
        return message.id

    async def click(self, callback: str, number: str = "") -> tuple[AttemptOutcome, Case]:
        return await asyncio.wait_for(self.call_out().call(callback, ANNA, ANNAS, number), 20)


@pytest.fixture(scope="module")
def house() -> House:
    return build(Settings())


@pytest.fixture
def room(house: House) -> Room:
    return Room(house)


async def test_the_talk_is_joined_recorded_and_written_down_on_both_sides(room: Room) -> None:
    room.recognizer.texts = ["здравствуйте это администрация", "нет горячей воды"]
    operator = FakePhone(*[LOUD] * 20, *[QUIET] * 20, until_joined=True)
    citizen = FakePhone(*[QUIET] * 30, *[LOUD] * 20, *[QUIET] * 20, BYE, until_joined=True)
    room.dialler.will(ANNAS, Lifts(operator))
    room.dialler.will(at_trunk(DICTATED), Lifts(citizen, seconds=7))
    callback = await room.promise()
    outcome, case = await room.click(callback)
    notice = room.house.catalog.load().recording_notice
    assert outcome is O.ANSWERED
    assert citizen.played == [notice.pcm], "the notice, and nothing else"
    assert notice.pcm not in operator.played
    assert citizen.joined is operator
    (attempt,) = case.attempts
    assert (case.callback.state, attempt.ended_by, attempt.failing) == (CallbackState.REACHED, Side.CITIZEN, "")
    assert attempt.ring_seconds == 7
    assert attempt.notice_seconds == pytest.approx(notice.seconds, abs=0.11)
    assert attempt.notice_hash == hashlib.sha256(notice.text.encode()).hexdigest()
    said = [(turn.speaker, turn.text) for turn in await room.talks.talk(attempt.id) if not turn.prompt]
    assert said == [(Speaker.OPERATOR, "здравствуйте это администрация"), (Speaker.CALLER, "нет горячей воды")]
    assert room.recordings.channels[attempt.id] == 2
    assert attempt.recording_seconds == pytest.approx(7.0, abs=0.11)
    assert len(room.recordings.read(attempt.id)) == round(attempt.recording_seconds * 16_000)
    assert room.steps == ["ringing_operator", "ringing_citizen", "talking", "over"]
    assert operator.over
    assert citizen.over


async def test_the_operator_hangs_up_first(room: Room) -> None:
    room.dialler.will(ANNAS, Lifts(FakePhone(BYE, until_joined=True)))
    room.dialler.will(at_trunk(DICTATED), Lifts(citizen := FakePhone()))
    _, case = await room.click(await room.promise())
    assert case.attempts[0].ended_by is Side.OPERATOR
    assert citizen.over


async def test_a_citizen_who_leaves_during_the_notice_was_reached_and_nothing_of_him_is_recorded(room: Room) -> None:
    citizen = FakePhone()
    citizen.play = lambda _pcm: citizen._events.extend([QUIET, QUIET, BYE]) or 1  # type: ignore[method-assign, func-returns-value]
    room.dialler.will(at_trunk(DICTATED), Lifts(citizen))
    outcome, case = await room.click(await room.promise())
    assert (outcome, case.attempts[0].ended_by) == (O.ANSWERED, Side.CITIZEN)
    assert case.attempts[0].notice_seconds == pytest.approx(0.2)
    assert case.attempts[0].recording_seconds == 0
    assert room.operator.over


@pytest.mark.parametrize(
    ("deed", "outcome", "state"),
    [
        (Refuses(486, seconds=3), O.BUSY, CallbackState.WAITING),
        (Refuses(600), O.BUSY, CallbackState.WAITING),
        (Refuses(408, seconds=40), O.NO_ANSWER, CallbackState.WAITING),
        (Refuses(480, seconds=40), O.NO_ANSWER, CallbackState.WAITING),
        (Refuses(480), O.UNAVAILABLE, CallbackState.WAITING),
        (Refuses(603, seconds=5), O.NO_ANSWER, CallbackState.WAITING),
        (Refuses(404), O.NOT_FOUND, CallbackState.WAITING),
        (Refuses(503), O.UNAVAILABLE, CallbackState.WAITING),
        (Refuses(0), O.UNAVAILABLE, CallbackState.WAITING),
        (Rings(), O.NO_ANSWER, CallbackState.WAITING),
        (NoLine(), O.ABANDONED, CallbackState.TAKEN),
    ],
)
async def test_the_attempt_is_what_the_line_says(
    room: Room, deed: Refuses | Rings | NoLine, outcome: AttemptOutcome, state: CallbackState
) -> None:
    room.dialler.will(at_trunk(DICTATED), deed)
    said, case = await room.click(await room.promise(shown=""))
    (attempt,) = case.attempts
    assert (said, attempt.outcome, case.callback.state) == (outcome, outcome, state)
    (ring,) = attempt.rings
    assert ring.status == (deed.status if isinstance(deed, Refuses) else 0)
    assert (ring.rang_at is None) == (isinstance(deed, NoLine) or (isinstance(deed, Refuses) and deed.seconds is None))
    assert attempt.failing == (Failing.NO_LINE if isinstance(deed, NoLine) else "")
    assert room.operator.over
    assert room.talks.talks == {}


@pytest.mark.parametrize(
    ("deed", "failing"),
    [
        (Refuses(486), Failing.OPERATOR_BUSY),
        (Refuses(603), Failing.OPERATOR_BUSY),
        (Refuses(404), Failing.OPERATOR_ABSENT),
        (Refuses(480), Failing.OPERATOR_ABSENT),
        (Refuses(408), Failing.OPERATOR_SILENT),
        (NoLine(), Failing.NO_LINE),
    ],
)
async def test_without_the_operator_nobody_is_rung_and_it_is_said_why(
    room: Room, deed: Refuses | NoLine, failing: Failing
) -> None:
    room.dialler.will(ANNAS, deed)
    outcome, case = await room.click(await room.promise())
    assert (outcome, case.attempts[0].failing, case.callback.state) == (O.ABANDONED, failing, CallbackState.TAKEN)
    assert set(room.dialler.rung) == {ANNAS}
    assert case.made == ()


@pytest.mark.parametrize(
    ("first", "rung", "outcome"),
    [
        (Refuses(404), [DICTATED, SHOWN], O.ANSWERED),
        (Refuses(503), [DICTATED, SHOWN], O.ANSWERED),
        (Refuses(486), [DICTATED], O.BUSY),
        (Refuses(480, seconds=30), [DICTATED], O.NO_ANSWER),
    ],
)
async def test_the_dictated_number_then_the_callers_own(
    room: Room, first: Refuses, rung: list[str], outcome: AttemptOutcome
) -> None:
    """Interpretation 6: a number that does not exist, or cannot be had, is followed by the one he called from."""
    room.dialler.will(at_trunk(DICTATED), first)
    room.dialler.will(at_trunk(SHOWN), Lifts(FakePhone(BYE, until_joined=True)))
    said, case = await room.click(await room.promise())
    assert said is outcome
    assert [ring.number for ring in case.attempts[0].rings] == rung
    assert case.attempts[0].number == rung[-1]
    assert len(case.made) == 1, "one attempt of clause 13"


async def test_a_foreign_dictated_number_gives_way_to_the_callers_own(room: Room) -> None:
    room.dialler.will(at_trunk(SHOWN), Refuses(486))
    _, case = await room.click(await room.promise(phone="+442071234567"))
    assert [ring.number for ring in case.attempts[0].rings] == [SHOWN]


async def test_the_operator_may_choose_among_the_numbers_of_the_journal_only(room: Room) -> None:
    room.dialler.will(at_trunk(SHOWN), Refuses(486))
    callback = await room.promise()
    with pytest.raises(RuleBroken) as refusal:
        await room.click(callback, "+79000000999")
    assert refusal.value.code == "not_in_journal"
    _, case = await room.click(callback, SHOWN)
    assert [ring.number for ring in case.attempts[0].rings] == [SHOWN]


@pytest.mark.parametrize(("seconds", "outcome"), [(5, O.ABANDONED), (25, O.NO_ANSWER)])
async def test_who_waits_long_and_gives_up_has_made_an_attempt(
    room: Room, seconds: int, outcome: AttemptOutcome
) -> None:
    class Impatient(FakePhone):
        async def next_event(self) -> object:  # type: ignore[override]
            event = await super().next_event()
            room.clock.moment += timedelta(seconds=0.1)
            if room.clock.moment >= MONDAY_NINE + timedelta(seconds=seconds):
                self.over = BYE
                return BYE
            return event

    room.dialler.will(ANNAS, Lifts(Impatient()))
    room.dialler.will(at_trunk(DICTATED), Rings())
    said, case = await room.click(await room.promise())
    assert said is outcome
    assert case.attempts[0].failing == ("" if outcome is O.NO_ANSWER else Failing.OPERATOR_LEFT)
    assert room.dialler.given_up == [at_trunk(DICTATED)], "the citizen's telephone stops ringing"


async def test_a_second_click_does_not_dial_twice(room: Room) -> None:
    room.dialler.will(at_trunk(DICTATED), Rings())
    callback = await room.promise()
    said = await asyncio.gather(*(room.click(callback) for _ in range(5)), return_exceptions=True)
    refused = [one.code for one in said if isinstance(one, RuleBroken)]
    assert refused == ["dialling"] * 4
    assert room.dialler.rung == {ANNAS: 1, at_trunk(DICTATED): 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"trunk": ""}, "no_trunk"),
        ({"per_person": 0}, "calls_of_person"),
        ({"per_day": 0}, "calls_of_all"),
        ({"telephone": ""}, "no_phone"),
        ({"telephone": "sip:810441234567@pbx"}, "not_in_plan"),
        ({"phone": "+448000000000", "shown": ""}, "not_in_plan"),
        ({"phone": "", "shown": ""}, "no_number"),
        ({"who": BORIS}, "taken"),
        ({"free": 1}, "no_free_line"),
    ],
)
async def test_what_must_not_be_dialled_rings_nobody(room: Room, change: dict[str, object], code: str) -> None:
    callback = await room.promise(str(change.get("phone", DICTATED)), str(change.get("shown", SHOWN)))
    settings = {name: value for name, value in change.items() if name in ("trunk", "per_person", "per_day")}
    room.dialler.free = int(str(change.get("free", 4)))
    who = change.get("who", ANNA)
    assert isinstance(who, Person)
    with pytest.raises(RuleBroken) as refusal:
        await room.call_out(**settings).call(callback, who, str(change.get("telephone", ANNAS)))
    assert refusal.value.code == code
    assert room.dialler.rung == {}
    assert (await room.desk.case(callback)).attempts == ()


async def test_a_closed_row_and_a_window_that_is_not_open_ring_nobody(room: Room) -> None:
    callback = await room.promise()
    room.dialler.will(at_trunk(DICTATED), Refuses(486))
    await room.click(callback)
    rung = dict(room.dialler.rung)
    await room.desk.take(callback, ANNA)
    with pytest.raises(RuleBroken, match="too early"):
        await room.click(callback)
    await room.desk.called_himself("demo", DICTATED, ANNA.name)
    with pytest.raises(RuleBroken, match="closed already"):
        await room.click(callback)
    assert room.dialler.rung == rung


async def test_an_engine_that_dies_in_a_talk_leaves_its_attempt_its_sound_and_later_its_text(
    room: Room, house: House
) -> None:
    """Fault F1: the attempt is ended as the line had told, both sides are transcribed from the recording."""
    callback = await room.promise()
    room.dialler.will(at_trunk(DICTATED), Lifts(FakePhone(*[LOUD] * 600, until_joined=True)))
    task = asyncio.create_task(room.call_out().call(callback, ANNA, ANNAS))
    while not room.recordings.sounds:  # noqa: ASYNC110  telephones of a script need only turns of the loop
        await asyncio.sleep(0)
    for _ in range(200):
        await asyncio.sleep(0)
    (name,) = room.recordings.sounds
    kept = Room(house, room.clock, room.journal, room.recordings)  # what the disk holds when the process is gone
    kept.book = room.book
    kept.desk = CallbackDesk(room.book, room.clock, room.desk.rulebook)
    (open_attempt,) = await room.book.unended("engine-1")
    assert isinstance(open_attempt, Attempt)
    assert open_attempt.answered_at == room.clock.now()
    assert await TalkRescue(kept.desk, kept.talks, kept.recordings).recover("engine-1") == 1
    case = await kept.desk.case(callback)
    assert (case.callback.state, case.attempts[0].failing) == (CallbackState.REACHED, Failing.LOST)
    assert case.attempts[0].recording_seconds > 1
    texts = [AWAY, "нет горячей воды", ""]
    sweep = Transcription(
        kept.journal, kept.talks, kept.recordings, FakeRecognizer(texts), house.understand, house.calendar, house.rules
    )
    assert await sweep.sweep() == 0, "the recogniser is away"
    assert await sweep.sweep() == 1
    assert [(turn.speaker, turn.text) for turn in await kept.talks.talk(name)] == [
        (Speaker.CALLER, "нет горячей воды"), (Speaker.OPERATOR, "")
    ]  # fmt: skip
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_stops_the_engine_in_a_talk_has_it_written_down(room: Room) -> None:
    callback = await room.promise()
    room.dialler.will(at_trunk(DICTATED), Lifts(FakePhone()))
    task = asyncio.create_task(room.call_out().call(callback, ANNA, ANNAS))
    while "talking" not in room.steps:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(50):
        await asyncio.sleep(0)
    case = await room.desk.case(callback)
    assert (case.callback.dialling, case.attempts[0].outcome) == ("", O.ANSWERED)
