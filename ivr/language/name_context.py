"""What the words around a name say: the caller's own, somebody he asks to call, or somebody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from enum import StrEnum

from ivr.language.lexicon import Lexicon

_REACH = 6
_ROLE_REACH = 3
_VERB_REACH = 4
_PLACE_WORDS = 4
_NO_WORDS: Set[str] = frozenset()
_PASSED = ("between", "relatives", "persons")


class Whose(StrEnum):
    """To whom a name belongs."""

    SELF = "self"
    CALL_BACK = "call back"
    UNKNOWN = "unknown"
    OTHER = "other"


class NameContext:
    """Reads the surroundings of name windows in one text.

    Args:
        words: of `text.split`.
        lists: the section of names.
        masked: places of addresses and telephone numbers.
    """

    def __init__(
        self, words: Sequence[str], lexicon: Lexicon, lists: Mapping[str, Set[str]], masked: frozenset[int]
    ) -> None:
        self._words = words
        self._lexicon = lexicon
        self._lists = lists
        self._masked = masked

    def whose(self, start: int, end: int, *, full: bool = False) -> Whose:
        """The owner of the name at [start, end). `full`: surname, name and patronymic."""
        left = self._left(start, full)
        if left is not Whose.SELF and self._others_verb(end):
            return Whose.OTHER
        if left is Whose.OTHER:
            return self._in_office(start, end, full)
        if left is Whose.UNKNOWN and self.self_after(end):
            relative = start > 0 and self.has("relatives", self._words[start - 1])
            return Whose.UNKNOWN if relative and not self._calls(end) else Whose.SELF
        if left is Whose.UNKNOWN and self._booking_after(end):
            return Whose.SELF
        if left is Whose.UNKNOWN and self.called_after(end):
            return Whose.CALL_BACK
        return left

    def oblique_allowed(self, start: int, end: int) -> bool:
        """Words around ask for another case than the nominative («от», «перезвоните»)."""
        called = any(self.has("called", word) for word in self._words[end : end + 2])  # «Раисой меня зовут»
        asked = self.called_after(end) or self._booking_after(end)
        return called or asked or self.oblique_before(start) or self.booked(start)

    def booked(self, start: int) -> bool:
        """«Put … down», «put down for … »: the accusative may follow."""
        before = start
        while before and self.has("booked_for", self._words[before - 1]):
            before -= 1
        return before > 0 and self.has("booking", self._words[before - 1])

    def genitive_before(self, start: int) -> bool:
        """The word right before, or the one before a role, cannot stand before a nominative («от»)."""
        before = start - 1
        if before > 0 and self.has("persons", self._words[before]):
            before -= 1
        return before >= 0 and self.has("genitive", self._words[before])

    def oblique_before(self, start: int) -> bool:
        """Words before do."""
        before = self._words[max(start - _REACH, 0) : start]
        return any(self.has("from_words", word) or self.has("call_back", word) for word in before)

    def starts(self, start: int) -> bool:
        """Nothing that belongs to the name can stand before it."""
        return start == 0 or start - 1 in self._masked or self._is_edge(self._words[start - 1])

    def ends(self, end: int) -> bool:
        """Nothing that belongs to the name can stand after it."""
        if end >= len(self._words) or end in self._masked:
            return True
        word = self._words[end]
        return self._is_edge(word) or word in self._lexicon.numerals or self.has("after_names", word)

    def greeted(self, start: int, end: int) -> bool:
        """The caller addresses somebody: a greeting stands beside, or his office after."""
        while start and self.has("our", self._words[start - 1]):
            start -= 1
        before = self._words[start - 1] if start else ""
        after = self._words[end] if end < len(self._words) else ""
        return self.has("greetings", before) or self.has("greetings", after) or self.has("heads", after)

    def introduced(self, start: int) -> bool:
        """He says straight away that it is his name."""
        before = self._words[max(start - 2, 0) : start]
        named = any(self._called_me(place) for place in range(max(start - _ROLE_REACH, 1), start))
        return named or any(self.has("introductions", word) for word in before) or self._me(start)

    def self_after(self, end: int) -> bool:
        """«… is calling», also with where from between («тётя Валя с почты звонит»); «… am I» at the very end."""
        if end >= len(self._words):
            return False
        if self.has("whence", self._words[end]):
            return any(self.has("self_verbs", word) for word in self._words[end + 2 : end + 4])
        last = end == len(self._words) - 1 and self.has("i", self._words[end])
        return last or self.has("self_after", self._words[end])

    def i_after(self, end: int) -> bool:
        """«Саныч я» at the beginning."""
        return end < len(self._words) and self.has("i", self._words[end])

    def called_after(self, end: int) -> bool:
        """«… call back» follows."""
        return end < len(self._words) and self.has("call_back", self._words[end])

    def from_a_place(self, end: int) -> bool:
        """«… from the hamlet of X», and no more."""
        kinds = ("addresses.locality_types", "addresses.street_types")
        after = self._words[end + 1 : end + 2]
        place = any(self._lexicon.has(kind, word) for kind in kinds for word in after)
        return place and self.has("whence", self._words[end]) and len(self._words) - end <= _PLACE_WORDS

    def signs(self, place: int) -> bool:
        """A name may stand here as a signature: nothing before asks for it."""
        before = self._words[place - 1] if place else ""
        if self.has("roles", before) and self._self_before(place - 1):
            return True
        return not any(self.has(group, before) for group in ("not_before", "roles", "relatives", "prepositions"))

    def has(self, group: str, word: str) -> bool:
        """The word belongs to a list of the section."""
        return word in self._lists.get(group, _NO_WORDS)

    def _is_edge(self, word: str) -> bool:
        return self.has("self", word) or self.has("self_after", word) or self.has("greetings", word) or (
            self.has("fillers", word) or self.has("call_back", word)
        )  # fmt: skip

    def _left(self, start: int, full: bool) -> Whose:
        if self._me(start) or self.booked(start):
            return Whose.SELF
        before = start - 1
        if before >= 0 and before not in self._masked and self.has("not_before", self._words[before]):
            if not (full and self.has("places", self._words[before])):
                return Whose.OTHER
            before -= 1
        for place in range(before, max(start - _REACH, 0) - 1, -1):
            word = self._words[place]
            if self.has("roles", word):
                return Whose.SELF if self._self_before(place) else Whose.OTHER
            if self.has("called", word) and self._third_person(place):
                return self._asked_for(place)
            if self.has("self", word) or self._called_me(place):
                return Whose.SELF
            if self.has("call_back", word):
                return Whose.CALL_BACK
            skipped = place in self._masked or word in self._lexicon.numerals
            near_role = start - place < _ROLE_REACH and place and self.has("roles", self._words[place - 1])
            if not (skipped or near_role or any(self.has(group, word) for group in _PASSED)):
                return Whose.UNKNOWN
        return Whose.UNKNOWN

    def _in_office(self, start: int, end: int, full: bool) -> Whose:
        """A name after an office: the caller's when he says so, or when nobody does anything there."""
        before = self._words[max(start - _VERB_REACH, 0) : start]
        if start and self.has("not_before", self._words[start - 1]):
            return Whose.OTHER
        if end < len(self._words) and self.has("self_verbs", self._words[end]):
            return Whose.SELF
        acts = any(self.has("others_verbs", word) for word in before)
        return Whose.UNKNOWN if full and not acts and self.ends(end) else Whose.OTHER

    def _third_person(self, place: int) -> bool:
        """«Her name is», «the neighbour's name is»."""
        before = self._words[place - 1] if place else ""
        after = self._words[place + 1] if place + 1 < len(self._words) else ""
        near = any(self.has("third_person", word) for word in (before, after))
        return near or self.has("roles", before) or self.has("relatives", before)

    def _asked_for(self, place: int) -> Whose:
        """Somebody else's name: his whom the caller asks to ring, or nobody's who matters."""
        if any(self.has("call_back", word) for word in self._words) or any(at < place for at in self._masked):
            return Whose.CALL_BACK
        return Whose.OTHER if any(self.has("roles", word) for word in self._words[:place]) else Whose.UNKNOWN

    def _calls(self, end: int) -> bool:
        return any(self.has("self_verbs", word) for word in self._words[end : end + _REACH])

    def _me(self, start: int) -> bool:
        """«… and I am Nina»."""
        me = start > 1 and self.has("me", self._words[start - 1])
        return me and self.has("contrast", self._words[start - 2])

    def _called_me(self, place: int) -> bool:
        """«Call me …», with the words in any order."""
        verb, me = self._words[max(place - 1, 0)], self._words[place]
        return self.has("me", me) and (self.has("called", verb) or self.has("naming", verb))

    def _booking_after(self, end: int) -> bool:
        return end < len(self._words) and self.has("booking", self._words[end])

    def _self_before(self, place: int) -> bool:
        before = [word for word in self._words[max(place - _ROLE_REACH, 0) : place] if not self.has("between", word)]
        return any(self.has("self", word) for word in before[-2:])

    def _others_verb(self, end: int) -> bool:
        if end < len(self._words) and self.has("whence", self._words[end]):
            end += 2  # «Марина Васильевна из собеса сказала»
        after = list(self._words[end : end + 2])
        if after and self.has("others_not", after[0]):
            after = after[1:]
        return bool(after) and self.has("others_verbs", after[0])
