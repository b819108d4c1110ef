"""The locality of a text: by the gazetteer, or by the grammar of «in the village of …»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.language.address_grammar import TAKEN, AddressGrammar, titled
from ivr.language.gazetteer import Gazetteer, Named
from ivr.language.morphology import Morphology
from ivr.language.text import plain

_NEUTER = "\u043e\u0435"


class LocalityFinder:
    """Finds the town or village that is spoken of."""

    def __init__(self, grammar: AddressGrammar, gazetteer: Gazetteer) -> None:
        self._grammar, self._gazetteer = grammar, gazetteer
        self._has = grammar.has

    def find(self, words: Sequence[str]) -> Named | None:
        """The first one said, or the one that corrects it."""
        found: Named | None = None
        for place, word in enumerate(words):
            here = self._typed_locality(words, place) if self._has("locality_types", word) else None
            here = here or self._bare_locality(words, place)
            if here and (found is None or self._grammar.takes_back(words, found.end, here.start)):
                found = here
        return found

    def _typed_locality(self, words: Sequence[str], place: int) -> Named | None:
        after = place + 1
        if after >= len(words) or words[after] == TAKEN:
            return None
        listed = self._gazetteer.locality(words, after, fuzzy=True)
        if listed and not (
            listed.name.endswith(_NEUTER) and self._has("station", self._grammar.morphology.lemma(words[place]))
        ):
            return replace(listed, start=place)
        return self._unlisted_locality(words, place)

    def _unlisted_locality(self, words: Sequence[str], place: int) -> Named | None:
        after = place + 1
        gender = self._grammar.gender("locality_types", words[place])
        adjective = self._grammar.adjective(words[after], gender)
        following = words[after + 1] if after + 1 < len(words) else ""
        for parse in self._grammar.morphology.parses(words[after]):
            if "ADJF" in parse.tag and following and self._like_a_place(following):
                noun = self._grammar.nominative(following)
                bent = parse.inflect({"nomn", "sing", _gender_of(self._grammar.morphology, noun)})
                return Named(
                    titled(f"{plain(str(bent.word)) if bent else words[after]} {noun}"), place, after + 2, False
                )
        if adjective and not self._has("descriptive", words[after]) and not self._grammar.noun_follows(words, after):
            return Named(titled(adjective), place, after + 1, False)
        if self._like_a_place(words[after]):
            return Named(titled(self._grammar.nominative(words[after])), place, after + 1, False)
        return None

    def _like_a_place(self, word: str) -> bool:
        """A name by its shape: a geographical noun, an unknown word, or people in the genitive plural."""
        if word == TAKEN or self._has("not_names", word):
            return False
        parses = self._grammar.morphology.parses(word)
        if any("Geox" in parse.tag for parse in parses):
            return True
        if any({"plur", "gent", "anim"} <= set(parse.tag.grammemes) for parse in parses[:2]):
            return True
        ends = tuple(self._grammar.lexicon.words.get("addresses.place_ends", ()))
        return word.endswith(ends) and bool(parses) and parses[0].tag.POS in {"NOUN", "ADJS", "ADJF"}

    def _bare_locality(self, words: Sequence[str], place: int) -> Named | None:
        found = self._gazetteer.locality(words, place)
        if not found or self._has("not_names", words[place]):
            return None
        before = words[place - 1] if place else ""
        following = words[found.end] if found.end < len(words) else ""
        if self._has("street_types", before) or (
            self._has("street_types", following) and self._agrees_type(found, following)
        ):
            return None
        if found.end == place + 1 and self._grammar.noun_follows(words, place):
            return None
        near = not place or self._has("place_prepositions", before) or self._has("address_cues", before)
        near = near or self._has("locality_types", before)
        leads = bool(following) and (self._has("street_types", following) or self._has("house", following))
        leads = leads or (found.end < len(words) and self._gazetteer.street(words, found.end) is not None)
        return found if near or leads else None

    def _agrees_type(self, found: Named, street_type: str) -> bool:
        """«Садовый переулок»: the name is the street's, not the place's."""
        gender = self._grammar.gender("street_types", street_type)
        return any(
            gender in parse.tag for parse in self._grammar.morphology.parses(plain(found.name)) if "ADJF" in parse.tag
        )


def _gender_of(morphology: Morphology, noun: str) -> str:
    return next((str(p.tag.gender) for p in morphology.parses(noun) if p.tag.gender), "femn")
