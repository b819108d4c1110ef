"""No number outside the plan is ever dialled."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from ivr.domain.dial_plan import may_be_dialled, may_be_rung
from tests.dialled_numbers import a_number, oracle

NUMBERS = 100_000


def test_of_a_hundred_thousand_numbers_none_is_judged_otherwise_than_by_the_oracle() -> None:
    chance = random.Random(13)
    allowed = 0
    for _ in range(NUMBERS):
        number = a_number(chance)
        assert may_be_dialled(number) == oracle(number), number
        allowed += may_be_dialled(number)
    assert allowed > NUMBERS / 100


def test_what_the_library_knows_as_a_russian_city_or_mobile_number_is_what_may_be_dialled() -> None:
    """Every code with a few endings; 840 and 940, which the library counts as Russian, are Abkhazia's today."""
    kinds = phonenumbers.PhoneNumberType
    ours = (kinds.FIXED_LINE, kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)
    for code in range(300, 1000):
        for ending in ("2000000", "5550000", "9012345"):
            number = f"+7{code}{ending}"
            known = phonenumbers.parse(number)
            if code in (840, 940) or not phonenumbers.is_valid_number(known):
                continue
            is_ours = phonenumbers.region_code_for_number(known) == "RU" and phonenumbers.number_type(known) in ours
            assert may_be_dialled(number) == is_ours, number


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("sip:101@10.0.0.2", True),
        ("sip:anna.petrova@pbx.local", True),
        ("sip:+79000000000@10.0.0.2", True),
        ("sip:89000000000@10.0.0.2", True),
        ("sip:operator-12@10.0.0.2", True),
        ("sip:810441234567@10.0.0.2", False),
        ("sip:8-10-44-1234567@10.0.0.2", False),
        ("sip:+88213000000@10.0.0.2", False),
        ("sip:+78090000000@10.0.0.2:5060;transport=udp", False),
        ("sip:9810441234567@10.0.0.2", False),
        ("sip:9000000000000;phone-context=x@10.0.0.2", False),
    ],
)
def test_an_operators_telephone_is_no_way_round_the_plan(address: str, may: bool) -> None:
    assert may_be_rung(address) is may


@pytest.mark.parametrize("kind", [phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST])
def test_premium_numbers_of_the_library_are_refused(kind: int) -> None:
    example = phonenumbers.example_number_for_type("RU", kind)
    if example is None:
        pytest.skip("the library knows no such Russian number")
    assert not may_be_dialled(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))


@pytest.mark.parametrize("number", ["+74875500000"[:12], "+79000000000", "+78120000000"])
def test_city_and_mobile_numbers_may_be_dialled(number: str) -> None:
    assert may_be_dialled(number)
