"""What points to a person is taken out of free text; the streets that name the trouble stay (clause 19)."""

from __future__ import annotations

import pytest

from ivr.domain.contact import PersonName
from ivr.language.discretion import Covers, Discretion
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology

COVERS = Covers("[номер]", "[имя]", frozenset({"квартира", "кв"}))


@pytest.fixture(scope="module")
def discretion(lexicon: Lexicon) -> Discretion:
    """As the weekly report uses it."""
    return Discretion(lexicon, Morphology(), COVERS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Нет воды, тел. 8 (900) 000-12-34", "Нет воды, тел. [номер]"),
        ("звонить восемь девятьсот ноль ноль ноль один два три четыре", "звонить [номер]"),
        ("Иванова Мария просит почистить снег", "[имя] просит почистить снег"),
        ("ул. Садовая, дом 5, квартира 12", "ул. Садовая, дом 5, квартира [номер]"),
        ("просит И. И. Иванов", "просит [имя]"),
        ("яма на улице Гагарина с 12.03.2026", "яма на улице Гагарина с 12.03.2026"),
        ("пишите на почту someone@example.org", "пишите на почту [номер]"),
        ("", ""),
    ],
)
def test_what_points_to_a_person_is_hidden(discretion: Discretion, text: str, shown: str) -> None:
    assert discretion.hide(text) == shown


@pytest.mark.parametrize("said", ["Кобзарь Остап", "у Кобзаря Остапа", "Кобзарю Остапу"])
def test_the_callers_own_name_is_hidden_in_every_form(discretion: Discretion, said: str) -> None:
    shown = discretion.hide(f"{said} свет отключили", PersonName("Кобзарь", "Остап"))
    assert "обзар" not in shown
    assert "стап" not in shown
    assert shown.endswith("свет отключили")
