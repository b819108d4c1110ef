"""What is kept of a message is what it is asked for by: other forms, other spellings, ends of numbers."""

from __future__ import annotations

import pytest

from ivr.language.morphology import shared_morphology
from ivr.language.search_words import SearchWords, mark

WORDS = SearchWords(shared_morphology())


def finds(asked: str, text: str, *numbers: str) -> bool:
    kept = WORDS.kept([text], numbers)
    groups = WORDS.asked(asked)
    return bool(groups) and all(group & kept for group in groups)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("собака", "стая собак возле садика"), ("собаки", "бегает собакой"), ("горячая вода", "нет горячей воды"),
        ("Иванова", "Ивановой Марии"), ("иванов", "Иванова Мария"), ("теплое", "п. Тёплое"), ("Тёплое", "теплое"),
        ("тепло-огаревский", "Тёпло-Огарёвский район"), ("СНЕГ", "не чистят снега"), ("яма дорога", "ямы на дороге"),
        ("мелкиседекова", "звонит мелкиседекова"), ("дом 5", "дом 5 кв. 12"),
    ],
)  # fmt: skip
def test_other_forms_of_a_word_find_it(asked: str, text: str) -> None:
    assert finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [("вода горячая снег", "нет горячей воды"), ("кот", "который день"), ("5123", "дом 512"), ("", "x")],
)
def test_what_is_not_there_is_not_found(asked: str, text: str) -> None:
    assert not finds(asked, text)


@pytest.mark.parametrize(
    "asked",
    ["+7 900 000-12-34", "8 900 000 12 34", "89000001234", "000-12-34", "1234", "01234", "(900) 000 12 34", "00 12 34"],
)
def test_a_number_is_found_by_its_ends_however_it_is_written(asked: str) -> None:
    assert finds(asked, "", "+79000001234")


def test_numbers_and_words_are_asked_for_together() -> None:
    assert finds("вода 8 900 000-12-34", "нет воды", "+79000001234")
    assert not finds("вода 8 900 000-12-35", "нет воды", "+79000001234")


def test_a_mark_is_one_token() -> None:
    assert mark("topic", "hot_water") == "topic:hot_water"
    assert mark("operator", "Петрова А. В.") == mark("operator", "петрова а в")
    assert mark("operator", '"x" OR *') == "operator:x_or"


def test_a_long_request_is_cut() -> None:
    assert len(WORDS.asked(" ".join(f"слово{number}" for number in range(50)))) == 12


def test_where_a_word_stands_is_known() -> None:
    (first, second) = WORDS.said("«Ямы» на"[:5] + " дороге")
    assert "«Ямы» дороге"[first.start : first.end] == "Ямы"
    assert "дорога" in second.forms
