"""One call becomes one row with one callback, whatever happens on the way (clauses 12, 13)."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.storage.spool import SpooledJournal
from ivr.bootstrap.house import House, build
from ivr.dialogue.prompts import Prompts
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.leg import legs_of_call
from ivr.domain.traffic import FREQUENT
from ivr.domain.turn import Speaker, Turn
from ivr.errors import CallerHungUp, MediaError, RecordingsAway
from ivr.language.understanding import Understanding
from ivr.ports import Prompt
from ivr.services.admission import Admission
from ivr.services.cards import Cards
from ivr.services.closing import Closing
from ivr.services.local import Local, Locals
from ivr.services.reception import Reception
from ivr.services.transcription import Transcription
from tests.contracts.fakes_callbacks import MemoryTalkBook
from tests.contracts.fakes_journal import MemoryJournal
from tests.contracts.fakes_recordings import MemoryRecordings
from tests.contracts.fakes_speech import AWAY, FakeRecognizer
from tests.services.fake_leg import Deed, FakeLeg, Leaves, Presses, Speaks

SUNDAY_NIGHT = datetime(2026, 11, 22, 20, 14, tzinfo=UTC)  # 23:14 in Moscow
MONDAY_NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHOLE = (
    "меня зовут иванова мария петровна нет горячей воды "
    "телефон восемь девятьсот ноль ноль ноль двенадцать тридцать четыре"
)


class SundayNight:
    """The port `Clock`: it is always the same moment."""

    def now(self) -> datetime:
        """23:14 in Moscow."""
        return SUNDAY_NIGHT


@dataclass
class Desk:
    """A reception with everything around it in memory."""

    house: House
    texts: Sequence[str | None] = ()
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)
    news: list[str] = field(default_factory=list)
    locals: Locals = field(default_factory=dict)

    @property
    def reception(self) -> Reception:
        """The reception."""

        def tell(action: str, facts: Mapping[str, object]) -> None:
            self.news.append(action)

        house, clock = self.house, SundayNight()
        return Reception(
            admission=Admission(house.municipalities), say=house.catalog.load(), understand=house.understand,
            rules=house.rules, journal=self.journal, recordings=self.recordings,
            recognizer=FakeRecognizer(self.texts), clock=clock, announce=tell,
            closing=Closing(self.journal, house.municipalities, house.rules, house.understand, clock, tell),
            cards=Cards(self.journal, house.rules, clock), locals=self.locals,
        )  # fmt: skip

    async def take(self, *deeds: Deed, caller: str = "", refuses: Exception | None = None) -> Call:
        """Answer one caller."""
        reception = self.reception
        call = await reception.answer(FakeLeg(deeds, caller, refuses))
        assert call
        await reception.settle()
        return call


@pytest.fixture(scope="module")
def house() -> House:
    return build(Settings())


async def test_a_whole_message_becomes_a_row_with_a_callback_due_by_noon(house: House) -> None:
    desk = Desk(house, [WHOLE, "да", "да"])  # the answer is heard twice: freely, and against the phrases
    call = await desk.take(Speaks(4), Speaks(1))
    message = desk.journal.messages[call.id]
    callback = desk.journal.promises[call.id]
    assert (call.end, call.mode, call.why_mode) == (CallEnd.COMPLETED, Mode.AFTER_HOURS, "weekend")
    assert message.phone and message.phone.e164 == "+79000001234"
    assert message.confirmed
    assert message.topic == "hot_water"
    assert callback.due_at == MONDAY_NOON
    assert callback.number == "+79000001234"


async def test_a_municipality_s_own_words_and_voice_meet_its_callers(house: House) -> None:
    lexicon = replace(read_lexicon(project_root() / "config"), localities=("Сухановка",), streets=("Тальниковая",))
    voice = {name: Prompt(name, prompt.text, bytes(1600)) for name, prompt in house.catalog.load()._catalog.items()}
    local = Local(Prompts(voice, house.catalog.pieces.texts(), house.catalog.yes_no_phrases), Understanding(lexicon))
    desk = Desk(house, ["яма сухановка улица тальниковая дом пять", "да", "да"], locals={"demo": local})
    leg = FakeLeg((Speaks(4), Speaks(1)), "+79000000077")
    reception = desk.reception
    call = await reception.answer(leg)
    await reception.settle()
    assert call
    assert call.notice_whole == pytest.approx(0.1)
    assert {len(sound) for sound in leg.played} <= {1600, *(len(sound) for sound in leg.played if not any(sound))}
    address = desk.journal.messages[call.id].address
    assert address
    assert (address.locality, address.street) == ("Сухановка", "Тальниковая")


async def test_the_notice_heard_is_kept_as_proof_with_the_call(house: House) -> None:
    call = await Desk(house, [WHOLE, "да", "да"]).take(Speaks(4), Speaks(1))
    assert len(call.notice_hash) == 64


async def test_the_recording_holds_the_caller_and_the_turns_know_their_places_on_it(house: House) -> None:
    desk = Desk(house, [WHOLE, "да", "да"])
    call = await desk.take(Speaks(4), Speaks(1))
    sound = desk.recordings.sounds[call.id]
    said = [turn for turn in desk.journal.turns[call.id] if turn.speaker is Speaker.CALLER]
    assert call.recording_seconds == pytest.approx(len(sound) / 16000)
    first = sound[round(said[0].offset * 16000) : round((said[0].offset + 4) * 16000)]
    assert len(first) == 4 * 16000
    assert any(first)


async def test_keys_stand_for_words(house: House) -> None:
    desk = Desk(house, ["нет горячей воды", WHOLE])
    call = await desk.take(Speaks(2), Presses("89000004321#"), Presses("1"), Speaks(2))
    message = desk.journal.messages[call.id]
    assert message.phone and message.phone.e164 == "+79000004321"
    assert message.confirmed
    assert message.name and message.name.surname == "Иванова"


async def test_a_silent_caller_is_called_back_on_the_number_he_rang_from(house: House) -> None:
    desk = Desk(house)
    call = await desk.take(caller="+79000000077")
    assert desk.journal.messages[call.id].topic == "unsuccessful_call"
    assert desk.journal.promises[call.id].number == "+79000000077"


async def test_a_silent_caller_without_a_number_leaves_a_row_and_no_promise(house: House) -> None:
    desk = Desk(house)
    call = await desk.take()
    assert call.id in desk.journal.messages
    assert desk.journal.promises == {}


async def test_who_hangs_up_in_mid_sentence_is_called_back(house: House) -> None:
    desk = Desk(house, ["у нас во дворе собаки"])
    call = await desk.take(Leaves(), caller="+79000008080")
    assert call.end is CallEnd.CALLER_HUNG_UP
    assert desk.journal.promises[call.id].number == "+79000008080"


async def test_a_line_without_sound_is_told_apart(house: House) -> None:
    call = await Desk(house).take(Leaves(no_media=True), caller="+79000008080")
    assert call.end is CallEnd.NO_MEDIA


@pytest.mark.parametrize(
    ("fault", "end"), [(CallerHungUp("cancelled"), CallEnd.CANCELLED), (MediaError("no codec"), CallEnd.BROKEN)]
)
async def test_a_call_that_was_never_answered_has_its_row_and_its_callback(
    house: House, fault: Exception, end: CallEnd
) -> None:
    desk = Desk(house)
    call = await desk.take(caller="+79000008080", refuses=fault)
    assert call.end is end
    assert desk.journal.promises[call.id].number == "+79000008080"


async def test_two_calls_from_one_number_are_one_callback_with_a_counter(house: House) -> None:
    desk = Desk(house)
    await desk.take(caller="+79000008080")
    await desk.take(caller="+79000008080")
    assert [callback.calls for callback in desk.journal.promises.values()] == [2]


async def test_without_a_recogniser_the_message_is_kept_and_transcribed_later(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")
    assert not desk.journal.messages[call.id].recognised
    await _sweep(desk, [WHOLE])
    message = desk.journal.messages[call.id]
    assert message.recognised
    assert message.phone and message.phone.e164 == "+79000001234"
    assert desk.journal.promises[call.id].number == "+79000001234"


async def test_while_the_recogniser_is_still_away_the_sweep_changes_nothing(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4))
    assert await _sweep(desk, [AWAY]) == 0
    assert not desk.journal.messages[call.id].recognised


async def test_a_fault_of_ours_ends_the_call_but_loses_nothing(house: House) -> None:
    class Broken(Exception):
        pass

    class Breaking(FakeLeg):
        def play(self, pcm: bytes) -> int:
            if len(self.played) == 3:
                raise Broken
            return super().play(pcm)

    desk = Desk(house)
    call = await desk.reception.answer(Breaking(caller="+79000008080"))
    assert call
    assert call.end is CallEnd.BROKEN
    assert desk.journal.promises[call.id].number == "+79000008080"


async def test_a_full_disk_does_not_end_the_conversation(house: House) -> None:
    desk = Desk(house, [WHOLE, "да", "да"])
    desk.recordings.full = True
    call = await desk.take(Speaks(4), Speaks(1))
    assert call.end is CallEnd.COMPLETED
    assert desk.journal.messages[call.id].phone


async def test_calls_that_a_crash_left_open_are_closed_at_the_next_start(house: House) -> None:
    desk = Desk(house)
    torn = replace(await desk.take(caller="+79000008080"), id="0" * 32, ended_at=None, end=None, engine="engine-1")
    desk.journal = MemoryJournal()
    await desk.journal.open(torn)
    await desk.journal.progress(torn, [Turn(1, Speaker.CALLER, 0.0, 4.0, WHOLE)])
    desk.recordings.sounds[torn.id] = bytes(16000 * 6)
    assert await desk.reception.recover() == 1
    closed, message = desk.journal.calls[torn.id], desk.journal.messages[torn.id]
    assert (closed.end, closed.recording, closed.recording_seconds) == (CallEnd.INTERRUPTED, torn.id, 6.0)
    assert message.phone and message.phone.e164 == "+79000001234"
    assert not message.recognised  # the last two seconds are still to be heard
    assert await desk.reception.recover() == 0


OPERATOR_SPEAKS = "меня зовут ольга петрова запишите телефон отдела восемь девятьсот ноль ноль ноль ноль ноль ноль семь"


def torn_talk(call: Call) -> tuple[Call, list[Turn]]:
    """An operator's conversation that the machine's power ended ten hours ago, and its turns."""
    asked = SUNDAY_NIGHT - timedelta(hours=10)
    torn = replace(
        call, id="0" * 32, started_at=asked, answered_at=None, ended_at=None, end=None, engine="engine-1",
        mode=Mode.FRONT_DESK, operator="Петрова О. О.", operator_at=asked + timedelta(seconds=9),
    )  # fmt: skip
    spoken = [
        Turn(1, Speaker.OPERATOR, 8.0, 6.0, OPERATOR_SPEAKS), Turn(2, Speaker.CALLER, 15.0, 9.0, WHOLE),
    ]  # fmt: skip
    return torn, spoken


async def test_a_recovered_call_lasted_as_long_as_what_is_left_of_it(house: House) -> None:
    """Clause 11: neither "never answered" nor a conversation until the next start."""
    desk = Desk(house)
    torn, spoken = torn_talk(await desk.take(caller="+79000008080"))
    desk.journal = MemoryJournal()
    await desk.journal.open(torn)
    await desk.journal.progress(replace(torn, answered_at=torn.started_at + timedelta(seconds=2)), spoken)
    desk.recordings.sounds[torn.id] = bytes(16000 * 60)
    await desk.reception.recover()
    caller, operator = legs_of_call(desk.journal.calls[torn.id])
    assert caller.answered_at == torn.started_at + timedelta(seconds=2)
    assert caller.ended_at == operator.ended_at == torn.started_at + timedelta(seconds=62)
    assert operator.answered_at == torn.operator_at


async def test_a_call_of_which_nothing_is_left_ended_when_it_began(house: House) -> None:
    desk = Desk(house)
    torn, _ = torn_talk(await desk.take(caller="+79000008080"))
    desk.journal = MemoryJournal()
    await desk.journal.open(replace(torn, operator="", operator_at=None))
    await desk.reception.recover()
    closed = desk.journal.calls[torn.id]
    assert (closed.answered_at, closed.ended_at) == (None, torn.started_at)


async def test_a_recording_in_a_store_that_is_away_is_not_forgotten(house: House) -> None:
    def away(_name: str, _channel: int = 0) -> bytes:
        raise RecordingsAway("away")

    desk = Desk(house)
    torn, spoken = torn_talk(await desk.take(caller="+79000008080"))
    desk.journal = MemoryJournal()
    await desk.journal.open(torn)
    await desk.journal.progress(torn, spoken)
    desk.recordings.read = away  # type: ignore[method-assign]
    await desk.reception.recover()
    assert desk.journal.calls[torn.id].recording == torn.id


async def test_what_an_operator_says_is_no_citizens_message(house: House) -> None:
    desk = Desk(house)
    torn, spoken = torn_talk(await desk.take())
    desk.journal = MemoryJournal()
    await desk.journal.open(torn)
    await desk.journal.progress(torn, spoken)
    await desk.reception.recover()
    message = desk.journal.messages[torn.id]
    assert message.name and message.name.surname == "Иванова"
    assert message.phone and message.phone.e164 == "+79000001234"
    assert "ольга" not in message.text


async def test_late_text_takes_the_citizens_words_and_leaves_the_mark_of_one_who_calls_often(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")
    (said,) = [turn for turn in desk.journal.turns[call.id] if turn.speaker is Speaker.CALLER]
    desk.journal.turns[call.id] = (Turn(1, Speaker.OPERATOR, 0.0, 6.0, OPERATOR_SPEAKS), replace(said, number=2))
    desk.journal.messages[call.id] = replace(desk.journal.messages[call.id], flags=(FREQUENT,))
    assert await _sweep(desk, [WHOLE]) == 1
    message = desk.journal.messages[call.id]
    assert message.name and message.name.surname == "Иванова"
    assert message.flags == (FREQUENT,)


async def test_a_row_of_which_no_recording_is_left_is_not_transcribed_for_ever(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")
    desk.journal.calls[call.id] = replace(call, recording=None)
    assert await _sweep(desk, []) == 1
    assert await _sweep(desk, []) == 0


async def test_with_a_full_disk_a_citizen_is_answered_and_his_row_waits(house: House, tmp_path: Path) -> None:
    """F3: neither the database nor the spool takes anything."""
    desk = Desk(house, [WHOLE, "да", "да"])
    memory, desk.recordings.full = desk.journal, True
    spool = SpooledJournal(memory, tmp_path / "spool.jsonl")
    desk.journal = spool  # type: ignore[assignment]
    memory.away, limits = True, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        call = await desk.take(Speaks(4), Speaks(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert call.end is CallEnd.COMPLETED
    memory.away = False
    await spool.replay()
    assert memory.messages[call.id].phone


async def test_what_happens_is_told_to_the_live_board(house: House) -> None:
    desk = Desk(house, [WHOLE, "да", "да"])
    await desk.take(Speaks(4), Speaks(1))
    assert desk.news[0] == "call_started"
    assert desk.news[-1] == "call_ended"
    assert {"prompt", "listening", "heard", "facts"} <= set(desk.news)


async def test_a_recording_on_its_way_from_another_machine_is_waited_for(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")
    there = desk.recordings.sounds.pop(call.id)
    sweep = _transcription(desk, [WHOLE])
    sweep.patience = 2
    assert await sweep.sweep() == 0
    desk.recordings.sounds[call.id] = there
    assert await sweep.sweep() == 1
    assert desk.journal.messages[call.id].recognised


async def test_a_recording_that_never_comes_is_given_up(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")
    del desk.recordings.sounds[call.id]
    sweep = _transcription(desk, [])
    sweep.patience = 2
    assert [await sweep.sweep() for _ in range(3)] == [0, 0, 1]


async def test_a_store_that_is_away_gives_up_no_recording(house: House) -> None:
    desk = Desk(house, [AWAY])
    call = await desk.take(Speaks(4), caller="+79000000077")

    def away(_name: str, _channel: int = 0) -> bytes:
        raise RecordingsAway("away")

    sweep, reads = _transcription(desk, [WHOLE]), desk.recordings.read
    desk.recordings.read = away  # type: ignore[method-assign]
    assert [await sweep.sweep() for _ in range(3)] == [0, 0, 0]
    desk.recordings.read = reads  # type: ignore[method-assign]
    assert await sweep.sweep() == 1
    assert desk.journal.messages[call.id].recognised


async def _sweep(desk: Desk, texts: Sequence[str | None]) -> int:
    return await _transcription(desk, texts).sweep()


def _transcription(desk: Desk, texts: Sequence[str | None]) -> Transcription:
    house = desk.house
    return Transcription(
        desk.journal,
        MemoryTalkBook(),
        desk.recordings,
        FakeRecognizer(texts),
        house.understand,
        house.municipalities,
        house.rules,
    )
