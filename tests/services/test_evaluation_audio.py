"""The figures of a recogniser, from what was said and what was heard."""

from __future__ import annotations

import pytest

from ivr.domain.turn import HeardWord
from ivr.language.facts import Facts
from ivr.services.evaluation_audio import Attempt, Sample, aligned, score


def heard(text: str, confidence: float = 1.0) -> tuple[HeardWord, ...]:
    return tuple(HeardWord(word, at, at + 0.5, confidence) for at, word in enumerate(text.split()))


def nothing(_text: str, _asked: str) -> Facts:
    return Facts()


@pytest.mark.parametrize(
    ("said", "found", "wrong"),
    [
        ("нет воды", "нет воды", 0),
        ("нет воды", "нет беды", 1),
        ("нет горячей воды", "нет воды", 1),
        ("нет воды", "нет горячей воды", 1),
        ("", "алло", 1),
        ("нет воды", "", 2),
        ("а б в г", "б в г д", 2),
    ],
)
def test_the_cheapest_pairing_counts_what_is_swapped_left_out_and_invented(said: str, found: str, wrong: int) -> None:
    here, there = said.split(), found.split()
    pairs = aligned(here, there)
    right = [(a, b) for a, b in pairs if a is not None and b is not None and here[a] == there[b]]
    assert len(pairs) - len(right) == wrong
    assert [a for a, _ in pairs if a is not None] == list(range(len(here)))
    assert [b for _, b in pairs if b is not None] == list(range(len(there)))


def test_errors_are_shares_of_the_words_said_and_of_the_recordings() -> None:
    attempts = [
        Attempt(Sample("1", "нет горячей воды третий день"), heard("нет горячей воды третий день"), 2.0),
        Attempt(Sample("2", "чёрная вода идёт"), heard("черная вода ведёт"), 1.0),
    ]
    figures = score(attempts, nothing)
    assert (figures["words"], figures["word_error_rate"]) == (8, 12.5)
    assert figures["sentence_error_rate"] == 50.0
    assert figures["seconds"] == 3.0
    assert figures["invented_words_per_minute"] is None


def test_words_heard_where_nothing_is_said_are_counted_by_the_minute() -> None:
    attempts = [Attempt(Sample("1", ""), heard("да"), 90.0), Attempt(Sample("2", ""), (), 30.0)]
    assert score(attempts, nothing)["invented_words_per_minute"] == 0.5
    assert score(attempts, nothing)["word_error_rate"] is None


def test_the_curve_tells_for_each_confidence_how_many_words_were_right() -> None:
    attempts = [
        Attempt(Sample("1", "нет воды"), (*heard("нет", 1.0), *heard("беды", 0.4)), 1.0),
        Attempt(Sample("2", "свет погас"), (*heard("свет", 0.45), *heard("погас", 0.999)), 1.0),
    ]
    bins = {(one["from"], one["to"]): (one["words"], one["right"]) for one in score(attempts, nothing)["confidence"]}
    assert bins[0.3, 0.5] == (2, 50.0)
    assert bins[0.99, 1.0] == (2, 100.0)
    assert bins[0.5, 0.7] == (0, None)
    assert sum(words for words, _ in bins.values()) == 4


def test_slots_written_in_the_listing_are_compared_with_what_is_understood() -> None:
    from ivr.domain.contact import PersonName
    from ivr.language.facts import Certain, Span

    def understand(text: str, asked: str) -> Facts:
        surname = "Иванова" if "иванова" in text else "Петрова"
        name = Certain(PersonName(surname, "Мария", "Петровна"), 0.9, Span(0, 3), ())
        return Facts(name=name) if asked == "name" else Facts()

    expected = {"surname": "иванова", "name": "мария", "patronymic": "петровна"}
    right = Sample("1", "иванова мария петровна", expected, "name")
    figures = score(
        [
            Attempt(right, heard("иванова мария петровна"), 1.0),
            Attempt(right, heard("и панова мария петровна"), 1.0),
        ],
        understand,
    )
    assert figures["slots"]["name"] == {"said": 2, "right": 50.0}
    assert figures["slots"]["phone"] == {"said": 0, "right": None}
