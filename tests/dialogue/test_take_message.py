"""The conversation: what is asked, what is not, what is kept (clauses 7, 12; interpretations 7, 8, 24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.house import House, build
from ivr.dialogue.draft import Draft, draft_from_turns
from ivr.dialogue.take_message import take_message
from ivr.domain.turn import EndedBy, Reply, Speaker, Turn
from ivr.errors import CallerHungUp
from tests.dialogue.written_line import AWAY, HANGS_UP, SILENCE, WrittenLine, presses, says
from tests.samples import a_call

WATER = "меня зовут иванова мария петровна нет горячей воды улица советская дом пять"
NUMBER = "телефон восемь девятьсот ноль ноль ноль двенадцать тридцать четыре"
DUE = datetime(2026, 11, 23, 12, 0)


@pytest.fixture(scope="module")
def house() -> House:
    return build(Settings())


async def talk(house: House, *replies: Reply, caller: str = "", **rules: object) -> tuple[WrittenLine, Draft]:
    """Hold the conversation to its end, whoever ends it."""
    line, draft = WrittenLine(*replies), Draft(due=DUE, caller_number=caller)
    try:
        await take_message(line, house.catalog.load(), house.understand, replace(house.rules, **rules), draft)  # type: ignore[arg-type]
    except CallerHungUp:
        line.log.append("hung up")
    return line, draft


async def test_notice_and_greeting_come_first_and_only_then_the_recording_starts(house: House) -> None:
    line, _ = await talk(house)
    assert line.log[:5] == ["recording_notice", "after_hours_greeting", "record", "beep", "listen"]


async def test_the_order_of_notice_and_greeting_can_be_turned(house: House) -> None:
    line, _ = await talk(house, recording_notice_first=False)
    assert line.log[:2] == ["after_hours_greeting", "recording_notice"]


async def test_who_says_everything_at_once_is_asked_only_whether_the_number_is_right(house: House) -> None:
    line, draft = await talk(house, says(f"{WATER} {NUMBER}"), says("да верно"))
    assert line.asked == ["beep", "number_read_back_question"]
    assert draft.phone and draft.phone.e164 == "+79000001234"
    assert draft.confirmed
    assert draft.name and draft.name.surname == "Иванова"
    assert line.log[-3:] == ["thanks", "promise", "goodbye"]


async def test_who_forgets_the_number_is_asked_and_may_key_it_in(house: House) -> None:
    line, draft = await talk(house, says(WATER), presses("89000001234"), presses("1"))
    assert line.asked == ["beep", "ask_phone", "number_read_back_question"]
    assert draft.phone and draft.phone.e164 == "+79000001234"
    assert draft.confirmed


async def test_the_number_is_asked_for_twice_at_most(house: House) -> None:
    line, draft = await talk(house, says(WATER), says("не помню"), says("не знаю"), caller="+79000005555")
    assert line.log.count("ask_phone") + line.log.count("ask_phone_again") == 2
    assert draft.phone is None
    assert "number_is_caller_id" in line.log


async def test_the_number_read_back_can_be_corrected_by_voice(house: House) -> None:
    corrected = says("нет восемь девятьсот ноль ноль ноль двенадцать тридцать пять")
    line, draft = await talk(house, says(f"{WATER} {NUMBER}"), corrected, says("да"))
    assert draft.phone and draft.phone.e164 == "+79000001235"
    assert line.log.count("number") == 2


async def test_the_number_read_back_can_be_refused_by_key_and_keyed_in_anew(house: House) -> None:
    _, draft = await talk(house, says(f"{WATER} {NUMBER}"), presses("2"), presses("89000009999"), presses("1"))
    assert draft.phone and draft.phone.e164 == "+79000009999"
    assert draft.confirmed


async def test_a_refused_number_not_said_again_is_none_where_the_callers_own_is_known(house: House) -> None:
    """A stranger must not be called; people still see what was heard."""
    refuses = (says("нет"), SILENCE, says("нет"), SILENCE, says("нет"), SILENCE)
    line, draft = await talk(house, says(f"{WATER} {NUMBER}"), *refuses, caller="+79000000077")
    assert (draft.phone, draft.incomplete_phone) == (None, "+79000001234")
    assert "number_is_caller_id" in line.log


async def test_a_number_refused_and_then_met_with_silence_is_none_either(house: House) -> None:
    refuses = (says("нет"), SILENCE, SILENCE)
    line, draft = await talk(house, says(f"{WATER} {NUMBER}"), *refuses, caller="+79000000077")
    assert draft.phone is None
    assert "number_is_caller_id" in line.log


async def test_a_number_refused_before_a_hang_up_is_none_either(house: House) -> None:
    _, draft = await talk(house, says(f"{WATER} {NUMBER}"), says("нет"), HANGS_UP, caller="+79000000077")
    assert draft.seal(a_call(1), "").number_to_call == "+79000000077"


async def test_a_refused_number_is_better_than_none(house: House) -> None:
    _, draft = await talk(house, says(f"{WATER} {NUMBER}"), says("нет"), HANGS_UP)
    assert draft.seal(a_call(1), "").number_to_call == "+79000001234"


def test_a_talk_is_about_what_was_said_first_and_not_about_its_courtesies(house: House) -> None:
    spoken = ("алло здравствуйте", "у нас нет горячей воды на советской пять", "спасибо большое до свидания")
    turns = [Turn(number, Speaker.CALLER, 10.0 * number, 4.0, text) for number, text in enumerate(spoken)]
    draft = draft_from_turns(Draft(due=DUE), turns, house.understand)
    assert draft.topics[0].value == "hot_water"


async def test_a_name_not_said_is_asked_for(house: House) -> None:
    line, draft = await talk(house, says(f"нет горячей воды {NUMBER}"), says("да"), says("кузнецов николай иванович"))
    assert line.asked[-1] == "ask_name"
    assert draft.name and draft.name.full == "Кузнецов Николай Иванович"


async def test_who_refuses_to_give_a_name_is_not_asked_again(house: House) -> None:
    line, draft = await talk(house, says(f"нет горячей воды {NUMBER}"), says("да"), says("не хочу называть имя"))
    assert line.log.count("ask_name") + line.log.count("ask_name_again") == 1
    assert draft.name is None


async def test_who_is_silent_is_encouraged_once_and_promised_a_call_when_his_number_is_known(house: House) -> None:
    line, draft = await talk(house, SILENCE, SILENCE, caller="+79000000077")
    assert line.asked == ["beep", "silence_prompt"]
    assert not draft.spoke
    assert line.log[-1] == "goodbye"
    assert "promise" in line.log


async def test_who_speaks_too_quietly_is_told_so(house: House) -> None:
    line, _ = await talk(house, Reply(spoke=True), says(f"{WATER} {NUMBER}"), says("да"))
    assert line.asked[1] == "too_quiet"


async def test_nothing_is_promised_to_who_left_no_number(house: House) -> None:
    line, _ = await talk(house, says(WATER), SILENCE, SILENCE)
    assert line.log[-2:] == ["no_number", "goodbye"]
    assert "promise" not in line.log


async def test_a_message_only_line_asks_nothing(house: House) -> None:
    line, _ = await talk(house, says(WATER), caller="+79000000077", ask_for_missing=False)
    assert line.asked == ["beep"]


async def test_without_a_recogniser_nothing_is_asked_and_the_message_is_taken(house: House) -> None:
    line, draft = await talk(house, AWAY, caller="+79000000077")
    assert line.asked == ["beep"]
    assert not draft.recognised
    assert line.log[-1] == "goodbye"


@pytest.mark.parametrize("turns", range(4))
async def test_who_hangs_up_at_any_turn_leaves_what_he_said(house: House, turns: int) -> None:
    said = [says(f"{WATER} {NUMBER}"), says("нет восемь девятьсот ноль ноль ноль двенадцать тридцать пять"), says("да")]
    line, draft = await talk(house, *said[:turns], HANGS_UP)
    assert line.log[-1] == "hung up" or turns == 3
    assert bool(draft.phone) == (turns > 0)


async def test_words_of_mortal_danger_bring_the_number_112(house: House) -> None:
    line, draft = await talk(house, says(f"пожар горит дом {NUMBER}"), says("да"))
    assert draft.is_urgent
    assert "emergency_112" in line.log


async def test_words_spoken_before_a_hang_up_are_kept_with_the_hang_up(house: House) -> None:
    reply = replace(says(WATER), ended_by=EndedBy.HANGUP)
    _, draft = await talk(house, reply)
    assert draft.name and draft.name.surname == "Иванова"
