"""Streets in a text: after the word «street», before it, or alone with a preposition or a house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr.language.address_grammar import TAKEN, AddressGrammar, titled
from ivr.language.gazetteer import Gazetteer, Named
from ivr.language.house_numbers import Number, NumberReader
from ivr.language.houses import HouseFinder

_ORDINAL_ENDS = {"femn": "\u044f", "masc": "\u0439", "neut": "\u0435"}
_MOST_ORDINAL = 20
_YEARS = "\u043b\u0435\u0442"


@dataclass(frozen=True, slots=True)
class Street:
    """A street of the text.

    Attributes:
        name: in the nominative of its own gender.
        start, end: its words.
        sure: 0..1.
    """

    name: str
    start: int
    end: int
    sure: float


class StreetFinder:
    """Finds every street of a text."""

    def __init__(
        self, grammar: AddressGrammar, gazetteer: Gazetteer, numbers: NumberReader, houses: HouseFinder
    ) -> None:
        self._grammar, self._gazetteer, self._numbers, self._houses = grammar, gazetteer, numbers, houses
        self._has = grammar.has

    def find(self, words: Sequence[str], locality: Named | None) -> Iterator[Street]:
        """The streets in the order in which they are said, denied ones too."""
        place = 0
        while place < len(words):
            inside = locality and locality.start <= place < locality.end
            typed = self._has("street_types", words[place]) and self._typed_street(words, place)
            found = typed or (None if inside else self._bare_street(words, place, locality))
            if found:
                yield found
                place = max(found.end, place + 1)
            else:
                place += 1

    def _typed_street(self, words: Sequence[str], place: int) -> Street | None:
        gender = self._grammar.gender("street_types", words[place])
        before = self._name_before(words, place, gender)
        if before and before.sure > 0.9:
            return before
        ordinal = self._ordinal_before(words, place)
        after = self._name_after(words, place + 1, gender)
        if after and ordinal and not after.name[:1].isdigit() and self._grammar.agrees(words, ordinal.end - 1, gender):
            numbered = f"{ordinal.value}-{_ORDINAL_ENDS[gender]} {after.name}"
            return Street(numbered, ordinal.start, after.end, after.sure)
        return replace(after, start=place) if after else before

    def _name_before(self, words: Sequence[str], place: int, gender: str) -> Street | None:
        if not place or words[place - 1] == TAKEN or self._has("descriptive", words[place - 1]):
            return None
        listed = self._gazetteer.street(words, place - 1)
        name = self._grammar.adjective(words[place - 1], gender)
        if not name or not self._grammar.same_case(words[place - 1], words[place]):
            return None
        if not (listed and listed.adjective):
            return None
        return self._numbered(words, Street(titled(name), place - 1, place + 1, 0.95), gender)

    def _numbered(self, words: Sequence[str], street: Street, gender: str) -> Street:
        """With the ordinal before the name, «2-я Полевая»."""
        ordinal = self._ordinal_before(words, street.start)
        if ordinal is None or not self._grammar.agrees(words, ordinal.end - 1, gender):
            return street
        return replace(street, name=f"{ordinal.value}-{_ORDINAL_ENDS[gender]} {street.name}", start=ordinal.start)

    def _ordinal_before(self, words: Sequence[str], place: int) -> Number | None:
        """The ordinal right before, unless it is a flat's or a house's."""
        ordinal = self._numbers.before(words, place)
        if ordinal is None or ordinal.value > _MOST_ORDINAL:
            return None
        named = ordinal.start > 0 and any(self._has(group, words[ordinal.start - 1]) for group in ("flat", "house"))
        return None if named else ordinal

    def _name_after(self, words: Sequence[str], start: int, gender: str) -> Street | None:
        while start < len(words) and self._has("before_name", words[start]):
            start += 1
        if start >= len(words) or words[start] == TAKEN:
            return None
        dated = self._dated(words, start)
        if dated:
            return dated
        ordinal = self._numbers.at(words, start)
        if (
            ordinal
            and ordinal.ordinal
            and ordinal.end < len(words)
            and self._grammar.agrees(words, ordinal.end - 1, gender)
        ):
            rest = self._name_after(words, ordinal.end, gender)
            if rest and not rest.name[:1].isdigit():
                return replace(rest, name=f"{ordinal.value}-{_ORDINAL_ENDS[gender]} {rest.name}", start=start)
        if self._has("descriptive", words[start]) or self._has("not_names", words[start]):
            return None
        return self._listed(words, start, gender) or self._unlisted(words, start, gender)

    def _listed(self, words: Sequence[str], start: int, gender: str) -> Street | None:
        found = self._gazetteer.street(words, start) or self._gazetteer.street(words, start, fuzzy=True)
        if found is None:
            return None
        sure = 0.95 if found.exact else 0.75
        if found.adjective:
            name = self._grammar.adjective(words[start], gender) if found.exact and found.end == start + 1 else None
            return Street(titled(name or self._grammar.in_gender(found.adjective, gender)), start, found.end, sure)
        return Street(found.name, start, found.end, sure)

    def _unlisted(self, words: Sequence[str], start: int, gender: str) -> Street | None:
        adjective = self._grammar.adjective(words[start], gender)
        if adjective:
            if self._grammar.noun_follows(words, start) and not self._houses.follows(words, start + 1):
                return None
            return Street(titled(adjective), start, start + 1, 0.8)
        end = start
        while end < min(len(words), start + 2) and self._grammar.is_genitive(words[end]) and words[end] != TAKEN:
            end += 1
        if end == start:
            return None
        titled_man = self._grammar.is_first_name(words[start]) or self._has("ranks", words[start])
        if end - start == 2 and not titled_man:
            end = start + 1
        return Street(titled(" ".join(words[start:end])), start, end, 0.75)

    def _dated(self, words: Sequence[str], start: int) -> Street | None:
        """«Fiftieth anniversary of October», «8 March», «40 years of victory»."""
        word, table = words[start], self._grammar.lexicon.phrases
        for end in self._grammar.lexicon.words.get("addresses.anniversary", ()):
            if word.endswith(end) and len(word) > len(end) + 2 and start + 1 < len(words):
                value = self._grammar.lexicon.numerals.get(word[: -len(end)])
                if value:
                    return Street(f"{value} {_YEARS} {titled(words[start + 1])}", start, start + 2, 0.9)
        number = self._numbers.at(words, start)
        if number is None or number.end >= len(words):
            return None
        following = words[number.end]
        if "addresses.months" in table and self._has("months", following) and number.ordinal:
            return Street(f"{number.value} {titled(following)}", start, number.end + 1, 0.9)
        if following == _YEARS and number.end + 1 < len(words) and self._grammar.is_genitive(words[number.end + 1]):
            return Street(f"{number.value} {_YEARS} {titled(words[number.end + 1])}", start, number.end + 2, 0.9)
        return None

    def _bare_street(self, words: Sequence[str], place: int, locality: Named | None) -> Street | None:
        if words[place] == TAKEN:
            return None
        before = words[place - 1] if place else ""
        preposition = self._has("street_prepositions", before)
        cue = not place or self._has("address_cues", before) or (locality is not None and locality.end == place)
        dated = self._dated(words, place) if preposition or cue else None
        if dated and (preposition or self._houses.follows(words, dated.end)):
            return dated
        ordinal = self._numbers.at(words, place) if preposition or cue else None
        start = ordinal.end if ordinal and ordinal.ordinal and ordinal.end < len(words) else place
        found = self._gazetteer.street(words, start)
        if found is None or self._has("not_names", words[start]):
            return self._guessed(words, place, cue)
        if not self._stands_alone(words, found, preposition or start > place, cue):
            return None
        if not found.adjective:
            return Street(found.name, place, found.end, 0.8 if found.exact else 0.65)
        name = titled(self._grammar.in_gender(found.adjective, "femn"))
        if ordinal and start > place:
            name = f"{ordinal.value}-{_ORDINAL_ENDS['femn']} {name}"
        return Street(name, place, found.end, 0.85 if found.exact else 0.65)

    def _stands_alone(self, words: Sequence[str], found: Named, preposition: bool, cue: bool) -> bool:
        """A street said without the word «street»: by its preposition and case, or by the number after it."""
        number = self._houses.follows(words, found.end)
        if found.adjective:
            feminine = self._grammar.adjective(words[found.start], "femn") is not None or not found.exact
            if not feminine and found.end == found.start + 1:
                return False
            after_house = self._houses.ends_before(words, found.start - 1)
            if not number and not after_house and self._grammar.noun_follows(words, found.start, found.end):
                return False
            oblique = found.case not in ("", "nomn") or not found.exact
            return (preposition and oblique) or number or (cue and found.end == len(words))
        house = found.start > 0 and words[found.start - 1] in self._grammar.lexicon.numerals
        return number or preposition or (house and self._houses.ends_before(words, found.start))

    def _guessed(self, words: Sequence[str], place: int, cue: bool) -> Street | None:
        """An unlisted street: «on X, house five», «on X five», «house five on X», «X five» as the first words."""
        before = words[place - 1] if place else ""
        preposition = self._has("street_prepositions", before)
        if not (preposition or cue) or self._has("descriptive", words[place]) or self._has("not_names", words[place]):
            return None
        number = self._numbers.at(words, place + 1) if place + 1 < len(words) else None
        house = place + 1 < len(words) and self._houses.follows(words, place + 1)
        after_house = preposition and self._houses.ends_before(words, place - 1)
        name = self._grammar.adjective(words[place], "femn")
        if name is None:
            genitive = (
                after_house and self._has("house_prepositions", before) and self._grammar.is_surname(words[place])
            )
            return Street(titled(words[place]), place, place + 1, 0.6) if genitive else None
        if preposition and house and (self._has("house", words[place + 1]) or self._has("house_prepositions", before)):
            return Street(titled(name), place, place + 1, 0.6)
        if after_house and not self._grammar.noun_follows(words, place):
            return Street(titled(name), place, place + 1, 0.6)
        first = cue and house and number is not None and not number.ordinal and words[place] == name
        return Street(titled(name), place, place + 1, 0.55) if first else None
