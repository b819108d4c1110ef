"""Confirmed topics vote as nearest neighbours: they help where the rules are unsure and override no strong one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.domain.precedent import Precedent
from ivr.language.learning import learned
from ivr.language.lexicon import Lexicon
from ivr.language.precedents import Precedents
from ivr.language.understanding import Understanding

STRANGE = "у нас опять тарахтелка на пригорке барахлит весь хутор мается"


@pytest.fixture(scope="module")
def pupil(lexicon: Lexicon) -> Understanding:
    """An understanding of its own."""
    return Understanding(lexicon)


@pytest.fixture(autouse=True)
def _forget(pupil: Understanding) -> Iterator[None]:
    yield
    pupil.learn(())


def _examples(topic: str, *texts: str) -> list[Precedent]:
    return [Precedent(f"{topic}-{number}", text, topic) for number, text in enumerate(texts)]


def test_what_the_rules_do_not_know_is_learnt_from_operators(pupil: Understanding) -> None:
    assert pupil(STRANGE).topics[0].value == "other"
    pupil.learn(
        _examples("cold_water", "тарахтелка на пригорке опять барахлит", "на пригорке тарахтелка барахлит хутор мается")
    )
    facts = pupil("барахлит тарахтелка на пригорке хутор весь мается")
    assert facts.topics[0].value == "cold_water"
    assert dict(facts.neighbours) == {"cold_water": 2}


def test_a_strong_rule_keeps_its_place_against_any_number_of_votes(pupil: Understanding) -> None:
    text = "в подъезде лифт не работает третий день"
    before = pupil(text).topics[0].value
    pupil.learn(_examples("transport", *[text] * 50))
    facts = pupil(text)
    assert facts.topics[0].value == before == "building_maintenance"
    assert "transport" in [topic.value for topic in facts.topics]


def test_messages_of_other_words_have_no_vote(pupil: Understanding) -> None:
    text = "собаки бегают возле школы"
    alone = pupil(text)
    pupil.learn(_examples("heating", "батареи холодные в квартире", "котельная не топит вторую неделю"))
    assert pupil(text) == alone


def test_names_numbers_and_addresses_make_no_messages_alike(pupil: Understanding) -> None:
    who = "меня зовут иванова мария петровна телефон восемь девятьсот ноль ноль ноль один два три четыре"
    pupil.learn(_examples("heating", f"{who} батареи холодные"))
    assert pupil(f"{who} {STRANGE}").neighbours == ()


def test_switched_off_nobody_votes(pupil: Understanding) -> None:
    alone = pupil(STRANGE)
    pupil.learn(_examples("cold_water", STRANGE))
    assert pupil(STRANGE) != alone
    pupil.learn(())
    assert pupil(STRANGE) == alone


def test_the_balance_leaves_each_message_its_own_vote_out(pupil: Understanding) -> None:
    examples = _examples("cold_water", STRANGE, f"{STRANGE} третий день") + _examples("heating", "батареи холодные")
    balance = learned(pupil, examples)
    assert (balance.rows, balance.right_before, balance.right_after) == (3, 1, 3)
    assert [(lesson.before, lesson.after, lesson.better, lesson.worse) for lesson in balance.lessons] == [
        ("other", "cold_water", True, False)
    ] * 2
    alone = learned(pupil, examples[:1])
    assert alone.lessons == ()


def test_the_balance_shows_harm_as_well(pupil: Understanding) -> None:
    text = "у нас тут вопрос по тарахтелке на пригорке"
    examples = _examples("snow", text, text) + _examples("other", text)
    (lesson,) = learned(pupil, examples).lessons[-1:]
    assert (lesson.worse, lesson.better, lesson.confirmed) == (True, False, "other")


def test_lessons_tell_words_but_no_names(pupil: Understanding) -> None:
    text = f"иванова мария петровна {STRANGE}"
    lesson = learned(pupil, _examples("cold_water", text, text)).lessons[0]
    assert "хутор" in lesson.words
    assert not {"иванов", "иванова", "мария", "петровна"} & set(lesson.words)


@pytest.mark.parametrize("text", ["", "да", "123", "а и о", "\x00"])
def test_texts_without_telling_words_vote_for_nothing(pupil: Understanding, text: str) -> None:
    precedents: Precedents = pupil.learn(_examples("snow", text, "снег не чистят"))
    assert len(precedents) == 2
    assert precedents.votes(text.split()).scores == {}
