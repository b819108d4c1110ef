"""No text of any kind breaks the understanding, and its work grows with the length, not faster."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.contact import PhoneNumber
from ivr.language.facts import Certain, Facts
from ivr.language.text import LONGEST_WORDS, split
from ivr.language.understanding import Understanding

PHRASES = [
    json.loads(line)["text"]
    for name in ("phones", "names", "topics", "addresses", "flags", "whole")
    for line in (Path(__file__).parent / f"{name}.jsonl").read_text("utf-8").splitlines()
]
VOCABULARY = sorted({word for phrase in PHRASES for word in phrase.split()})
heaps = st.lists(st.sampled_from(VOCABULARY), max_size=40).map(" ".join)
NUMBER = PhoneNumber("+79000000000")


def _in_order(facts: Facts, length: int) -> None:
    """Every fact says where it was said: words of the text."""
    everything: list[Certain[object]] = [
        *facts.phones, *facts.topics, *facts.flags,
        *[fact for fact in (facts.name, facts.address, facts.incomplete_phone) if fact],
    ]  # fmt: skip
    for fact in everything:
        assert 0 <= fact.span.start <= fact.span.end <= length, fact
        assert 0 <= fact.confidence <= 1, fact


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200))
def test_no_text_breaks_it(understand: Understanding, text: str) -> None:
    _in_order(understand(text), len(text.split()))
    understand.yes_or_no(text)
    understand.correction(text, NUMBER)


@settings(max_examples=300, deadline=None)
@given(text=heaps, asked=st.sampled_from(["", "phone", "name"]))
def test_no_heap_of_words_breaks_it(understand: Understanding, text: str, asked: str) -> None:
    facts = understand(text, asked=asked)
    _in_order(facts, len(text.split()))
    assert len(facts.topics) <= 3
    assert len({topic.value for topic in facts.topics}) == len(facts.topics)
    understand.correction(text, NUMBER)


@settings(max_examples=100, deadline=None)
@given(text=heaps)
def test_the_same_text_is_always_understood_the_same(understand: Understanding, text: str) -> None:
    assert understand(text) == understand(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "-" * 5000,
        "9" * 5000,
        "а" * 100_000,
        "ё\u0301" * 50,
        "\u202e номер",
        "=1+1",
        "𝟗𝟐𝟔",
        "½ ² ③",
        "١٢٣",
    ],
    ids=lambda text: repr(text[:8]),
)
def test_strange_texts_are_understood_as_nothing_much(understand: Understanding, text: str) -> None:
    facts = understand(text)
    assert facts.phones == ()
    assert facts.name is None


def _work(understand: Understanding, text: str) -> int:
    """Calls made while a text is understood, the caches being warm."""
    understand(text)
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        understand(text)
    finally:
        sys.setprofile(None)
    return calls


def _talk(words: int) -> str:
    """So many words of callers, in an order that stays the same."""
    source = random.Random(515)
    talk: list[str] = []
    while len(talk) < words:
        talk += source.choice(PHRASES).split()
    return " ".join(talk[:words])


def test_the_work_grows_with_the_length_of_a_message(understand: Understanding) -> None:
    short, long = _work(understand, _talk(250)), _work(understand, _talk(1000))  # 250 words: a message of 90 seconds
    assert long <= 4.6 * short


def test_ten_thousand_words_are_no_more_work_than_what_is_read_of_them(understand: Understanding) -> None:
    read = _work(understand, _talk(LONGEST_WORDS))
    assert _work(understand, _talk(10_000)) <= 1.1 * read
    assert read <= 14 * _work(understand, _talk(250))


def test_ten_thousand_numerals_in_a_row_are_bounded_work(understand: Understanding) -> None:
    short = _work(understand, "девять двадцать ноль " * 100)
    assert _work(understand, "девять двадцать ноль " * 3334) <= 25 * short


@pytest.mark.parametrize(
    "phrase",
    [
        "шестьсот ноль два", "не двадцать а тридцать", "дважды три раза пять", "ой нет точнее восемь",
        "меня зовут", "а", "имя фамилия отчество", "иванова мария петровна", "тудым", "снег снек", "в селе на улице",
        "улица дом пять", "убью вас", "недорого звоните", "козел вы",
    ],
)  # fmt: skip
def test_a_phrase_repeated_without_end_is_no_trap(understand: Understanding, phrase: str) -> None:
    assert _work(understand, f"{phrase} " * 600) <= 2.4 * _work(understand, f"{phrase} " * 300)


def test_a_long_text_keeps_its_places() -> None:
    text = _talk(10_000)
    assert split(text) == split(" ".join(text.split()[:LONGEST_WORDS]))
