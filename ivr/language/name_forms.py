"""Which part of a full name a word may be, in which case and gender, and how it reads in the nominative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ivr.language.morphology import Morphology
from ivr.language.text import plain

SURNAME, NAME, PATRONYMIC = "surname", "name", "patronymic"
MASCULINE, FEMININE, NOMINATIVE = "masc", "femn", "nomn"
CASES = (NOMINATIVE, "gent", "datv", "accs", "ablt")
SOLID = 0.8
_GRAMMEMES = {"Surn": SURNAME, "Name": NAME, "Patr": PATRONYMIC}
_KEPT = 6_000
_LIKELY = 0.02
_SHORTEST_SURNAME = 3
_SHORTEST_FORETOLD, _SHORTEST_STEM = 5, 2
_SHORT, _SHORT_I = 4, "\u0439"
_VOWELS = tuple("\u0430\u0435\u0438\u043e\u0443\u044b\u044d\u044e\u044f")
_USUAL, _USUAL_READING = 0.25, 0.05
RARE, ORDINARY = 0.6, 0.4
_RARE, _ORDINARY_WORD, _GUESSED, _NAME_AS_SURNAME, _TITLED = RARE, ORDINARY, 0.5, 0.5, 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """One reading of a word.

    Attributes:
        role: surname, name or patronymic.
        text: the nominative, lower case.
        gender, case: pymorphy's; None: any.
        weight: how name-like the word is by itself, 0..1.2.
    """

    role: str
    text: str
    gender: str | None
    case: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class NameWords:
    """Names and endings from `config/names.ru.toml`.

    Attributes:
        male: men's names that patronymics are made of.
        extra: names beside the dictionary's, by gender.
        short: spoken form of a name before a patronymic -> the name («пал палыч»).
        patronymics: spoken patronymic -> the official one.
        surname_ends: endings of surnames by gender; unknown words with them are surnames.
        common_ends: endings of surnames that men and women share.
        fixed_ends: endings of surnames that have no cases.
        misheard_end: ends of places that a woman's surname is heard as.
        slurred_ends: endings of men's patronymics in quick speech, the regular one first.
        full_end: what the regular one stands for.
    """

    male: frozenset[str]
    extra: Mapping[str, frozenset[str]]
    short: Mapping[str, str]
    patronymics: Mapping[str, str]
    surname_ends: Mapping[str, tuple[str, ...]]
    common_ends: tuple[str, ...]
    fixed_ends: tuple[str, ...]
    misheard_end: tuple[str, ...]
    slurred_ends: tuple[str, ...]
    full_end: str


class NameForms:
    """Readings of words as parts of a name, each word looked up once."""

    def __init__(self, words: NameWords, morphology: Morphology) -> None:
        self._words = words
        self._morphology = morphology
        self.of = lru_cache(_KEPT)(self._of)

    def _of(self, word: str, oblique: bool = False) -> tuple[Part, ...]:
        """Readings in the nominative, or in every case."""
        if len(plain(word)) < 2 or not word.replace("-", "").isalpha():
            return ()
        spoken = self._spoken(plain(word))
        if spoken:
            return spoken
        parses = list(self._morphology.parses(word))
        share = dict.fromkeys(_GRAMMEMES.values(), 0.0)
        for parse in parses:
            role = _role(parse.tag)
            if role:
                share[role] += parse.score
        share[SURNAME] += _of_many(parses)
        # the rare forms of a usual surname count, the rare names among the readings of a usual word do not
        parses = [
            parse for parse in parses if parse.score >= _LIKELY or share.get(_role(parse.tag) or "", 0.0) >= _USUAL
        ]
        if not self._morphology.known(word):  # a foretold first name is worth nothing, a foretold ending is
            foretold = len(word) >= _SHORTEST_FORETOLD or self._surname_end(plain(word)) is not None
            parses = [parse for parse in parses if foretold and _role(parse.tag) in (SURNAME, PATRONYMIC)]
        tagged = [part for parse in parses for part in self._tagged(parse, share, word, oblique)]
        parts = (*tagged, *self._extra(plain(word), tagged), *self._as_surname(word, parses, tagged, oblique))
        return parts if oblique else tuple(part for part in parts if part.case in (NOMINATIVE, None))

    def _spoken(self, word: str) -> tuple[Part, ...]:
        """Names as they are slurred: «палыч», «марь»."""
        official = self._words.patronymics.get(word)
        if official:
            gender = FEMININE if official.endswith("\u0430") else MASCULINE
            return (Part(PATRONYMIC, official, gender, NOMINATIVE, 1.2),)
        stem = word.removesuffix(self._words.slurred_ends[0])
        if stem != word and stem in self._words.male:
            return (Part(PATRONYMIC, stem + self._words.full_end, MASCULINE, NOMINATIVE, 1.2),)
        name = self._words.short.get(word)
        if name:
            gender = MASCULINE if plain(name) in self._words.male else FEMININE
            return (Part(NAME, name, gender, NOMINATIVE, _RARE),)
        return ()

    def _tagged(self, parse: Any, share: Mapping[str, float], word: str, oblique: bool) -> list[Part]:
        """The dictionary calls it a part of a name, or foretells so from the ending."""
        role = _role(parse.tag)
        if role is None or "loct" in parse.tag:
            return []
        weight = 1.2 if role == PATRONYMIC else 1.0 if share[role] >= _USUAL else _RARE
        gender = parse.tag.gender
        if "Fixd" in parse.tag:
            return [] if role != SURNAME else [Part(role, word, gender, None, weight)]
        if role == NAME and gender == FEMININE and {"plur", "gent"} <= set(parse.tag.grammemes):
            return [Part(NAME, str(parse.normal_form), FEMININE, NOMINATIVE, _GUESSED)]  # «ларис дмитриевна»
        if "plur" in parse.tag:
            if role != SURNAME or not word.endswith(self._words.fixed_ends):
                return []
            family = Part(role, str(parse.normal_form), MASCULINE, parse.tag.case, 1.05)  # «от имени Громовых»
            return [Part(role, word, None, None, 1.0), family]
        if parse.tag.case == NOMINATIVE:
            slurred = role == PATRONYMIC and word.endswith(self._words.slurred_ends)
            text = str(parse.normal_form) if slurred else str(parse.word)
            womans = (
                [Part(role, text, FEMININE, None, weight)] if self._is_womans_too(role, gender, plain(word)) else []
            )
            return [Part(role, text, gender, NOMINATIVE, weight), *womans]
        nominative = parse.inflect({NOMINATIVE, "sing"}) if oblique else parse
        return [Part(role, str(nominative.word), gender, parse.tag.case, weight)] if nominative else []

    def _is_womans_too(self, role: str, gender: str | None, word: str) -> bool:
        """A man's surname that a woman bears without a change: in a consonant, but for -ov, -in and adjectives."""
        if role != SURNAME or gender != MASCULINE or word.endswith(_VOWELS):
            return False
        return len(word) <= _SHORT or not word.endswith((*self._words.surname_ends[MASCULINE], _SHORT_I))

    def _extra(self, word: str, tagged: Sequence[Part]) -> list[Part]:
        if any(part.role == NAME and part.case == NOMINATIVE and part.weight >= RARE for part in tagged):
            return []
        genders = [gender for gender, names in self._words.extra.items() if word in names]
        gender = genders[0] if len(genders) == 1 else None
        return [Part(NAME, word, gender, NOMINATIVE, 1.0)] if genders else []

    def _as_surname(self, word: str, parses: Sequence[Any], tagged: Sequence[Part], oblique: bool) -> list[Part]:
        """A surname that is an ordinary word («Волк»), or a word the dictionary does not have."""
        if len(word) < _SHORTEST_SURNAME or any(part.role == PATRONYMIC for part in tagged):
            return []
        plurals = [parse for parse in parses if _role(parse.tag) == NAME and "plur" in parse.tag]
        if not self._morphology.known(word) or (plurals and not tagged):  # «Исмаилов» is «of many Ismails» as well
            return self._unknown(word, bool(tagged or plurals))
        if any(part.role == SURNAME for part in tagged):
            ordinary = [] if any(part.weight >= SOLID for part in tagged) else self._ordinary(word, parses, CASES[:1])
            return [*self._womans(word, tagged), *ordinary]  # «Голова Фёдор»
        if tagged:
            return [Part(SURNAME, word, None, NOMINATIVE, _NAME_AS_SURNAME)]
        return self._ordinary(word, parses, CASES if oblique else CASES[:1])

    def _short(self, word: str) -> list[Part]:
        """«Лыкова» is a short adjective as well, «Цапко» an adverb: that one is a surname only when titled so."""
        gender = self._surname_end(plain(word))
        if gender:
            return [Part(SURNAME, word, gender, NOMINATIVE, _ORDINARY_WORD)]
        return [Part(SURNAME, word, None, None, _TITLED)] if word.endswith(self._words.fixed_ends) else []

    def is_family(self, word: str) -> bool:
        """The word ends as Russian surnames do."""
        return self._surname_end(word) is not None or word.endswith(self._words.common_ends)

    def _surname_end(self, word: str) -> str | None:
        """The gender of a surname's ending after a stem of two letters at least."""
        for gender, ends in self._words.surname_ends.items():
            if any(word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM for end in ends):
                return gender
        return None

    def _womans(self, word: str, tagged: Sequence[Part]) -> list[Part]:
        """A woman's surname of which the dictionary knows the man's forms only: «хлебникова»."""
        known = any(part.role == SURNAME and part.case == NOMINATIVE for part in tagged)
        womans = plain(word).endswith(self._words.surname_ends[FEMININE])
        return [Part(SURNAME, word, FEMININE, NOMINATIVE, SOLID)] if womans and not known else []

    def _unknown(self, word: str, foretold: bool) -> list[Part]:
        """A word that the dictionary does not have: a surname by its ending, or by its place alone."""
        gender = self._surname_end(plain(word))
        if gender:
            return [Part(SURNAME, word, gender, NOMINATIVE, SOLID)]
        if plain(word).endswith(self._words.common_ends):
            return [Part(SURNAME, word, MASCULINE, NOMINATIVE, SOLID), Part(SURNAME, word, FEMININE, None, SOLID)]
        return [] if foretold else [Part(SURNAME, word, None, NOMINATIVE, _GUESSED)]

    def _ordinary(self, word: str, parses: Sequence[Any], cases: Sequence[str]) -> list[Part]:
        """Nouns and adjectives in one of the cases, singular."""
        found: dict[tuple[str | None, str | None], Part] = {}
        if word.endswith(self._words.misheard_end):  # «Иваново Мария»
            return [Part(SURNAME, word[:-1] + "\u0430", FEMININE, NOMINATIVE, _ORDINARY_WORD)]
        plural = any("plur" in parse.tag for parse in parses)
        if word.endswith(self._words.fixed_ends) and plural:
            return [Part(SURNAME, word, None, None, _ORDINARY_WORD)]
        if plain(word).endswith(self._words.surname_ends[MASCULINE]) and plural:  # «Тарантасов» is «of carts» as well
            return [Part(SURNAME, word, MASCULINE, NOMINATIVE, _ORDINARY_WORD)]
        if all("ADJS" in parse.tag or "ADVB" in parse.tag for parse in parses):
            return self._short(word)
        for parse in parses:
            if (
                "Apro" in parse.tag
                or parse.tag.POS not in {"NOUN", "ADJF"}
                or "plur" in parse.tag
                or parse.tag.case not in cases
            ):
                continue
            nominative = parse if parse.tag.case == NOMINATIVE else parse.inflect({NOMINATIVE, "sing"})
            gender = parse.tag.gender if parse.tag.POS == "ADJF" else None
            if nominative is not None and (gender, parse.tag.case) not in found and gender != "neut":
                part = Part(SURNAME, str(nominative.word), gender, parse.tag.case, _ORDINARY_WORD)
                found[gender, parse.tag.case] = part
        return list(found.values())


@lru_cache(_KEPT)
def _role(tag: Any) -> str | None:
    return next((role for grammeme, role in _GRAMMEMES.items() if grammeme in tag), None)


def _of_many(parses: Sequence[Any]) -> float:
    """How likely a name's plural is the word, which is hardly ever said: «Ефремов» is hardly «of many Yefrems»."""
    if not any(_role(parse.tag) == SURNAME for parse in parses):
        return 0.0
    return sum(float(parse.score) for parse in parses if _role(parse.tag) == NAME and "plur" in parse.tag)
