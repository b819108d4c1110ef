"""Parts of a name that the caller titles: «фамилия Неделя, имя Пелагея», «Дробышева моя фамилия»."""

from __future__ import annotations

from ivr.language.name_forms import NAME, NOMINATIVE, PATRONYMIC, RARE, SOLID, SURNAME, Part
from ivr.language.name_text import ROLES, NameText

Titled = tuple[int, int, str]
"""First word, the word after the last, the part in the nominative."""


class NameLabels:
    """Reads the titles of one text."""

    def __init__(self, text: NameText) -> None:
        self._text = text
        self._lexicon = text.knowledge.lexicon

    def find(self) -> dict[str, Titled]:
        """The titled part of each role."""
        found: dict[str, Titled] = {}
        for place in range(len(self._text.words)):
            for role in ROLES:
                length = self._lexicon.phrases[f"names.{role}_label"].at(self._text.words, place)
                denied = place > 0 and self._text.has("not_label_before", self._text.words[place - 1])
                named = self._titled(place, place + length, role) if length and not denied else None
                if named and role not in found:
                    found[role] = named
        return found

    def _titled(self, start: int, end: int, role: str) -> Titled | None:
        """After the title, or before it when that word is surer."""
        words = self._text.words
        while start and self._text.has("after_label", words[start - 1]):
            start -= 1
        after = self._after(end, role)
        before = self._part(start - 1, role) if start else None
        # a noun before the title is a surname only by it; names and surnames the windows know better
        listed = start and any(self._text.has(group, words[start - 1]) for group in ("no_surnames", "double"))
        name = start and self._is_name(start - 1) and not self._is_third(start - 1)
        noun = before and role == SURNAME and before.weight < RARE and not name and not listed
        if after is None:
            return (start - 1, start, before.text) if before and noun else None
        place, beyond, part = after
        if part.weight < RARE and before and (before.weight >= SOLID or (noun and self._is_name(place))):
            return start - 1, start, before.text
        return place, beyond, part.text

    def _after(self, place: int, role: str) -> tuple[int, int, Part] | None:
        words = self._text.words
        while place < len(words) and self._text.has("after_label", words[place]):
            place += 1
        if place >= len(words) or place in self._text.masked or words[place] in self._lexicon.numerals:
            return None
        labels = any(self._text.has(f"{label}_label", words[place]) for label in ROLES)
        if labels or self._text.has("double", words[place]) or self._begins_name(place):
            return None
        part = self._part(place, role)
        torn = None if part and part.weight >= SOLID else self._text.torn(place)
        whole = next((part for part in torn.parts if part.role == role), None) if torn else None
        if torn and whole:
            return place, torn.end, whole
        return (place, place + 1, part) if part else None

    def _begins_name(self, place: int) -> bool:
        """A name and a patronymic follow: the title before them was one of several in a row."""
        roles = [{part.role for part in self._text.forms.of(word)} for word in self._text.raw[place : place + 2]]
        return len(roles) == 2 and NAME in roles[0] and PATRONYMIC in roles[1]

    def _is_name(self, place: int) -> bool:
        return any(part.role == NAME for part in self._text.forms.of(self._text.raw[place]))

    def _is_third(self, place: int) -> bool:
        """A patronymic stands before: «Максим Петрович Абрам, последнее — фамилия»."""
        parts = self._text.forms.of(self._text.raw[place - 1]) if place else ()
        return any(part.role == PATRONYMIC for part in parts)

    def _part(self, place: int, role: str) -> Part | None:
        return titled_part(self._text, place, role)


def titled_part(text: NameText, place: int, role: str) -> Part | None:
    """The word as this part of a name, in the nominative."""
    word = text.raw[place]
    parts = [part for part in text.forms.of(word) if part.role == role and part.case in (NOMINATIVE, None)]
    best = max(parts, key=lambda part: part.weight, default=None)
    if best is None or (role != SURNAME and best.weight < SOLID):
        guessed = role == NAME and not text.knowledge.morphology.known(word)
        return Part(NAME, word, None, NOMINATIVE, SOLID) if guessed else None
    return best
