"""A recogniser's text as words, and the search for fixed phrases in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LONGEST_WORDS = 3000
_LONGEST_WORD = 60
_YO = str.maketrans("\u0451\u0401", "\u0435\u0415")


MARKS = ".,;:!?\u00ab\u00bb\"'()\u2026-\u2013\u2014"


def plain(word: str) -> str:
    """The word in lower case with one letter for the two forms of "ye", without marks around it."""
    return word.lower().translate(_YO).strip(MARKS)


def split(text: str) -> list[str]:
    """The words of a text as they are compared; as many as `text.split()` gives, so that places stay the same.

    A message of 90 seconds has some 250 words; what is beyond `LONGEST_WORDS` is not read.
    """
    return [plain(word[:_LONGEST_WORD]) for word in text.split()[:LONGEST_WORDS]]


class Phrases:
    """A list of fixed phrases, found word by word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            words = tuple(split(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append(words)
        for listed in self._by_first.values():
            listed.sort(key=len, reverse=True)

    def at(self, words: Sequence[str], place: int) -> int:
        """Length of the longest phrase that begins here; 0: none does."""
        for phrase in self._by_first.get(words[place], ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return len(phrase)
        return 0

    def spans(self, words: Sequence[str], start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Where phrases stand inside [start, end), as (first, beyond the last)."""
        stop = len(words) if end is None else end
        found = ((place, place + self.at(words, place)) for place in range(start, stop))
        return [(first, beyond) for first, beyond in found if first < beyond <= stop]

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and (word,) in self._by_first.get(word, ())
