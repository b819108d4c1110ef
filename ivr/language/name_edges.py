"""What may be a name by its place alone: whoever is brief says it first, or last as one signs a letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivr.language.name_forms import FEMININE, MASCULINE, ORDINARY, Part
from ivr.language.name_text import NameText

_EMPTY = ("greetings", "fillers")
_NOT_SURNAMES = ("no_surnames", "relatives", "roles", "offices")
_ACT_REACH = 6
_BRIEF = 8
_USUAL = 0.2


class NameEdges:
    """Reads the beginning and the end of one text."""

    def __init__(self, text: NameText) -> None:
        self._text, self._context = text, text.context
        self._words, self._knowledge = text.words, text.knowledge

    def opens(self, start: int) -> bool:
        """Only greetings, fillers and numbers stand before."""
        return all(self._is_empty(place) for place in range(start))

    def closes(self, end: int) -> bool:
        """Only greetings, fillers and numbers follow."""
        return all(self._is_empty(place) for place in range(end, len(self._words)))

    def is_surname(self, place: int, part: Part) -> bool:
        """An ordinary word may be a surname here: it speaks of no matter and describes nobody."""
        word = self._words[place]
        lemmas = self._knowledge.morphology.lemmas(word)
        if any(self._context.has(group, form) for form in (word, *lemmas) for group in _NOT_SURNAMES):
            return False
        described = part.gender is not None and not self.is_family(place)
        return part.weight >= ORDINARY and not described and not lemmas & self._knowledge.matters

    def is_family(self, place: int) -> bool:
        """The word ends as Russian surnames do."""
        return self._text.forms.is_family(self._words[place])

    def pair(self, surname: int, name: int, part: Part) -> bool:
        """Two words at the edge of the message are a surname, which is `part`, and a name."""
        start, end = min(surname, name), max(surname, name) + 1
        if not self.is_surname(surname, part):
            return False
        if self.is_family(surname):
            return self.opens(start) or (self.closes(end) and self._context.signs(start))
        strange = not self._knowledge.morphology.known(self._words[surname])
        if surname > name or not (strange or self._is_only_name(name)):
            return False
        beside = strange or self._context.starts(start)
        return self.opens(start) or (beside and self.closes(end) and self._context.signs(start))

    def surname(self, place: int, part: Part) -> bool:
        """A surname said first, with nothing that its bearer does: «Гусев, вода ржавая»."""
        end = place + 1
        if end >= len(self._words) or not self.opens(place) or self._is_many(place):
            return False
        if self._knowledge.gazetteer.is_street(self._words[place]) or self._goes_on(place, part):
            return False
        return self._orders(end) or self._context.has("offices", self._words[end]) or not self.is_subject(end, part)

    def after_number(self, place: int, part: Part) -> bool:
        """A surname signs what ends with the number."""
        signed = place - 1 in self._text.masked and self.closes(place + 1)
        return signed and self.is_family(place) and self.is_surname(place, part)

    def is_calling(self, place: int, part: Part) -> bool:
        """An ordinary word between «this is» and «calling»."""
        if not 0 < place < len(self._words) - 1:
            return False
        between = self._context.has("self_after", self._words[place - 1]), self._words[place + 1]
        return between[0] and self._context.has("self_verbs", between[1]) and self.is_surname(place, part)

    def in_office(self, start: int, end: int) -> bool:
        """An office and a surname are at an edge of a brief message: «школа номер два, завуч Баранова»."""
        office = start > 0 and self._context.has("offices", self._words[start - 1])
        whole = range(len(self._words))
        edge = self.closes(end) or (start > 0 and self.opens(start - 1) and self._context.ends(end))
        return office and edge and len(whole) <= _BRIEF and not any(self._acts(at) for at in whole)

    def is_subject(self, end: int, part: Part) -> bool:
        """A verb that agrees with the surname before `end` follows, and no other subject before it."""
        readings = self._parses(end)
        thing = any({"NOUN", "inan", "nomn"} <= set(parse.tag.grammemes) for parse in readings[:1])
        if thing and not any("accs" in parse.tag for parse in readings):
            return False
        return any(self._acts(place, part.gender) for place in range(end, min(end + _ACT_REACH, len(self._words))))

    def name(self, start: int, end: int) -> bool:
        """A first name beside the number, as a relative's signature, or after «uncle», «granny»."""
        before = start - 1
        if before in self._text.masked or end in self._text.masked:
            return self._is_only_name(start) and (end in self._text.masked or self.closes(end))
        while before > 0 and self._context.has("third_person", self._words[before]):
            before -= 1
        if before < 0 or not self._context.has("relatives", self._words[before]):
            return False
        if self.closes(end) and any(at < before for at in self._text.masked):
            return True
        return self._context.has("titles", self._words[before]) and self.opens(before) and self._himself(end)

    def _himself(self, end: int) -> bool:
        if self.closes(end) or self._context.i_after(end):
            return True
        whence = self._context.has("whence", self._words[end]) or self._context.has("roles", self._words[end])
        return whence and not any(self._acts(place) for place in range(end, len(self._words)))

    def _is_empty(self, place: int) -> bool:
        return place in self._text.masked or any(self._context.has(group, self._words[place]) for group in _EMPTY)

    def _parses(self, place: int) -> Sequence[Any]:
        return self._knowledge.morphology.parses(self._words[place])

    def _is_only_name(self, place: int) -> bool:
        """No noun besides («вера», «роман» are)."""
        return not any("Name" not in parse.tag and parse.score >= _USUAL for parse in self._parses(place))

    def _is_many(self, place: int) -> bool:
        """«Волков» is «of wolves» as well."""
        plural = [parse for parse in self._parses(place) if {"plur", "gent"} <= set(parse.tag.grammemes)]
        return any("Surn" not in parse.tag and "Name" not in parse.tag for parse in plural)

    def _goes_on(self, place: int, part: Part) -> bool:
        """A word that belongs to the surname follows: «Жукова улица», «Гагарина пять», «Петрова корова»."""
        word, lexicon = self._words[place + 1], self._knowledge.lexicon
        if any(lexicon.has(group, word) for group in ("addresses.street_types", "addresses.house")):
            return True
        if any(self._context.has(group, word) for group in ("roles", "others_verbs", "heads")):
            return True
        if any("ADJF" in parse.tag for parse in self._parses(place)) and self._parses(place + 1)[:1]:
            return "NOUN" in self._parses(place + 1)[0].tag  # «Теплоогарёвский район»
        thing = any({"NOUN", "nomn"} <= set(parse.tag.grammemes) for parse in self._parses(place + 1))
        office = self._context.has("offices", word)
        return part.gender != MASCULINE and not office and (thing or word in lexicon.numerals)

    def _orders(self, place: int) -> bool:
        return any("impr" in parse.tag for parse in self._parses(place)[:1])

    def _acts(self, place: int, gender: str | None = None) -> bool:
        """A verb that somebody of this gender does or did."""
        for parse in self._parses(place)[:1]:
            tag = parse.tag
            if tag.POS != "VERB" or "plur" in tag:
                return False
            return "3per" in tag or ("past" in tag and tag.gender in ((gender,) if gender else (MASCULINE, FEMININE)))
        return False
