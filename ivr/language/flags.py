"""Flags of a message: abuse, threat, advert (clause 22), emergency (interpretation 24); hints, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.language.facts import Certain, Span
from ivr.language.morphology import Morphology

_ENOUGH = 3.0
_NEAR, _FAR = 5, 7
_REPORTED_REACH = 6


@dataclass(frozen=True, slots=True)
class FlagWords:
    """Regular expressions upon whole words, by group, for each flag; `verbs` and `alone` are dictionary forms."""

    abuse: Mapping[str, Sequence[str]]
    threat: Mapping[str, Sequence[str]]
    advert: Mapping[str, Sequence[str]]
    emergency: Mapping[str, Sequence[str]]


class _Pattern:
    """A group of expressions, found at whole words of a text."""

    def __init__(self, expressions: Sequence[str]) -> None:
        joined = "|".join(f"(?:{expression})" for expression in expressions)
        self._expression = re.compile(rf"(?<!\S)(?:{joined})(?!\S)") if expressions else None

    def spans(self, text: str) -> list[Span]:
        """Words of each hit."""
        if self._expression is None:
            return []
        hits = ((hit.start(), hit.end()) for hit in self._expression.finditer(text))
        return [Span(text.count(" ", 0, start), text.count(" ", 0, end) + 1) for start, end in hits if end > start]


class FlagFinder:
    """Finds the flags of a message.

    Args:
        words: lists of `config/flags.ru.toml`.
        morphology: forms of words.
    """

    def __init__(self, words: FlagWords, morphology: Morphology) -> None:
        self._morphology = morphology
        tables = {"abuse": words.abuse, "threat": words.threat, "advert": words.advert, "emergency": words.emergency}
        self._patterns = {
            f"{flag}.{group}": _Pattern(listed)
            for flag, table in tables.items()
            for group, listed in table.items()
            if group not in ("verbs", "alone")
        }
        self._verbs = frozenset(words.threat.get("verbs", ()))
        self._alone = frozenset(words.threat.get("alone", ()))

    def find(self, words: Sequence[str]) -> tuple[Certain[str], ...]:
        """The flags with the words that decided; each at most once."""
        text = " ".join(word or "-" for word in words)
        found = (
            ("abuse", self._abuse(text)),
            ("threat", self._threat(words, text)),
            ("advert", self._advert(text)),
            ("emergency", self._emergency(text)),
        )
        return tuple(
            Certain(flag, 0.8, _cover(spans), tuple(" ".join(words[span.start : span.end]) for span in spans))
            for flag, spans in found
            if spans
        )

    def _abuse(self, text: str) -> list[Span]:
        told = self._spans("abuse.reported", text)
        hits = [span for span in self._spans("abuse.strong", text) if not _near(span, told, _NEAR)]
        if self._spans("abuse.innocent", text):
            return hits
        addressed = self._spans("abuse.address", text)
        return hits + [
            span
            for span in self._spans("abuse.about", text)
            if _near(span, [at for at in addressed if at != span], _NEAR)
        ]

    def _threat(self, words: Sequence[str], text: str) -> list[Span]:
        told = self._spans("threat.reported", text)
        innocent = self._spans("threat.innocent", text)
        aims = self._spans("threat.target", text)
        found = [span for span in self._spans("threat.strong", text) if not _before(told, span)]
        people, owners = self._spans("threat.people", text), self._spans("threat.owners", text)
        for place, lemma, one in self._violence(words):
            span = Span(place, place + 1)
            aimed = lemma in self._alone or _near(span, aims if one else people, _NEAR)
            harmless = _near(span, innocent, 3) and not _near(span, owners, _FAR)
            if aimed and not _before(told, span) and not harmless:
                found.append(span)
        return found

    def _violence(self, words: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
        """Verbs of violence said of oneself in the future: where, which, and whether of one person alone.

        «We shall break our legs» is a complaint about the ice, so «we» needs somebody who is threatened.
        """
        for place, word in enumerate(words):
            for parse in self._morphology.parses(word):
                lemma = str(parse.normal_form).replace("\u0451", "\u0435")
                if lemma in self._verbs and {"1per", "futr"} <= set(parse.tag.grammemes):
                    yield place, lemma, "sing" in parse.tag
                    break

    def _advert(self, text: str) -> list[Span]:
        strong, weak = self._spans("advert.strong", text), self._spans("advert.weak", text)
        against = self._spans("advert.against", text)
        certain = self._spans("advert.certain", text)
        sure = 3.0 * len(certain) + 2.0 * len(strong) + len(weak) - 2.0 * len(against)
        offers = bool(certain or strong) or len(weak) > 2
        return certain + strong + weak if offers and sure >= _ENOUGH else []

    def _emergency(self, text: str) -> list[Span]:
        against = self._spans("emergency.against", text)
        return [span for span in self._spans("emergency.strong", text) if not _near(span, against, _NEAR)]

    def _spans(self, group: str, text: str) -> list[Span]:
        pattern = self._patterns.get(group)
        return pattern.spans(text) if pattern else []


def _near(span: Span, others: Sequence[Span], reach: int) -> bool:
    return any(other.start < span.end + reach and span.start < other.end + reach for other in others)


def _before(told: Sequence[Span], span: Span) -> bool:
    """Somebody else's words: a verb of speech stands a little before."""
    return any(0 <= span.start - other.end < _REPORTED_REACH for other in told)


def _cover(spans: Sequence[Span]) -> Span:
    return Span(min(span.start for span in spans), max(span.end for span in spans))
