"""The texts of the speech model's recipe: numbers, names, sentences, and that the trials stay unseen."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest
from recipe import numbers, sentences, speech_text, words

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.settings import project_root
from ivr.language.phones import find_phones
from ivr.language.text import split


@pytest.mark.parametrize(
    ("number", "case", "said"),
    [
        (0, "nomn", "ноль"),
        (21, "gent", "двадцати одного"),
        (40, "gent", "сорока"),
        (200, "datv", "двумстам"),
        (548, "ablt", "пятьюстами сорока восемью"),
        (999, "nomn", "девятьсот девяносто девять"),
    ],
)
def test_cardinals_are_said_in_every_case(number: int, case: str, said: str) -> None:
    assert numbers.cardinal(number, case) == said


@pytest.mark.parametrize(("number", "said"), [(1, "первой"), (40, "сороковой"), (147, "сто сорок седьмой")])
def test_ordinals_are_said_in_case_and_gender(number: int, said: str) -> None:
    assert numbers.ordinal(number, "gent", "femn") == said


def test_telephone_numbers_in_any_grouping_are_understood_as_the_number_they_came_from() -> None:
    lexicon, chance = read_lexicon(project_root() / "config"), random.Random(5)
    said = [numbers.telephone(chance) for _ in range(200)]
    assert len({text.partition(" ")[0] for text, _ in said}) > 2
    wrong = [text for text, number in said if _found(text, lexicon) != number]
    assert wrong == []


def _found(text: str, lexicon: object) -> str:
    phones, _ = find_phones(split(text), lexicon, asked=True)  # type: ignore[arg-type]
    return phones[0].value.e164 if phones else ""


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [
        ("иван", "иванович", "ивановна"),
        ("илья", "ильич", "ильинична"),
        ("василий", "васильевич", "васильевна"),
        ("игорь", "игоревич", "игоревна"),
        ("лев", "львович", "львовна"),
    ],
)
def test_patronymics_follow_the_fathers_name(father: str, son: str, daughter: str) -> None:
    assert words.patronymics(father)[:2] == (son, daughter)


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    def said(seed: int) -> list[str]:
        caller = sentences.Caller(seed)
        return [caller.message() for _ in range(20)]

    assert said(1) == said(1)
    assert said(1) != said(2)


def test_a_grown_sentence_has_nothing_left_to_choose() -> None:
    caller = sentences.Caller(3)
    for _ in range(300):
        assert re.fullmatch("[а-яё ]+", caller.message())


def test_words_of_a_class_are_marked_for_the_language_model() -> None:
    caller = sentences.Caller(4, tagged=True)
    marked = {part for _ in range(300) for part in re.findall(r"/(\w+)", caller.message())}
    assert {"surname_f", "surname_m", "name_f", "patronymic_m", "street_loct", "place"} <= marked


def test_no_message_of_the_trials_is_among_the_texts_that_anything_learns_from() -> None:
    learned = {line for name in ("talk.txt", "templates.txt", "slots.txt") for line in words.lines(name)}
    for trial in ("trial-free.txt", "trial-templates.txt", "development.txt"):
        messages = [line for line in words.lines(trial) if not line.startswith("[")]
        assert not learned & set(messages)
        for line in messages:
            assert not any(_shares_six_words(line, other) for other in learned), line


def _shares_six_words(line: str, other: str) -> bool:
    said = line.split()
    runs = (" ".join(said[at : at + 6]) for at in range(max(0, len(said) - 5)))
    return any(f" {run} " in f" {other} " for run in runs)


def test_there_are_enough_messages_written_freely() -> None:
    assert len(words.lines("trial-free.txt")) >= 150
    assert len(set(words.lines("trial-free.txt"))) == len(words.lines("trial-free.txt"))


def test_every_list_says_where_it_comes_from() -> None:
    lists = sorted(words.DATA.glob("*.txt"))
    assert len(lists) >= 10
    silent = [path.name for path in lists if not path.read_text("utf-8").startswith("# ")]
    assert silent == []


def test_the_lists_hold_what_a_helpline_needs() -> None:
    assert len(words.surnames()) >= 1500
    assert all(man and woman for man, woman in words.surnames())
    assert ("иванов", "иванова") in words.surnames()
    assert len(words.people("men")) > 60
    assert len(words.people("women")) > 60
    assert len(words.general()) > 10_000
    assert len(words.places()) > 50


def test_the_voices_read_every_kind_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_text, "vocabulary", lambda: ("абажур", "ялта"))
    reader = speech_text.Reader("1", ["меня никто не слышит"])
    texts = [reader.text() for _ in range(300)]
    assert "меня никто не слышит" in texts
    assert any("девятьсот" in text for text in texts)
    assert any("улица" in text for text in texts)
    assert any("абажур" in text for text in texts)
    again = speech_text.Reader("1", ["меня никто не слышит"])
    assert list(islice((again.text() for _ in range(5)), 5)) == texts[:5]
