"""Any mobile number, however it is grouped and announced, comes back digit by digit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.turn import HeardWord
from ivr.language.understanding import Understanding
from tests.language.spoken import number_said

mobiles = st.from_regex(r"9[0-9]{9}", fullmatch=True).map(str)
sizes = st.lists(st.integers(1, 3), min_size=4, max_size=10)
prefixes = st.sampled_from(["", "восемь", "плюс семь", "семь"])
before = st.sampled_from(["", "мой номер", "запишите телефон", "перезвоните на", "здравствуйте контактный телефон"])
after = st.sampled_from(["", "спасибо", "жду звонка", "звоните вечером", "это мобильный"])


def _grouped(digits: str, lengths: list[int]) -> list[str]:
    groups, start = [], 0
    for length in [*lengths, *[2] * len(digits)]:
        if start < len(digits):
            groups.append(digits[start : start + length])
            start += length
    return groups


@settings(max_examples=400, deadline=None)
@given(digits=mobiles, lengths=sizes, prefix=prefixes, opening=before, closing=after)
def test_a_mobile_number_comes_back_exactly(
    understand: Understanding, digits: str, lengths: list[int], prefix: str, opening: str, closing: str
) -> None:
    number = number_said(_grouped(digits, lengths))
    text = " ".join(part for part in (opening, prefix, number, closing) if part)
    assert [phone.value.e164 for phone in understand(text).phones] == [f"+7{digits}"], text


@settings(max_examples=150, deadline=None)
@given(digits=mobiles, lengths=sizes)
def test_a_number_said_twice_is_one_number(understand: Understanding, digits: str, lengths: list[int]) -> None:
    number = number_said(_grouped(digits, lengths))
    text = f"восемь {number} повторяю восемь {number}"
    assert [phone.value.e164 for phone in understand(text).phones] == [f"+7{digits}"], text


@settings(max_examples=150, deadline=None)
@given(digits=mobiles, missing=st.integers(1, 4))
def test_an_incomplete_number_is_never_completed(understand: Understanding, digits: str, missing: int) -> None:
    text = "мой номер восемь " + number_said(list(digits[:-missing]))
    facts = understand(text)
    assert not facts.phones, text
    assert facts.incomplete_phone is not None
    assert facts.incomplete_phone.value == "8" + digits[:-missing]


@settings(max_examples=100, deadline=None)
@given(digits=mobiles, place=st.integers(0, 9), confidence=st.floats(0.0, 0.9))
def test_a_doubtful_digit_makes_the_number_doubtful(
    understand: Understanding, digits: str, place: int, confidence: float
) -> None:
    text = number_said(list(digits))
    heard = [HeardWord(word, at, at + 1.0, 1.0) for at, word in enumerate(text.split())]
    sure = understand(text, words=heard).phones[0].confidence
    heard[place] = HeardWord(heard[place].text, float(place), place + 1.0, confidence)
    assert understand(text, words=heard).phones[0].confidence < sure
