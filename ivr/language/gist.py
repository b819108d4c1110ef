"""The short gist («Краткая суть»): the matter as a sentence that an operator can keep or edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ivr.language.facts import Span
from ivr.language.house_numbers import NumberReader
from ivr.language.lexicon import Lexicon

_LONGEST = 600
_END = "."
_MORE = "\u2026"


def gist(
    words: Sequence[str], raw: Sequence[str], spans: Iterable[Span], lexicon: Lexicon, numbers: NumberReader
) -> str:
    """The message without greeting, name, number and fillers, digits as digits.

    Args:
        words: as they are compared; raw: the same as they were written.
        spans: of names and telephones, left out together with the words that announce them.
        lexicon: greetings, fillers, announcements.
        numbers: reads small numbers.
    """
    left_out = _left_out(words, spans, lexicon)
    kept: list[str] = []
    place = 0
    while place < len(words):
        if place not in left_out and lexicon.numerals.get(words[place]) == 0:
            kept.append("0")
            place += 1
            continue
        number = None if place in left_out else numbers.at(words, place)
        if number and not number.ordinal and not left_out & set(range(number.start, number.end)):
            kept.append(str(number.value))
            place = number.end
            continue
        if place not in left_out and words[place]:
            kept.append(raw[place])
        place += 1
    text = " ".join(_trimmed(kept, lexicon))
    if not text:
        return ""
    short = text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + _MORE
    return short[0].upper() + short[1:] + (_END if short[-1].isalnum() else "")


def _left_out(words: Sequence[str], spans: Iterable[Span], lexicon: Lexicon) -> set[int]:
    """Words of facts with the announcements around them, greetings and courtesies."""
    out = {place for start, end in lexicon.phrases["gist.courtesies"].spans(words) for place in range(start, end)}
    fillers = lexicon.phrases["gist.fillers"]
    out |= {place for start, end in fillers.spans(words) for place in range(start, end)}
    announcements = lexicon.phrases["gist.announcements"].spans(words)
    for span in spans:
        out |= set(range(span.start, span.end))
    grown = True
    while grown:
        before = len(out)
        for start, end in (*announcements, *reversed(announcements)):  # both ways: a chain of them goes in one pass
            if end in out or start - 1 in out or end == len(words):
                out |= set(range(start, end))
        grown = len(out) > before
    return out


def _trimmed(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Without conjunctions that now hang at either end."""
    kept = list(words)
    while kept and lexicon.has("gist.hanging_first", kept[0]):
        kept.pop(0)
    while kept and lexicon.has("gist.hanging_last", kept[-1]):
        kept.pop()
    return kept
