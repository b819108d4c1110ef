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
        pair = self._adjective_and_noun(words, after)
        if pair:
            return Named(pair, place, after + 2, False)
        gender = self._grammar.gender("locality_types", words[place])
        adjective = self._grammar.adjective(words[after], gender)
        if adjective and not self._has("descriptive", words[after]) and not self._grammar.noun_follows(words, after):
            return Named(titled(adjective), place, after + 1, False)
        if self._like_a_place(words[after]) or self._named_by_noun(words, place):
            return Named(titled(self._grammar.nominative(words[after])), place, after + 1, False)
        before = place - 1
        if before > 0 and self._has("place_prepositions", words[before - 1]) and self._like_a_place(words[before]):
            return Named(titled(self._grammar.nominative(words[before])), before, place + 1, False)
        return None

    def _adjective_and_noun(self, words: Sequence[str], place: int) -> str:
        """«Старая Мельница», «в Сухих Плотах», in the nominative; "" when it is not a name."""
        if place + 1 >= len(words) or TAKEN in words[place : place + 2] or self._has("descriptive", words[place]):
            return ""
        noun = words[place + 1]
        lemmas = self._grammar.morphology.lemmas(words[place])
        usual = any(self._has("place_adjectives", lemma) for lemma in lemmas)
        if not (self._like_a_place(noun) or (usual and self._may_name(noun))):
            return ""
        for adjective in self._grammar.morphology.parses(words[place]):
            for parse in self._grammar.morphology.parses(noun) if "ADJF" in adjective.tag else ():
                tags = adjective.tag, parse.tag
                agree = tags[0].case == tags[1].case and tags[0].number == tags[1].number
                if parse.tag.POS != "NOUN" or not agree or tags[0].gender not in (None, tags[1].gender):
                    continue
                bent = [form.inflect({"nomn"}) for form in (adjective, parse)]
                if all(bent):
                    return titled(" ".join(str(form.word) for form in bent if form))
        return ""

    def _may_name(self, noun: str) -> bool:
        """A noun that a place may be called by: no person, and nothing that messages are about."""
        matters = self._grammar.matters
        if self._has("not_names", noun) or self._grammar.morphology.lemmas(noun) & matters:
            return False
        return any(parse.tag.POS == "NOUN" for parse in self._grammar.morphology.parses(noun)[:2])

    def _named_by_noun(self, words: Sequence[str], place: int) -> bool:
        """«Посёлок Горняк, улица…», «в посёлке Ягодка»: a noun that stays in the nominative."""
        noun = words[place + 1]
        parse = next(iter(self._grammar.morphology.parses(noun)), None)
        if noun == TAKEN or parse is None or not self._may_name(noun) or parse.tag.POS != "NOUN":
            return False
        if parse.tag.case != "nomn" or parse.tag.number != "sing":
            return False
        following = words[place + 2] if place + 2 < len(words) else ""
        leads = not following or any(self._has(group, following) for group in ("street_types", "house"))
        types = self._grammar.morphology.parses(words[place])
        return leads or all(kind.tag.case != "nomn" for kind in types if kind.tag.POS == "NOUN")

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
        if not found:
            return self._bare_unlisted(words, place)
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
        near = not place or self._has("place_prepositions", before) or self._has("address_cues", before)
        near = near or self._has("locality_types", before)
        leads = bool(following) and (self._has("street_types", following) or self._has("house", following))
        leads = leads or (found.end < len(words) and self._gazetteer.street(words, found.end) is not None)
        return found if near or leads else None

    def _bare_unlisted(self, words: Sequence[str], place: int) -> Named | None:
        """«В Голощапове», «в Сухих Плотах на Лесной»: by the preposition, the ending and what follows."""
        if not place or words[place] == TAKEN or not self._has("bare_prepositions", words[place - 1]):
            return None
        ends = tuple(self._grammar.lexicon.words.get("addresses.place_ends", ()))
        if not self._grammar.morphology.known(words[place]) and words[place].endswith(ends):
            return Named(titled(self._grammar.nominative(words[place])), place, place + 1, False)
        pair = self._adjective_and_noun(words, place)
        if not pair:
            return None
        following = words[place + 2 : place + 5]
        leads = any(self._has("street_types", word) or self._has("house", word) for word in following)
        leads = leads or any(self._gazetteer.street(words, at) for at in range(place + 2, min(place + 4, len(words))))
        return Named(pair, place, place + 2, False) if leads else None

    def _agrees_type(self, found: Named, street_type: str) -> bool:
        """«Садовый переулок»: the name is the street's, not the place's."""
        gender = self._grammar.gender("street_types", street_type)
        return any(
            gender in parse.tag for parse in self._grammar.morphology.parses(plain(found.name)) if "ADJF" in parse.tag
        )


def _gender_of(morphology: Morphology, noun: str) -> str:
    return next((str(p.tag.gender) for p in morphology.parses(noun) if p.tag.gender), "femn")
