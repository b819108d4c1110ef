"""Names of places that no list has, known by their shape and by the words around."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.language.address_grammar import TAKEN, AddressGrammar, titled
from ivr.language.gazetteer import Gazetteer, Named
from ivr.language.text import plain

_SHORTEST = 4
_NEAR = 3
_PREPOSITIONAL, _GENITIVE = "loct", "gent"


class PlaceNames:
    """Judges words as names of places.

    Args:
        grammar: words of addresses.
        gazetteer: a listed street after the words makes them a place.
    """

    def __init__(self, grammar: AddressGrammar, gazetteer: Gazetteer) -> None:
        self._grammar, self._gazetteer = grammar, gazetteer
        self._morphology, self._has = grammar.morphology, grammar.has
        self._unbent_ends = tuple(grammar.lexicon.words.get("addresses.unbent_ends", ()))
        self._ends = tuple(grammar.lexicon.words.get("addresses.place_ends", ()))

    def after_kind(self, words: Sequence[str], place: int) -> Named | None:
        """The name at «village», after the word or before it."""
        after = place + 1
        pair = self._adjective_and_noun(words, after)
        if pair:
            return Named(pair, place, after + 2, False)
        gender = self._grammar.gender("locality_types", words[place])
        adjective = self._grammar.adjective(words[after], gender)
        if adjective and not self._has("descriptive", words[after]) and not self._grammar.noun_follows(words, after):
            return Named(titled(adjective), place, after + 1, False)
        if self._is_neuter(words, after):
            return Named(titled(words[after]), place, after + 1, False)
        if self._like_a_place(words[after]) or self._named_by_noun(words, place):
            return Named(titled(self._grammar.nominative(words[after])), place, after + 1, False)
        before = place - 1
        if before > 0 and self._has("place_prepositions", words[before - 1]) and self._like_a_place(words[before]):
            return Named(titled(self._grammar.nominative(words[before])), before, place + 1, False)
        return None

    def bare(self, words: Sequence[str], place: int, *, own: bool) -> Named | None:
        """«В Голощапове», «в Сухих Плотах на Лесной». `own`: «at our place» stands before."""
        if words[place] == TAKEN or self._has("not_names", words[place]):
            return None
        if not place or self._has("address_cues", words[place - 1]):
            return self._at_start(words, place)
        if self._unbent(words[place]) and self._has("on", words[place - 1]):
            return Named(titled(words[place]), place, place + 1, False)
        if not self._has("bare_prepositions", words[place - 1]):
            return None
        if not self._morphology.known(words[place]) and words[place].endswith(self._ends):
            return Named(titled(self._grammar.nominative(words[place])), place, place + 1, False)
        after_house = place > 1 and (
            words[place - 2] in self._grammar.lexicon.numerals or self._has("house", words[place - 2])
        )
        pair = self._adjective_and_noun(words, place)
        if pair and (own or self._leads(words, place + 2)):
            return Named(pair, place, place + 2, False)
        if own or after_house or self._leads(words, place + 1):
            name = self._neuter(words, place) or self._noun(words, place, own=own)
            return Named(name, place, place + 1, False) if name else None
        return None

    def _at_start(self, words: Sequence[str], place: int) -> Named | None:
        """«Кривые Лужки, дом пять», «Дедилово, Центральная»."""
        if self._unbent(words[place]) and self._leads(words, place + 1):
            return Named(titled(words[place]), place, place + 1, False)
        pair = self._adjective_and_noun(words, place, usual=True)
        house = words[place + 2 : place + 4]
        numbered = len(house) == 2 and self._has("house", house[0]) and house[1] in self._grammar.lexicon.numerals
        return Named(pair, place, place + 2, False) if pair and numbered else None

    def _unbent(self, word: str) -> bool:
        """An unknown word that can hardly be but a village's name, in -ovo or -ino."""
        return not self._morphology.known(word) and word.endswith(self._unbent_ends)

    def _is_neuter(self, words: Sequence[str], place: int) -> bool:
        """«Деревни Сторожевое»: a neuter adjective in the nominative without a noun."""
        if self._has("descriptive", words[place]) or self._grammar.noun_follows(words, place):
            return False
        wanted = {"ADJF", "neut", "sing", "nomn"}
        return any(
            wanted <= set(parse.tag.grammemes) and "Apro" not in parse.tag
            for parse in self._morphology.parses(words[place])
        )

    def _leads(self, words: Sequence[str], end: int) -> bool:
        """A street or a house follows."""
        near = words[end : end + _NEAR]
        if any(self._has("street_types", word) or self._has("house", word) for word in near):
            return True
        if end < len(words) and words[end] in self._grammar.lexicon.numerals:
            return True
        return any(self._gazetteer.street(words, at) for at in range(end, min(end + 2, len(words))))

    def _neuter(self, words: Sequence[str], place: int) -> str:
        """«В Гремячем», «в Архангельском»: an adjective without a noun."""
        following = words[place + 1] if place + 1 < len(words) else ""
        if any(self._has(group, following) for group in ("street_types", "house")):
            return ""
        if self._has("descriptive", words[place]) or self._grammar.noun_follows(words, place):
            return ""
        for parse in self._morphology.parses(words[place]):
            tag = parse.tag
            kind = "ADJF" in tag and "Anum" not in tag and "Apro" not in tag
            if kind and tag.case == _PREPOSITIONAL and tag.number == "sing" and tag.gender in ("masc", "neut"):
                form = parse.inflect({"nomn", "sing", "neut"})
                return titled(plain(str(form.word))) if form else ""
        return ""

    def _noun(self, words: Sequence[str], place: int, *, own: bool) -> str:
        """«В Дубках», «в Горняке», «из Липок»: a noun that is no matter, in the case of its preposition."""
        if len(words[place]) < _SHORTEST or not self._may_name(words[place]):
            return ""
        cases = (_PREPOSITIONAL, "accs") if self._has("in_prepositions", words[place - 1]) else (_GENITIVE,)
        listed = any(self._has("place_nouns", lemma) for lemma in self._morphology.lemmas(words[place]))
        for parse in self._morphology.parses(words[place]):
            usual = listed or "anim" in parse.tag or parse.tag.number == "plur"
            usual = usual or (own and words[place].endswith(self._ends))
            if parse.tag.POS == "NOUN" and parse.tag.case in cases and usual and "Name" not in parse.tag:
                form = parse.inflect({"nomn"})
                return titled(plain(str(form.word))) if form else ""
        return ""

    def _adjective_and_noun(self, words: Sequence[str], place: int, *, usual: bool = False) -> str:
        """«Старая Мельница», «в Сухих Плотах», in the nominative; "" when it is not a name."""
        if place + 1 >= len(words) or TAKEN in words[place : place + 2] or self._has("descriptive", words[place]):
            return ""
        noun = words[place + 1]
        usual = usual or any(
            self._has(group, lemma)
            for group, word in (("place_adjectives", words[place]), ("place_nouns", noun))
            for lemma in self._morphology.lemmas(word)
        )
        if not (self._like_a_place(noun) or (usual and self._may_name(noun))):
            return ""
        for adjective in self._morphology.parses(words[place]):
            for parse in self._morphology.parses(noun) if "ADJF" in adjective.tag else ():
                tags = adjective.tag, parse.tag
                agree = tags[0].case == tags[1].case and tags[0].number == tags[1].number
                if parse.tag.POS != "NOUN" or not agree or tags[0].gender not in (None, tags[1].gender):
                    continue
                bent = [form.inflect({"nomn"}) for form in (adjective, parse)]
                if all(bent):
                    return titled(" ".join(str(form.word) for form in bent if form))
        return ""

    def _may_name(self, noun: str) -> bool:
        """A noun that a place may be called by: nothing that messages are about."""
        if any(self._has(group, noun) for group in ("not_names", "street_types", "house")):
            return False
        lemmas = self._morphology.lemmas(noun)
        listed = any(self._has("place_nouns", lemma) for lemma in lemmas)
        if not listed and lemmas & self._grammar.matters:
            return False
        return any(parse.tag.POS == "NOUN" for parse in self._morphology.parses(noun)[:2])

    def _named_by_noun(self, words: Sequence[str], place: int) -> bool:
        """«Посёлок Горняк, улица…», «в посёлке Ягодка»: a noun that stays in the nominative."""
        noun = words[place + 1]
        parse = next(iter(self._morphology.parses(noun)), None)
        if noun == TAKEN or parse is None or not self._may_name(noun) or parse.tag.POS != "NOUN":
            return False
        if parse.tag.case != "nomn" or parse.tag.number != "sing":
            return False
        following = words[place + 2] if place + 2 < len(words) else ""
        leads = not following or any(self._has(group, following) for group in ("street_types", "house"))
        types = self._morphology.parses(words[place])
        return leads or all(kind.tag.case != "nomn" for kind in types if kind.tag.POS == "NOUN")

    def _like_a_place(self, word: str) -> bool:
        """A name by its shape: a geographical noun, an unknown word, or people in the genitive plural."""
        if word == TAKEN or self._has("not_names", word):
            return False
        parses = self._morphology.parses(word)
        if any("Geox" in parse.tag for parse in parses):
            return True
        if any({"plur", "gent", "anim"} <= set(parse.tag.grammemes) for parse in parses[:2]):
            return True
        return word.endswith(self._ends) and bool(parses) and parses[0].tag.POS in {"NOUN", "ADJS", "ADJF"}
