"""The caller's name: windows of words that agree in gender and case, judged by what stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivr.domain.contact import PersonName
from ivr.language.facts import Certain, Span
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.name_context import NameContext, Whose
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
    NameForms,
    Part,
)
from ivr.language.text import plain

_GENDERS = (MASCULINE, FEMININE)
_ROLES = (SURNAME, NAME, PATRONYMIC)
_ORDERS = {
    3: ((SURNAME, NAME, PATRONYMIC), (NAME, PATRONYMIC, SURNAME)),
    2: ((NAME, PATRONYMIC), (SURNAME, NAME), (NAME, SURNAME), (SURNAME, PATRONYMIC), (PATRONYMIC, SURNAME)),
    1: ((SURNAME,), (NAME,), (PATRONYMIC,)),
}
_ENOUGH_PAIR = 1.55
_GLUED = 6
_ALONE = 3
_LONGEST_CHAIN = 6
_SHORTEST_STUTTER = 2
_TORN = -0.15
_CUE = {Whose.SELF: 1.0, Whose.CALL_BACK: 2.5, Whose.UNKNOWN: 0.0}
_MOST_NAMES_WORDS = 600


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    parts: tuple[Part, ...]
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class _Window:
    start: int
    end: int
    parts: dict[str, str]
    gender: str | None
    score: float


class NameFinder:
    """Finds the caller's name; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology) -> None:
        self._matters = frozenset(word for topic in lexicon.topics for word in topic.weights)
        self._lexicon = lexicon
        self._morphology = morphology
        self._forms = NameForms(lexicon.names, morphology)

    def find(
        self, raw: Sequence[str], words: Sequence[str], *, masked: frozenset[int] = frozenset(), asked: bool = False
    ) -> Certain[PersonName] | None:
        """The name of the caller, or of the person he asks to call; None when nothing is sure.

        Args:
            raw: the words as heard, lower case.
            words: the same by `text.split`.
            masked: places of numbers and addresses.
            asked: the text answers the question for the name.
        """
        raw, words = raw[:_MOST_NAMES_WORDS], words[:_MOST_NAMES_WORDS]
        return _Reading(raw, words, self._lexicon, self._forms, self._morphology, self._matters, masked, asked).best()


class _Reading:
    """One text being read for names."""

    def __init__(
        self, raw: Sequence[str], words: Sequence[str], lexicon: Lexicon, forms: NameForms, morphology: Morphology,
        matters: frozenset[str], masked: frozenset[int], asked: bool,
    ) -> None:  # fmt: skip
        self._raw = raw
        self._words = words
        self._lexicon = lexicon
        self._forms = forms
        self._morphology = morphology
        self._matters = matters
        self._asked = asked
        self._masked = masked
        self._context = NameContext(words, lexicon, masked)
        oblique = [self._context.oblique_allowed(place) for place in range(len(words))]
        self._oblique = [any(oblique[max(place - _LONGEST_CHAIN, 0) : place + 1]) for place in range(len(words))]
        self._tokens = [self._tokens_at(place) for place in range(len(words))]

    def best(self) -> Certain[PersonName] | None:
        """The best window, completed by what is said of the name elsewhere."""
        windows = [window for window in self._windows() if window.score > 0]
        labelled = self._labelled()
        best = max(windows, key=lambda window: (window.score, len(window.parts), window.start), default=None)
        if best is None and not labelled:
            return None
        parts = dict(best.parts) if best else {}
        places = set(range(best.start, best.end)) if best else set[int]()
        for role, (place, text) in labelled.items():
            if role not in parts or role == SURNAME:
                parts[role] = text
                places.add(place)
        if SURNAME in parts:
            parts[SURNAME] = self._doubled(parts[SURNAME], places)
        self._glue(parts, places, best.gender if best else None)
        return self._certain(parts, min(places), max(places) + 1, best.score if best else 2.0)

    def _glue(self, parts: dict[str, str], places: set[int], gender: str | None) -> None:
        """Adds parts of the same name nearby, with only words like «меня зовут», «фамилия» between."""
        said = {plain(text) for text in parts.values()}
        for tokens in self._tokens[max(min(places) - _GLUED - 1, 0) : max(places) + _GLUED + 2]:
            for token in tokens:
                between = self._between(token, places)
                if between is None or not all(word in said or self._context.has("glue", word) for word in between):
                    continue
                for part in token.parts:
                    agrees = part.case in (NOMINATIVE, None) and (gender is None or part.gender in (gender, None))
                    if agrees and part.weight >= SOLID and part.role not in parts:
                        parts[part.role] = part.text
                        places.update(range(token.start, token.end))

    def _between(self, token: _Token, places: set[int]) -> Sequence[str] | None:
        """The words that part a token from the name; None: too many, or it is in the name already."""
        if places.intersection(range(token.start, token.end)):
            return None
        first, last = min(places), max(places)
        if first < token.start < last:
            return ()
        between = self._words[token.end : first] if token.end <= first else self._words[last + 1 : token.start]
        beside_before = not between and token.end <= first
        return None if len(between) > _GLUED or beside_before else between

    def _certain(self, parts: dict[str, str], start: int, end: int, score: float) -> Certain[PersonName]:
        name = PersonName(**{role: _shown(text) for role, text in parts.items()})
        return Certain(name, round(min(0.98, 0.45 + score / 9), 3), Span(start, end), tuple(self._words[start:end]))

    # -- windows ---------------------------------------------------------------------------------------------------

    def _windows(self) -> Iterator[_Window]:
        for start in range(len(self._words)):
            for chain in self._chains(start, 3):
                yield from self._read(chain)
            double = self._double_name(start)
            if double:
                yield double

    def _chains(self, start: int, most: int) -> Iterator[tuple[_Token, ...]]:
        for token in self._tokens[start] if start < len(self._tokens) else ():
            yield (token,)
            if most > 1:
                for rest in self._chains(self._after_stutter(token.end), most - 1):
                    yield (token, *rest)

    def _after_stutter(self, place: int) -> int:
        """The next word, without its beginning said before it («анат анатольевна»)."""
        while place + 1 < len(self._words) and self._words[place + 1].startswith(self._words[place]):
            if len(self._words[place]) < _SHORTEST_STUTTER:
                break
            place += 1
        return place

    def _read(self, chain: tuple[_Token, ...]) -> Iterator[_Window]:
        oblique = self._context.oblique_allowed(chain[0].start)
        for order in _ORDERS[len(chain)]:
            found = list(self._windows_in(chain, order, CASES if oblique else CASES[:1]))
            if found:
                yield max(found, key=lambda window: window.score)

    def _windows_in(
        self, chain: Sequence[_Token], order: Sequence[str], cases: Sequence[str], genders: Sequence[str] = _GENDERS
    ) -> Iterator[_Window]:
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

    def _window(self, chain: Sequence[_Token], chosen: dict[str, Part], case: str, gender: str) -> _Window:
        start, end = chain[0].start, chain[-1].end
        score = self._score(chosen, start, end, case) + sum(token.penalty for token in chain)
        known = any(part.gender for part in chosen.values())
        return _Window(start, end, {role: part.text for role, part in chosen.items()}, gender if known else None, score)

    def _score(self, chosen: dict[str, Part], start: int, end: int, case: str) -> float:
        """How surely the window is the caller's name; 0 or less: it is not."""
        whose = self._context.whose(start, end)
        if whose is Whose.OTHER or self._is_official(chosen, start):
            return 0.0
        weight = sum(part.weight for part in chosen.values())
        weakest = min(part.weight for part in chosen.values())
        cue = whose is not Whose.UNKNOWN or self._asked
        if SURNAME in chosen and chosen[SURNAME].weight < RARE and not self._may_be_surname(chosen, start, end, cue):
            return 0.0
        if SURNAME not in chosen and not cue and self._context.greeted(start, end):
            return 0.0
        if len(chosen) == 1 and not self._single_allowed(chosen, start, end, whose):
            return 0.0
        alone = len(self._words) <= _ALONE
        if len(chosen) == 2 and PATRONYMIC not in chosen and not cue and weight < _ENOUGH_PAIR and not alone:
            return 0.0
        if case != NOMINATIVE and whose is Whose.UNKNOWN and not self._asked:
            return 0.0
        bonus = 0.5 if NAME in chosen and PATRONYMIC in chosen else 0.0
        return weight + bonus + _CUE[whose] + (0.2 if case == NOMINATIVE else 0.0) - (0.1 if weakest < SOLID else 0.0)

    def _may_be_surname(self, chosen: dict[str, Part], start: int, end: int, cue: bool) -> bool:
        """An ordinary or unknown word as a surname: only beside a name, and where nothing else goes on from it."""
        alone = len(self._words) <= _ALONE
        if NAME not in chosen or not (PATRONYMIC in chosen or cue or alone):
            return False
        first = next(iter(chosen)) == SURNAME
        word = self._words[start] if first else self._words[end - 1]
        if self._context.has("no_surnames", word):
            return False
        if first:
            return self._context.starts(start)
        return self._context.ends(end) and not self._morphology.lemmas(word) & self._matters

    def _single_allowed(self, chosen: dict[str, Part], start: int, end: int, whose: Whose) -> bool:
        ((role, part),) = chosen.items()
        if self._context.has("no_surnames", self._words[start]) and not self._context.introduced(start):
            return False
        if whose is not Whose.UNKNOWN:
            near = self._context.introduced(start) or self._near_cue(start, end)
            return near and (part.weight >= RARE or (role == NAME and self._context.introduced(start)))
        alone = len(self._words) <= 2 or self._asked
        if role == SURNAME:
            return part.weight >= SOLID and (alone or end == len(self._words) or self._closes(end))
        return alone and part.weight >= SOLID

    def _near_cue(self, start: int, end: int) -> bool:
        near = self._words[max(start - 3, 0) : start]
        after = self._words[end : end + 1]
        return any(self._context.has("self", word) or self._context.has("call_back", word) for word in near) or any(
            self._context.has("self_after", word) for word in after
        )

    def _closes(self, end: int) -> bool:
        """Only a number, an address or thanks follow."""
        if self._names_a_street(end):
            return False
        return end in self._masked or self._context.has("after_names", self._words[end])

    def _names_a_street(self, end: int) -> bool:
        """«Жукова улица, дом три»."""
        following = self._words[end + 1] if end + 1 < len(self._words) else ""
        house = self._lexicon.has("addresses.house", following) or following in self._lexicon.numerals
        return house and self._lexicon.has("addresses.street_types", self._words[end])

    def _is_official(self, chosen: dict[str, Part], start: int) -> bool:
        """The head of the administration, addressed or spoken of."""
        if self._context.introduced(start):
            return False
        said = {role: plain(part.text) for role, part in chosen.items()}
        for official in self._lexicon.officials:
            full = dict(zip((NAME, PATRONYMIC, SURNAME), official, strict=True))
            if len(said) > 1 and all(full[role] == text for role, text in said.items()):
                return True
        return False

    # -- tokens ----------------------------------------------------------------------------------------------------

    def _tokens_at(self, place: int) -> tuple[_Token, ...]:
        if place in self._masked:
            return ()
        word, found = self._raw[place], []
        parts = self._forms.of(word, self._oblique[place])
        if parts and not self._context.has("no_names", self._words[place]):
            found.append(_Token(place, place + 1, parts))
        if place + 1 < len(self._words) and place + 1 not in self._masked:
            torn = self._torn(place)
            if torn:
                found.append(torn)
        return tuple(found)

    def _torn(self, place: int) -> _Token | None:
        """A part torn in two («петров на», «о лег»), or of two words («Мамед оглы»)."""
        first, second = self._raw[place], self._words[place + 1]
        if self._context.has("parts", second):
            names = [part for part in self._forms.of(first) if part.role == NAME]
            text = f"{first} {second}"
            return _Token(place, place + 2, (Part(PATRONYMIC, text, None, None, 1.2),)) if names else None
        if self._context.has("no_names", second) and not self._context.has("patronymic_ends", second):
            return None
        whole = first + second
        wanted = {PATRONYMIC} if self._context.has("patronymic_ends", second) else set[str]()
        if self._morphology.known(whole):
            wanted |= {NAME, PATRONYMIC}
        parts = (
            tuple(part for part in self._forms.of(whole, self._oblique[place]) if part.role in wanted) if wanted else ()
        )
        is_name = any(part.role == NAME for part in self._forms.of(first))  # «степан ида»: hardly two names
        return _Token(place, place + 2, parts, -_TORN if is_name else _TORN) if parts else None

    def _double_name(self, start: int) -> _Window | None:
        """«Анна Мария Шульц»: two names of one gender and a surname."""
        trio = [self._tokens[start + step][:1] for step in range(3) if start + step < len(self._tokens)]
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

    # -- labels ----------------------------------------------------------------------------------------------------

    def _labelled(self) -> dict[str, tuple[int, str]]:
        """What the caller names by its title: «фамилия Неделя имя Пелагея»."""
        found: dict[str, tuple[int, str]] = {}
        for place in range(len(self._words)):
            for role in _ROLES:
                length = self._lexicon.phrases[f"names.{role}_label"].at(self._words, place)
                if length and role not in found:
                    named = self._titled(place, place + length, role)
                    if named:
                        found[role] = named
        return found

    def _titled(self, start: int, end: int, role: str) -> tuple[int, str] | None:
        """The word that the title names: after it, or before it when that one is surer («Дробышева моя фамилия»)."""
        while start and self._context.has("after_label", self._words[start - 1]):
            start -= 1
        found: list[tuple[int, Part]] = []
        for place in (self._after_label(end), start - 1 if start else None):
            part = self._nominative_part(place, role) if place is not None else None
            if place is not None and part:
                found.append((place, part))
        if not found:
            return None
        place, part = found[0]
        if part.weight < RARE and found[-1][1].weight >= SOLID:
            place, part = found[-1]
        elif place < end:  # only before: the windows know better
            return None
        return place, part.text

    def _after_label(self, place: int) -> int | None:
        while place < len(self._words) and self._context.has("after_label", self._words[place]):
            place += 1
        if place >= len(self._words) or place in self._masked or self._words[place] in self._lexicon.numerals:
            return None
        word = self._words[place]
        labels = any(self._context.has(f"{role}_label", word) for role in _ROLES)
        return None if labels or self._context.has("double", word) or self._begins_name(place) else place

    def _begins_name(self, place: int) -> bool:
        """A name and a patronymic follow: the title before them was one of several in a row."""
        roles = [{part.role for part in self._forms.of(word)} for word in self._raw[place : place + 2]]
        return len(roles) == 2 and NAME in roles[0] and PATRONYMIC in roles[1]

    def _nominative(self, place: int, role: str) -> str | None:
        part = self._nominative_part(place, role)
        return part.text if part else None

    def _nominative_part(self, place: int, role: str) -> Part | None:
        parts = [part for part in self._forms.of(self._raw[place]) if part.role == role]
        nominative = [part for part in parts if part.case in (NOMINATIVE, None)]
        if not nominative or (role != SURNAME and max(part.weight for part in nominative) < SOLID):
            guessed = role == NAME and not self._morphology.known(self._raw[place])
            return Part(NAME, self._raw[place], None, NOMINATIVE, SOLID) if guessed else None
        return max(nominative, key=lambda part: part.weight)

    def _doubled(self, surname: str, places: set[int]) -> str:
        """«Римская Корсакова через чёрточку»: the surname beside the one found belongs to it."""
        if any(self._context.has("double", word) for word in self._words):
            for place in range(max(min(places) - 1, 0), min(max(places) + 1, len(self._raw) - 1)):
                listed = any(self._context.has("no_surnames", word) for word in self._words[place : place + 2])
                pair = [self._nominative(beside, SURNAME) for beside in (place, place + 1)]
                if surname in pair and all(pair) and not listed:
                    places.update((place, place + 1))
                    return "-".join(part for part in pair if part)
        return surname


def _shown(text: str) -> str:
    return " ".join("-".join(part.capitalize() for part in word.split("-")) for word in text.split())
