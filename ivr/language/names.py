"""The caller's name: the best window of words that agree, completed by what is said of the name elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.domain.contact import PersonName
from ivr.language.facts import Certain, Span
from ivr.language.gazetteer import Gazetteer
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.name_edges import NameEdges
from ivr.language.name_forms import NAME, NOMINATIVE, SOLID, SURNAME, NameForms, Part
from ivr.language.name_labels import NameLabels, Titled, titled_part
from ivr.language.name_text import NameKnowledge, NameText, Token
from ivr.language.name_windows import NameWindows, Window
from ivr.language.text import plain

_GLUED = 6
_SHORTEST_HALF = 5
_MOST_WORDS = 600


class NameFinder:
    """Finds the caller's name; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology, gazetteer: Gazetteer) -> None:
        self._knowledge = NameKnowledge(
            lexicon,
            morphology,
            NameForms(lexicon.names, morphology),
            matters=frozenset(word for topic in lexicon.topics for word in topic.weights),
            gazetteer=gazetteer,
            lists=lexicon.section("names"),
        )

    def find(
        self, raw: Sequence[str], words: Sequence[str], *, masked: frozenset[int] = frozenset(), asked: bool = False
    ) -> Certain[PersonName] | None:
        """The name of the caller, or of the person he asks to call; None when nothing is sure.

        Args:
            raw: the words as heard, lower case.
            words: the same by `text.split`.
            masked: places of telephone numbers.
            asked: the text answers the question for the name.
        """
        text = NameText(raw[:_MOST_WORDS], words[:_MOST_WORDS], self._knowledge, masked, asked)
        return _Assembly(text).name()


class _Assembly:
    """Puts the name of one text together."""

    def __init__(self, text: NameText) -> None:
        self._text, self._context = text, text.context
        self._words = text.words
        self._parts: dict[str, str] = {}
        self._places: set[int] = set()
        self._edges = NameEdges(text)
        self._window_start = 0
        self._gender: str | None = None
        self._windows = list(NameWindows(text).find())

    def name(self) -> Certain[PersonName] | None:
        """The best window, with titled parts, both halves of a surname, and parts said apart."""
        titled = NameLabels(self._text).find()
        self._untitle(titled)
        best = self._best()
        if best:
            self._parts, self._gender = dict(best.parts), best.gender
            self._places, self._window_start = set(range(best.start, best.end)), best.start
        for role, (start, end, text) in titled.items():
            if role not in self._parts or role == SURNAME:
                self._parts[role] = text
                self._places.update(range(start, end))
        if not self._parts:
            return None
        self._double()
        self._introduce()
        self._glue()
        if SURNAME not in self._parts and NAME in self._parts:
            self._sign_or_open()
        self._double()
        return self._certain(best.score if best else 2.0)

    def _untitle(self, titled: Mapping[str, Titled]) -> None:
        """What is titled a surname is not his first name as well: «Илья Мартын, фамилия Мартын»."""
        if SURNAME in titled:
            surname = plain(titled[SURNAME][2])
            self._windows = [window for window in self._windows if plain(window.parts.get(NAME, "")) != surname]

    def _introduce(self) -> None:
        """Adds other parts with which he introduces himself elsewhere: «фамилия Чижиков, звать Анатолием»."""
        for window in self._windows:
            strange = window.gender and self._gender and window.gender != self._gender
            if strange or not self._context.introduced(window.start) or window.parts.keys() & self._parts.keys():
                continue
            self._parts |= window.parts
            self._places.update(range(window.start, window.end))

    def _best(self) -> Window | None:
        windows = self._windows
        best = max(windows, key=lambda window: (window.score, len(window.parts), window.start), default=None)
        better = [window for window in windows if best and (_holds(window, best) or self._takes_back(best, window))]
        return max(better, key=lambda window: (len(window.parts), window.score), default=best)

    def _takes_back(self, said: Window, window: Window) -> bool:
        """The name is said anew with another surname or name, after words like «oh no»."""
        if window.start < said.end or not said.parts.keys() & window.parts.keys():
            return False
        between = self._words[said.end : window.start]
        return any(self._context.has("corrections", word) for word in between) and len(window.parts) > 1

    def _glue(self) -> None:
        """Adds parts of the same name nearby, with only words like «меня зовут», «фамилия» between."""
        before = -1
        while before < len(self._parts):
            before = len(self._parts)
            self._glue_near(slice(max(min(self._places) - _GLUED - 1, 0), max(self._places) + _GLUED + 2))

    def _glue_near(self, near: slice) -> None:
        said = {plain(text) for text in self._parts.values()}
        for token in [token for tokens in self._text.tokens[near] for token in tokens]:
            between = self._between(token)
            if between is None or not all(word in said or self._is_glue(word) for word in between):
                continue
            for part in token.parts:
                sure = part.weight >= SOLID or (part.role == SURNAME and self._edges.is_calling(token.start, part))
                if self._agrees(part) and sure and part.role not in self._parts:
                    self._parts[part.role] = part.text
                    self._places.update(range(token.start, token.end))

    def _is_glue(self, word: str) -> bool:
        return self._context.has("glue", word)

    def _agrees(self, part: Part) -> bool:
        return part.case in (NOMINATIVE, None) and (self._gender is None or part.gender in (self._gender, None))

    def _between(self, token: Token) -> Sequence[str] | None:
        """The words that part a token from the name; None: too many, or it is in the name already."""
        if self._places.intersection(range(token.start, token.end)):
            return None
        first, last = min(self._places), max(self._places)
        if first < token.start < last:
            return ()
        between = self._words[token.end : first] if token.end <= first else self._words[last + 1 : token.start]
        beside_before = not between and token.end == self._window_start  # the windows would have it
        return None if len(between) > _GLUED or beside_before else between

    def _sign_or_open(self) -> None:
        """A surname as the last word of the message, as one signs a letter, or as the first: «Чижов, это Матвей»."""
        last = len(self._words) - 1
        first = next((place for place in range(last) if not self._edges.opens(place + 1)), last)
        for place, stands in ((last, self._context.signs(last)), (first, self._context.ends(first + 1))):
            part = self._surname_at(place) if stands and place not in self._places else None
            if part:
                self._parts[SURNAME] = part.text
                self._places.add(place)
                return

    def _surname_at(self, place: int) -> Part | None:
        """The word as a surname of the name's gender."""
        for part in (part for token in self._text.tokens[place] for part in token.parts):
            sure = part.weight >= SOLID or (self._edges.is_family(place) and self._edges.is_surname(place, part))
            if part.role == SURNAME and sure and part.gender == self._gender and self._agrees(part):
                return part
        return None

    def _double(self) -> None:
        """«Римская Корсакова через чёрточку»: the surname beside the one found belongs to it."""
        if SURNAME not in self._parts or "-" in self._parts[SURNAME]:
            return
        said = any(self._context.has("double", word) for word in self._words)
        for place in range(max(min(self._places) - 2, 0), min(max(self._places) + 1, len(self._words) - 1)):
            beside = place + 1
            while beside + 1 < len(self._words) and self._context.has("double", self._words[beside]):
                beside += 1  # «Смирнова дефис Левченко»
            pair = [self._surname(half, said=said) for half in (place, beside)]
            if self._parts[SURNAME] == pair[1] and self._context.has("surname_prefixes", self._words[place]):
                pair[0] = self._words[place]
            if self._parts[SURNAME] in pair and all(pair) and pair[0] != pair[1]:
                self._places.update((place, beside))
                self._parts[SURNAME] = "-".join(part for part in pair if part)
                return

    def _surname(self, place: int, *, said: bool) -> str | None:
        """The word as half of a double surname; any noun when the caller says that it is double."""
        word = self._words[place]
        listed = any(self._context.has(group, word) for group in ("no_surnames", "no_names", "double", "surname_label"))
        if listed or place in self._text.masked or len(word) < _SHORTEST_HALF or self._is_name(place):
            return None
        part = titled_part(self._text, place, SURNAME)
        if part is None or (not said and (part.weight < SOLID or not self._agrees(part))):
            return None
        return part.text

    def _is_name(self, place: int) -> bool:
        return any(part.role == NAME for part in self._text.forms.of(self._text.raw[place]))

    def _certain(self, score: float) -> Certain[PersonName]:
        name = PersonName(**{role: _shown(text) for role, text in self._parts.items()})
        span = Span(min(self._places), max(self._places) + 1)
        return Certain(name, round(min(0.98, 0.45 + score / 9), 3), span, tuple(self._words[span.start : span.end]))


def _holds(window: Window, part: Window) -> bool:
    """The part lies within the window and says nothing else."""
    inside = window.start <= part.start and part.end <= window.end and len(window.parts) > len(part.parts)
    return inside and all(window.parts.get(role) == text for role, text in part.parts.items())


def _shown(text: str) -> str:
    return " ".join("-".join(part.capitalize() for part in word.split("-")) for word in text.split())
