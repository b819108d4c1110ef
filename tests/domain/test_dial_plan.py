"""No number outside the plan is ever dialled."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from ivr.domain.dial_plan import may_be_dialled

NUMBERS = 100_000


def oracle(number: str) -> bool:
    """Read digit by digit: "+7", ten digits, a city's or a mobile operator's code."""
    if len(number) != 12 or number[:2] != "+7" or not all("0" <= digit <= "9" for digit in number[1:]):
        return False
    return number[2] in "349" or (number[2] == "8" and number[3] != "0")


def a_number(chance: random.Random) -> str:
    """Any of the shapes that frauds and mistakes have."""
    digits = "".join(chance.choices("0123456789", k=chance.choice((3, 7, 9, 10, 10, 10, 10, 11, 14))))
    start = chance.choice(("+7", "+7", "+7", "+7", "8", "8-10", "810", "+7800", "+7809", "+77", "+1", "+", "", "*"))
    return chance.choice(("", "", "", "", " ", "\n", "\u0661")) + start + digits


def test_of_a_hundred_thousand_numbers_none_is_judged_otherwise_than_by_the_oracle() -> None:
    chance = random.Random(13)
    allowed = 0
    for _ in range(NUMBERS):
        number = a_number(chance)
        assert may_be_dialled(number) == oracle(number), number
        allowed += may_be_dialled(number)
    assert allowed > NUMBERS / 100


@pytest.mark.parametrize("kind", [phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST])
def test_premium_numbers_of_the_library_are_refused(kind: int) -> None:
    example = phonenumbers.example_number_for_type("RU", kind)
    if example is None:
        pytest.skip("the library knows no such Russian number")
    assert not may_be_dialled(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))


@pytest.mark.parametrize("number", ["+74875500000"[:12], "+79000000000", "+78120000000"])
def test_city_and_mobile_numbers_may_be_dialled(number: str) -> None:
    assert may_be_dialled(number)
