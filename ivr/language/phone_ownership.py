"""Whose number is it, and is it a telephone at all: what the words around a run of numerals say."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.language.lexicon import Lexicon
from ivr.language.phone_runs import Run

_NEAR, _FAR = 2, 8
_HINT_BEFORE, _HINT_AFTER = 7, 5
_AFTER = 9


class Ownership:
    """Reads the surroundings of numbers in one text."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon, *, asked: bool) -> None:
        self._words = words
        self._lexicon = lexicon
        self._asked = asked
        around = ("phones.fillers", "phones.glue", "phones.corrections", "phones.correcting")
        self._nothing_else = all(
            word in lexicon.numerals
            or word in lexicon.repeated_digits
            or any(self._has(group, word) for group in around)
            for word in words
        )
        self.city_code = next(
            (code for code, names in lexicon.city_codes.items() if any(word in names for word in words)), ""
        )

    def hinted(self, run: Run) -> bool:
        """A telephone is spoken of near the run, or nothing else is said at all."""
        near = (
            *range(max(run.start - _HINT_BEFORE, 0), run.start),
            *range(run.end, min(run.end + _HINT_AFTER, len(self._words))),
        )
        return (
            self._asked
            or self._nothing_else
            or self._town(run)
            or any(self._has("phones.cues", self._words[place]) and not self._denied(place) for place in near)
        )

    def _town(self, run: Run) -> bool:
        """The town of the number stands right before it."""
        before = self._words[run.start - 1 : run.start]
        return bool(self.city_code) and any(word in self._lexicon.city_codes[self.city_code] for word in before)

    def _denied(self, place: int) -> bool:
        return place > 0 and self._has("phones.not_that", self._words[place - 1])

    def allows_local(self, run: Run) -> bool:
        """Five or six digits here may be a telephone."""
        return self.hinted(run) and not self.is_other(run) and not self.may_end_with_junk(run)

    def is_other(self, run: Run, *, whole: bool = False) -> bool:
        """A document, money, a house or a measure. `whole`: the run has the length of a whole number."""
        for place in range(run.start - 1, max(run.start - (_NEAR + 1 if whole else _FAR), 0) - 1, -1):
            word = self._words[place]
            if self._has("phones.documents", word):
                return True
            if not whole and run.start - place <= _NEAR and self._has("phones.measures", word):
                return True
            if self._has("phones.telephones", word):
                return False
        return self._named_other(run)

    def _named_other(self, run: Run) -> bool:
        """«… that is not a telephone but the door's code»."""
        if not self._any("phones.that_is", self._words[run.end : run.end + 1]):
            return False
        for place in range(run.end, min(run.end + _AFTER, len(self._words))):
            if self._has("phones.documents", self._words[place]):
                return True
            if not self._has("phones.other_links", self._words[place]):
                return False
        return False

    def may_start_with_junk(self, run: Run) -> bool:
        """A house, a flat or an hour may stand before the number."""
        return self._any("phones.not_phone_start", self._words[max(run.start - _NEAR, 0) : run.start])

    def may_end_with_junk(self, run: Run) -> bool:
        """A measure follows."""
        return self._any("phones.units", self._words[run.end : run.end + 1])

    def is_foreign(self, run: Run) -> bool:
        """The number belongs to somebody who shall not be called: a hot line, an office that does not answer."""
        return self._foreign_before(run) or self._foreign_after(run)

    def _foreign_before(self, run: Run) -> bool:
        start = max(run.start - _FAR, 0)
        phrases = self._lexicon.phrases
        spans = phrases["phones.not_ours_before"].spans(self._words, start, run.start)
        calling = phrases["phones.not_ours_from"].spans(self._words, start, run.start)
        spans += [span for span in calling if not self._any("phones.mine", self._words[max(span[0] - 2, 0) : span[0]])]
        near = [span for span in spans if span[1] >= run.start - _NEAR or self._links(span[1], run.start)]
        names = phrases["phones.not_ours_names"].spans(self._words, start, run.start)
        near += [span for span in names if self._links(span[1], run.start)]
        near += self._called(run)
        if not near:
            return False
        return not self._any("phones.ours", self._words[max(end for _, end in near) : run.start])

    def _called(self, run: Run) -> list[tuple[int, int]]:
        """«I have rung … by the number»: the verb, when only such words stand between it and the number."""
        by = False
        for place in range(run.start - 1, max(run.start - _FAR, 0) - 1, -1):
            if by and self._has("phones.called", self._words[place]):
                return [(place, place + 1)]
            if not self._has("phones.called_words", self._words[place]):
                return []
            by = by or self._has("phones.called_by", self._words[place])
        return []

    def _links(self, start: int, end: int) -> bool:
        return all(self._has("phones.before_links", word) for word in self._words[start:end])

    def _foreign_after(self, run: Run) -> bool:
        if self._any("phones.ours", self._words[max(run.start - _NEAR - 1, 0) : run.start]):
            return False
        for place in range(run.end, min(run.end + _AFTER, len(self._words))):
            if self._lexicon.phrases["phones.not_ours_after"].at(self._words, place):
                return True
            if not self._has("phones.after_links", self._words[place]):
                return False
        return False

    def _has(self, group: str, word: str) -> bool:
        return self._lexicon.has(group, word)

    def _any(self, group: str, words: Sequence[str]) -> bool:
        return any(self._lexicon.has(group, word) for word in words)
