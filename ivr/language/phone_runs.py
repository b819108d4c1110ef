"""Runs of numerals in a text, each with what the words before it say about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.language.lexicon import Lexicon
from ivr.language.numerals import Apart, Spoken, numeral_at

_MOST_FILLERS = 6
_MOST_NUMERALS = 48  # four numbers digit by digit; what goes on is heard as a new beginning
_MOST_GLUE = 8
_MOST_CORRECTING = 10


@dataclass(frozen=True, slots=True)
class Run:
    """Numerals spoken one after another, with nothing but fillers between them.

    Attributes:
        numerals: as spoken.
        corrects: the words before take something back («ой нет»).
        ending: the words before speak of the last digits.
        denied: "not these …".
        instead: "… but these".
        may_continue: the words before may stand in the middle of a number.
    """

    numerals: tuple[Spoken, ...]
    corrects: bool = False
    ending: bool = False
    denied: bool = False
    instead: bool = False
    may_continue: bool = False

    @property
    def start(self) -> int:
        """Its first word."""
        return self.numerals[0].start

    @property
    def end(self) -> int:
        """The word after its last."""
        return self.numerals[-1].end


def find_runs(words: Sequence[str], lexicon: Lexicon) -> list[Run]:
    """All runs of a text."""
    lists: list[list[Spoken]] = []
    for spoken in _all_numerals(words, lexicon):
        if lists and _same_run(words, lists[-1], spoken.start, lexicon):
            lists[-1].append(replace(spoken, apart=_apart(words[lists[-1][-1].end : spoken.start], lexicon)))
        else:
            lists.append([spoken])
    runs: list[Run] = []
    for numerals in lists:
        runs.append(_described(words, runs[-1] if runs else None, tuple(numerals), lexicon))
    return runs


def _all_numerals(words: Sequence[str], lexicon: Lexicon) -> list[Spoken]:
    found: list[Spoken] = []
    place = 0
    while place < len(words):
        spoken = None if _counts_digits(words, place, lexicon) else numeral_at(words, place, lexicon)
        if spoken and not _unneeded(words, spoken, lexicon):
            found.append(spoken)
        place = spoken.end if spoken else place + 1
    return found


def _counts_digits(words: Sequence[str], place: int, lexicon: Lexicon) -> bool:
    """The numeral only says how many digits are meant («последние две»)."""
    before = words[place - 1] if place else ""
    return lexicon.has("phones.ending_counts", words[place]) and lexicon.has("phones.digit_places", before)


def _unneeded(words: Sequence[str], spoken: Spoken, lexicon: Lexicon) -> bool:
    """«Нолик не нужен», «без восьмёрки», «ещё один» before another number."""
    if spoken.start and lexicon.has("phones.without", words[spoken.start - 1]):
        return True
    if spoken.start and spoken.digits == "1" and lexicon.has("phones.another", words[spoken.start - 1]):
        following = numeral_at(words, spoken.end, lexicon) if spoken.end < len(words) else None
        return following is None or following.digits[:1] in {"7", "8", "9"}
    after = words[spoken.end : spoken.end + 2]
    return len(after) == 2 and lexicon.has("phones.not_that", after[0]) and lexicon.has("phones.unneeded", after[1])


def _same_run(words: Sequence[str], run: Sequence[Spoken], start: int, lexicon: Lexicon) -> bool:
    gap = words[run[-1].end : start]
    if len(run) >= _MOST_NUMERALS:
        return False
    if _denied(words, run[0].start, lexicon) and any(lexicon.has("phones.but_this", word) for word in gap):
        return False
    return len(gap) <= _MOST_FILLERS and all(lexicon.has("phones.fillers", word) for word in gap)


def _apart(gap: Sequence[str], lexicon: Lexicon) -> Apart:
    if any(lexicon.has("phones.separators", word) for word in gap):
        return Apart.YES
    return Apart.PERHAPS if gap else Apart.NO


def _denied(words: Sequence[str], start: int, lexicon: Lexicon) -> bool:
    return start > 0 and lexicon.has("phones.not_that", words[start - 1])


def _described(words: Sequence[str], last: Run | None, numerals: tuple[Spoken, ...], lexicon: Lexicon) -> Run:
    start = numerals[0].start
    gap = words[last.end if last else 0 : start]
    has = lexicon.has
    small = all(has(group, word) for word in gap for group in ("phones.fillers",)) if gap else True
    correcting = ("phones.corrections", "phones.correcting", "phones.fillers", "phones.endings")
    only_correcting = all(any(has(group, word) for group in correcting) for word in gap)
    taken_back = any(has("phones.corrections", word) for word in gap)
    glue = ("phones.glue", "phones.fillers", "phones.endings", "phones.cues")
    only_glue = len(gap) <= _MOST_GLUE and all(any(has(group, word) for group in glue) for word in gap)
    return Run(
        numerals,
        corrects=last is not None and only_correcting and taken_back and len(gap) <= _MOST_CORRECTING,
        ending=last is not None and only_correcting and any(has("phones.endings", word) for word in gap),
        denied=_denied(words, start, lexicon),
        instead=last is not None and last.denied and (small or only_correcting),
        may_continue=last is not None and (only_glue or only_correcting),
    )
