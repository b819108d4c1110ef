"""Forms of a municipality's own words."""

from __future__ import annotations

import pytest

from ivr.language.local_words import WordKind, said_forms
from ivr.language.morphology import Morphology

MORPHOLOGY = Morphology()


def forms(word: str, kind: WordKind) -> dict[str, str]:
    return said_forms(word, kind, MORPHOLOGY)


@pytest.mark.parametrize("listed", ["щеголихин", "щеголихина"])
def test_a_surname_is_said_of_both_genders_in_every_case(listed: str) -> None:
    found = forms(listed, WordKind.SURNAME)
    assert found["щеголихин"] == "surname_m"
    assert found["щеголихина"] == "surname_f"
    assert {"щеголихину", "щеголихиным", "щеголихине", "щеголихиной"} <= set(found)


def test_a_surname_that_does_not_bend_stays_as_it_is() -> None:
    assert "шаповаленко" in forms("шаповаленко", WordKind.SURNAME)


def test_a_street_is_said_in_the_feminine() -> None:
    found = forms("малокаширская", WordKind.STREET)
    assert found["малокаширская"] == "street_nomn"
    assert found["малокаширской"] in {"street_gent", "street_loct"}
    assert forms("первостроителей", WordKind.STREET) == {"первостроителей": "street"}


def test_a_place_is_said_by_its_name_and_after_in() -> None:
    found = forms("малиновка", WordKind.PLACE)
    assert found["малиновка"] == "place"
    assert found["малиновке"] == "place_in"
    assert "малиновки" in found


def test_any_other_word_is_said_in_all_its_forms() -> None:
    assert {"квадрокоптер", "квадрокоптера", "квадрокоптеры"} <= set(forms("квадрокоптер", WordKind.OTHER))


@pytest.mark.parametrize("kind", list(WordKind))
def test_a_word_that_is_like_no_other_is_taken_as_it_stands(kind: WordKind) -> None:
    assert "ъъь" in forms("ъъь", kind)
