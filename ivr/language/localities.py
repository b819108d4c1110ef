"""The locality of a text: of all that are named, the one where the trouble is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr.language.address_grammar import AddressGrammar
from ivr.language.gazetteer import Gazetteer, Named
from ivr.language.place_names import PlaceNames
from ivr.language.text import plain

_NEUTER = "\u043e\u0435"
_OWN_REACH, _OTHERS_REACH, _BESIDE = 3, 4, 3
_OWN, _TAKEN_BACK, _LED, _ELSEWHERE, _TOWN = 2, 3, 1, -2, -1


@dataclass(frozen=True, slots=True)
class Locality:
    """A place that was named.

    Attributes:
        worth: how surely the trouble is there, not only a relative or a journey; 0: nothing is said.
        town: a town outside the municipality.
    """

    named: Named
    worth: int
    town: bool


class LocalityFinder:
    """Finds the town or village that is spoken of."""

    def __init__(self, grammar: AddressGrammar, gazetteer: Gazetteer) -> None:
        self._grammar, self._gazetteer = grammar, gazetteer
        self._names = PlaceNames(grammar, gazetteer)
        self._has = grammar.has

    def find(self, words: Sequence[str]) -> Locality | None:
        """The place that the words around speak for, the first of equals; one said instead of another wins."""
        best: Locality | None = None
        for named in self._all(words):
            here = self._weighed(words, named)
            instead = best is not None and self._grammar.takes_back(words, best.named.end, named.start)
            if best is None or here.worth + (_TAKEN_BACK if instead else 0) > best.worth:
                best = here
        return best if best and best.worth > _ELSEWHERE else None

    def fits(self, locality: Locality, start: int, end: int) -> bool:
        """The place belongs to the street at [start, end): a town named far from it does not."""
        far = locality.named.start - end > _BESIDE or start - locality.named.end > _BESIDE
        return not (far and (locality.town or locality.worth < 0))

    def _all(self, words: Sequence[str]) -> Iterator[Named]:
        place = 0
        while place < len(words):
            found = self._typed(words, place) if self._has("locality_types", words[place]) else None
            found = found or self._bare(words, place)
            if found:
                yield found
            place = max(place + 1, found.end if found else 0)

    def _weighed(self, words: Sequence[str], named: Named) -> Locality:
        town = self._has("towns", plain(named.name))
        worth = _TOWN if town else 0
        if self._own(words, named.start):
            worth += _OWN if not town else _LED
        elif any(self._has("elsewhere", word) for word in words[max(named.start - _OTHERS_REACH, 0) : named.start]):
            worth += _ELSEWHERE
        if self._leads(words, named.end) or self._has("locality_types", words[named.start]):
            worth += _LED
        return Locality(named, worth, town)

    def _own(self, words: Sequence[str], start: int) -> bool:
        """«У нас в», «к нам в», «я живу в»."""
        return any(self._has("own", word) for word in words[max(start - _OWN_REACH, 0) : start])

    def _leads(self, words: Sequence[str], end: int) -> bool:
        following = words[end] if end < len(words) else ""
        if self._has("street_types", following) or self._has("house", following):
            return True
        return bool(following) and self._gazetteer.street(words, end) is not None

    def _typed(self, words: Sequence[str], place: int) -> Named | None:
        after = place + 1
        if after >= len(words):
            return None
        listed = self._gazetteer.locality(words, after, fuzzy=True)
        if listed and not (
            listed.name.endswith(_NEUTER) and self._has("station", self._grammar.morphology.lemma(words[place]))
        ):
            return replace(listed, start=place)
        return self._names.after_kind(words, place)

    def _bare(self, words: Sequence[str], place: int) -> Named | None:
        found = self._gazetteer.locality(words, place)
        if not found:
            return self._names.bare(words, place, own=self._own(words, place))
        if self._has("not_names", words[place]):
            return None
        before = words[place - 1] if place else ""
        following = words[found.end] if found.end < len(words) else ""
        if self._has("street_types", before) or (
            self._has("street_types", following) and self._agrees_type(found, following)
        ):
            return None
        if found.end == place + 1 and self._grammar.noun_follows(words, place):
            return None
        cues = ("place_prepositions", "address_cues", "locality_types")
        near = not place or any(self._has(group, before) for group in cues)
        return found if near or self._leads(words, found.end) else None

    def _agrees_type(self, found: Named, street_type: str) -> bool:
        """«Садовый переулок»: the name is the street's, not the place's."""
        gender = self._grammar.gender("street_types", street_type)
        return any(
            gender in parse.tag for parse in self._grammar.morphology.parses(plain(found.name)) if "ADJF" in parse.tag
        )
