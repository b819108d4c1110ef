"""Addresses: locality, street, house, flat, by the gazetteer of the municipality and by the grammar of speech."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.contact import Address
from ivr.language.address_grammar import TAKEN, AddressGrammar
from ivr.language.facts import Certain, Span
from ivr.language.gazetteer import Gazetteer, Named
from ivr.language.house_numbers import NumberReader
from ivr.language.houses import HouseFinder
from ivr.language.lexicon import Lexicon
from ivr.language.localities import LocalityFinder
from ivr.language.morphology import Morphology
from ivr.language.streets import Street, StreetFinder

_LISTED, _GUESSED = 0.95, 0.7


class AddressFinder:
    """Finds the address of a message.

    Args:
        lexicon: words of addresses and the gazetteer.
        morphology: forms of words.
        gazetteer: names of places and streets.
        numbers: reads small numbers.
    """

    def __init__(self, lexicon: Lexicon, morphology: Morphology, gazetteer: Gazetteer, numbers: NumberReader) -> None:
        self._grammar = AddressGrammar(lexicon, morphology)
        self._houses = HouseFinder(self._grammar, numbers)
        self._localities = LocalityFinder(self._grammar, gazetteer)
        self._streets = StreetFinder(self._grammar, gazetteer, numbers, self._houses)

    def find(self, words: Sequence[str], taken: Sequence[Span] = ()) -> Certain[Address] | None:
        """The address, or None; words of `taken` spans belong to the telephone or the name."""
        blank = {place for span in taken for place in range(span.start, span.end)}
        said = [TAKEN if place in blank else word for place, word in enumerate(words)]
        place = self._localities.find(said)
        street = self._street(said, place.named if place else None)
        if place and street and not self._localities.fits(place, street.start, street.end):
            place = None
        locality = place.named if place else None
        house = self._houses.after(said, street.end) if street else None
        house = house or self._houses.by_word(said, known=bool(street or locality))
        house = house or (self._houses.before(said, street.start) if street else None)
        house = house or (self._houses.after(said, locality.end) if locality else None)
        house = self._houses.corrected(said, house) if house else None
        flat = self._houses.flat(said) or (self._houses.beside(said, house) if house and street else None)
        if not (street or locality or house):
            return None
        named = [(one.start, one.end) for one in (locality, street) if one]
        parts = sorted([*named, *((one[1], one[2]) for one in (house, flat) if one)])
        span = Span(parts[0][0], max(end for _, end in parts))
        sure = min(street.sure if street else 1.0, _LISTED if not locality or locality.exact else _GUESSED)
        address = Address(
            locality=locality.name if locality else None,
            street=street.name if street else None,
            house=house[0] if house else None,
            flat=flat[0] if flat else None,
        )
        places = [place for start, end in parts for place in range(start, end)]
        return Certain(address, sure, span, tuple(words[place] for place in places), frozenset(places))

    def _street(self, words: Sequence[str], locality: Named | None) -> Street | None:
        """The first street, unless it is denied or taken back («oh, not that one, …»)."""
        chosen: Street | None = None
        for street in self._streets.find(words, locality):
            if self._grammar.denied(words, street.start):
                continue
            if chosen is None or self._instead(words, chosen, street):
                chosen = street
        return chosen

    def _instead(self, words: Sequence[str], chosen: Street, street: Street) -> bool:
        """The later street takes the place of the one said before; a mere «and» does not, where that had a house."""
        between = [word for word in words[chosen.end : street.start] if self._grammar.has("corrections", word)]
        if all(self._grammar.has("contrast", word) for word in between) and self._houses.follows(words, chosen.end):
            return bool(between) and self._houses.follows(words, street.end)
        return bool(between)
