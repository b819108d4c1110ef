"""Windows of words that agree in gender and case and may be the caller's name, each with how sure it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ivr.language.name_context import Whose
from ivr.language.name_edges import NameEdges
from ivr.language.name_forms import (
    CASES,
    FEMININE,
    MASCULINE,
    NAME,
    NOMINATIVE,
    PATRONYMIC,
    RARE,
    SOLID,
    SURNAME,
    Part,
)
from ivr.language.name_text import NameText, Token
from ivr.language.text import plain

_GENDERS = (MASCULINE, FEMININE)
_ORDERS = {
    3: ((SURNAME, NAME, PATRONYMIC), (NAME, PATRONYMIC, SURNAME)),
    2: (
        (NAME, PATRONYMIC),
        (SURNAME, NAME),
        (NAME, SURNAME),
        (SURNAME, PATRONYMIC),
        (PATRONYMIC, SURNAME),
        (PATRONYMIC, NAME),
    ),
    1: ((SURNAME,), (NAME,), (PATRONYMIC,)),
}  # fmt: skip
_ENOUGH_PAIR = 1.55
_ALONE = 3
_CUE = {Whose.SELF: 1.0, Whose.CALL_BACK: 2.5, Whose.UNKNOWN: 0.0}
_INTRODUCED = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """Words [start, end) as a name.

    Attributes:
        parts: in the nominative, by role.
        gender: pymorphy's; None: not known.
        score: 0 or less: it is not the caller's.
    """

    start: int
    end: int
    parts: Mapping[str, str]
    gender: str | None
    score: float


class NameWindows:
    """Finds the windows of one text."""

    def __init__(self, text: NameText) -> None:
        self._text, self._context = text, text.context
        self._words = text.words
        self._edges = NameEdges(text)
        self._times = Counter(text.words)
        self._others: set[tuple[int, int]] = set()
        fillers = ("greetings", "fillers", "after_names")
        said = [word for word in text.words if not any(text.has(group, word) for group in fillers)]
        self._alone = len(said) <= _ALONE

    def find(self) -> Iterator[Window]:
        """Every window that may be the caller's name, and no part of somebody else's."""
        windows: list[Window] = []
        for start in range(len(self._words)):
            for chain in self._text.chains(start, 3):
                windows += self._read(chain)
            double = self._double_name(start)
            windows += [double] if double else []
        for window in windows:
            if not any(start <= window.start and window.end <= end for start, end in self._others):
                yield window

    def _read(self, chain: tuple[Token, ...]) -> Iterator[Window]:
        start, end = chain[0].start, chain[-1].end
        oblique = self._context.oblique_allowed(start, end)
        for order in _ORDERS[len(chain)]:
            found = list(self._windows_in(chain, order, CASES[1:])) if self._context.genitive_before(start) else []
            found = found or list(self._windows_in(chain, order, CASES if oblique else CASES[:1]))
            if found:
                best = max(found, key=lambda window: window.score)
                if best.score > 0:
                    yield best

    def _windows_in(
        self, chain: Sequence[Token], order: Sequence[str], cases: Sequence[str], genders: Sequence[str] = _GENDERS
    ) -> Iterator[Window]:
        """Readings of the chain with its parts in this order, all in one case and gender."""
        parts = [[part for part in token.parts if part.role == role] for token, role in zip(chain, order, strict=True)]
        if not all(parts):
            return
        for case in cases:
            in_case = [[part for part in of_token if part.case in (case, None)] for of_token in parts]
            for gender in genders if all(in_case) else ():
                fitting = [[part for part in of_token if part.gender in (gender, None)] for of_token in in_case]
                if all(fitting):
                    chosen = [max(of_token, key=lambda part: part.weight) for of_token in fitting]
                    yield self._window(chain, dict(zip(order, chosen, strict=True)), case, gender)

    def _window(self, chain: Sequence[Token], chosen: dict[str, Part], case: str, gender: str) -> Window:
        start, end = chain[0].start, chain[-1].end
        score = self._score(chosen, start, end, case)
        score += sum(token.penalty for token in chain) if score > 0 else 0.0
        known = any(part.gender for part in chosen.values())
        return Window(start, end, {role: part.text for role, part in chosen.items()}, gender if known else None, score)

    def _double_name(self, start: int) -> Window | None:
        """«Анна Мария Шульц»: two names of one gender and a surname."""
        trio = [tokens[:1] for tokens in self._text.tokens[start : start + 3]]
        if len(trio) < 3 or not all(trio):
            return None
        first, second, third = (tokens[0] for tokens in trio)
        window, again = (
            next(self._windows_in((name, third), (NAME, SURNAME), (NOMINATIVE,), (FEMININE,)), None)
            for name in (first, second)
        )
        if window is None or again is None or window.score <= 0:
            return None
        if any(part.role == SURNAME and part.weight >= SOLID for part in second.parts):
            return None
        name = f"{window.parts[NAME]}-{again.parts[NAME]}"
        return replace(window, end=third.end, parts={**window.parts, NAME: name}, score=window.score + 0.5)

    # -- how sure --------------------------------------------------------------------------------------------------

    def _score(self, chosen: dict[str, Part], start: int, end: int, case: str) -> float:
        """How surely the window is the caller's name; 0 or less: it is not."""
        whose = self._context.whose(start, end, full=self._is_full(chosen, start, case))
        if whose is Whose.OTHER and list(chosen) == [SURNAME] and self._edges.in_office(start, end):
            whose = Whose.UNKNOWN
        street = start > 0 and self._context.has("not_before", self._words[start - 1])
        if whose is Whose.OTHER and len(chosen) == len(_ORDERS) and case == NOMINATIVE and not street:
            self._others.add((start, end))
        if whose is Whose.OTHER or self._is_official(chosen, start):
            return 0.0
        weight = sum(part.weight for part in chosen.values())
        weakest = min(part.weight for part in chosen.values())
        cue = whose is not Whose.UNKNOWN or self._text.asked
        edge = case == NOMINATIVE and self._at_edge(chosen, start, end)
        if SURNAME in chosen and not (edge or self._may_be_surname(chosen, start, end, cue)):
            return 0.0
        if SURNAME not in chosen and not cue and (self._context.greeted(start, end) or self._ordered(end)):
            return 0.0
        if NAME in chosen and chosen[NAME].weight < RARE and PATRONYMIC not in chosen:
            return 0.0
        if len(chosen) == 1 and not self._single_allowed(chosen, start, end, whose):
            return 0.0
        if SURNAME in chosen and NAME in chosen and chosen[SURNAME].text == chosen[NAME].text and len(chosen) > 2:
            return 0.0
        pair = len(chosen) == 2 and PATRONYMIC not in chosen
        if pair and weight < _ENOUGH_PAIR and not (cue or edge or self._alone):
            return 0.0
        if case != NOMINATIVE and not cue:
            return 0.0
        bonus = 0.5 if NAME in chosen and PATRONYMIC in chosen else 0.0
        bonus += _INTRODUCED * len(chosen) if self._context.introduced(start) else 0.0
        return weight + bonus + _CUE[whose] + (0.2 if case == NOMINATIVE else 0.0) - (0.1 if weakest < SOLID else 0.0)

    def _at_edge(self, chosen: dict[str, Part], start: int, end: int) -> bool:
        """A surname and a name, one word each, begin the message or end it."""
        if chosen.keys() != {SURNAME, NAME} or end - start != len(chosen):
            return False
        surname = start + list(chosen).index(SURNAME)
        return self._edges.pair(surname, start + end - 1 - surname, chosen[SURNAME])

    def _is_full(self, chosen: dict[str, Part], start: int, case: str) -> bool:
        """Surname, name and patronymic in the nominative; no such place is known."""
        solid = len(chosen) == 3 and chosen[SURNAME].weight >= SOLID and case == NOMINATIVE
        return solid and not self._text.knowledge.gazetteer.is_locality(self._words[start])

    def _may_be_surname(self, chosen: dict[str, Part], start: int, end: int, cue: bool) -> bool:
        """An ordinary or unknown word as a surname: only beside a name, and where nothing else goes on from it."""
        if chosen[SURNAME].weight >= RARE or len(chosen) == 1:
            return True
        if NAME not in chosen or not (PATRONYMIC in chosen or cue or self._alone):
            return False
        first = next(iter(chosen)) == SURNAME
        word = self._words[start] if first else self._words[end - 1]
        lemma = self._text.knowledge.morphology.lemma(word)
        if any(self._context.has(group, form) for form in (word, lemma) for group in _NOT_SURNAMES):
            return False
        if first:
            return self._context.starts(start)
        if len(self._words) == end - start:
            return True
        return self._context.ends(end) and not (
            self._text.knowledge.morphology.lemmas(word) & self._text.knowledge.matters
        )

    def _single_allowed(self, chosen: dict[str, Part], start: int, end: int, whose: Whose) -> bool:
        ((role, part),) = chosen.items()
        introduced = self._context.introduced(start)
        if self._context.has("no_surnames", self._words[start]) and not introduced:
            return False
        place = role == SURNAME and self._text.knowledge.gazetteer.is_locality(self._words[start])
        if place and not (introduced or self._text.asked):
            return False
        if role == NAME and part.case == NOMINATIVE and part.weight >= SOLID and self._edges.name(start, end):
            return True
        if whose is not Whose.UNKNOWN:
            near = introduced or self._near_cue(start, end)
            fixed = role == SURNAME and part.case is None and self._context.has("self", self._words[start - 1])
            return near and (part.weight >= RARE or (role == NAME and introduced) or (fixed and start > 0))
        alone = len(self._words) <= 2 or self._text.asked
        if role == SURNAME and self._ends_an_address(start):
            return False
        if role == SURNAME and self._edges.after_number(start, part):
            return True
        if role == SURNAME:
            again = self._times[self._words[start]] > 1
            return part.weight >= SOLID and (
                alone or again or end == len(self._words) or self._closes(end, part) or self._edges.surname(start, part)
            )
        if role == PATRONYMIC and start == 0 and self._context.i_after(end):
            return True
        whence = role == NAME and end < len(self._words) and self._context.from_a_place(end)
        return (alone or whence) and part.weight >= SOLID

    def _ends_an_address(self, start: int) -> bool:
        """«House six, Lenina»."""
        lexicon, before = self._text.knowledge.lexicon, self._words[start - 1] if start else ""
        numbered = before in lexicon.numerals or lexicon.has("addresses.house", before)
        return numbered and self._text.knowledge.gazetteer.is_street(self._words[start])

    def _near_cue(self, start: int, end: int) -> bool:
        near = self._words[max(start - 3, 0) : start]
        cues = any(self._context.has("self", word) or self._context.has("call_back", word) for word in near)
        return cues or self._context.self_after(end) or self._context.called_after(end)

    def _ordered(self, end: int) -> bool:
        """«Николай Степанович, выслушайте»: an order to the one who is named."""
        word = self._words[end] if end < len(self._words) else ""
        if not word or any(self._context.has(group, word) for group in ("call_back", "self", "after_names")):
            return False
        return any({"impr", "plur"} <= set(parse.tag.grammemes) for parse in self._parses(word)[:1])

    def _closes(self, end: int, part: Part) -> bool:
        """Only a number, an address or thanks follow, or what he himself does or wants."""
        if self._names_a_street(end):
            return False
        word = self._words[end]
        if self._context.has("whence", word) and self._edges.is_subject(end, part):
            return False  # «Новиков из управы обещал»
        first_person = any("1per" in parse.tag for parse in self._parses(word)[:1])
        return end in self._text.masked or self._context.has("after_names", word) or first_person

    def _names_a_street(self, end: int) -> bool:
        """«Жукова улица, дом три»."""
        lexicon = self._text.knowledge.lexicon
        following = self._words[end + 1] if end + 1 < len(self._words) else ""
        house = lexicon.has("addresses.house", following) or following in lexicon.numerals
        return house and lexicon.has("addresses.street_types", self._words[end])

    def _parses(self, word: str) -> Sequence[Any]:
        return self._text.knowledge.morphology.parses(word)

    def _is_official(self, chosen: dict[str, Part], start: int) -> bool:
        """The head of the administration, addressed or spoken of."""
        if len(chosen) < 2 or self._context.introduced(start):
            return False
        said = {role: plain(part.text) for role, part in chosen.items()}
        for official in self._text.knowledge.lexicon.officials:
            full = dict(zip((NAME, PATRONYMIC, SURNAME), official, strict=True))
            if all(full[role] == text for role, text in said.items()):
                return True
        return False


_NOT_SURNAMES = ("no_surnames", "relatives", "roles")
