"""A municipality's own words for the recogniser: which forms of a surname, street or place will be said."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from ivr.language.morphology import Morphology

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_ANY = ""


class WordKind(StrEnum):
    """What a word names."""

    SURNAME = "surnames"
    STREET = "streets"
    PLACE = "places"
    OTHER = "words"


def said_forms(word: str, kind: WordKind, morphology: Morphology) -> dict[str, str]:
    """The forms in which a word is said, with the class of the language model for each ("": none).

    Args:
        word: as written in a list: a surname of a man or a woman, a street as on its sign, a place.
        kind: what it names.
        morphology: the dictionary of forms; guesses those of words that it does not have.
    """
    forms: dict[str, str] = {}
    for form, place in _FORMS[kind](word, morphology.parses(word)):
        forms[form] = forms.get(form) or place  # a case without a class takes none away
    return forms if word in forms else {word: _LIKE_ITSELF[kind], **forms}


def _surname(_: str, parses: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    named = [parse for parse in parses if "nomn" in parse.tag and "sing" in parse.tag]
    chosen = next((parse for parse in named if "Surn" in parse.tag), None)
    chosen = chosen or next((parse for parse in named if "ADJF" in parse.tag), None)
    for gender, name in (("femn", "surname_f"), ("masc", "surname_m")):
        for case in _CASES:
            form = chosen.inflect({"sing", gender, case}) if chosen else None
            if form is not None:
                yield str(form.word), name if case == "nomn" else _ANY


def _street(_: str, parses: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    adjective = next(
        (parse for parse in parses if "ADJF" in parse.tag and {"femn", "nomn"} <= parse.tag.grammemes), None
    )
    for case in _CASES if adjective else ():
        form = adjective.inflect({"sing", "femn", case}) if adjective else None
        if form is not None:
            yield str(form.word), {"nomn": "street_nomn", "gent": "street_gent"}.get(case, "street_loct")


def _place(_: str, parses: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    named = [parse for parse in parses if "nomn" in parse.tag and parse.tag.POS in {"NOUN", "ADJF"}]
    chosen = next((parse for parse in named if "Geox" in parse.tag), named[0] if named else None)
    for case in _CASES:
        form = chosen.inflect({case}) if chosen else None
        if form is not None:
            yield str(form.word), {"nomn": "place", "loct": "place_in"}.get(case, _ANY)


def _other(word: str, parses: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    if parses:
        yield from ((str(form.word), _ANY) for form in parses[0].lexeme)


_FORMS = {WordKind.SURNAME: _surname, WordKind.STREET: _street, WordKind.PLACE: _place, WordKind.OTHER: _other}
_LIKE_ITSELF = {
    WordKind.SURNAME: "surname_m",
    WordKind.STREET: "street",
    WordKind.PLACE: "place",
    WordKind.OTHER: _ANY,
}
