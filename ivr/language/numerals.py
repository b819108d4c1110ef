"""Spoken numerals as digits: "nine hundred, twenty six, two zeros" in Russian, however it is grouped or declined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.language.lexicon import Lexicon

_MOST_READINGS = 32
_LONGEST_DIGITS = 40
_CLOSED, _OPEN, _OVER_ZERO = range(3)


class Apart(StrEnum):
    """Whether a numeral belongs to the one before it."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A numeral of the text.

    Attributes:
        digits: as spoken, "900" for nine hundred, "00" for two zeros.
        start, end: its words.
        joins: it was said as a word and may be part of a larger numeral; digits repeated or keyed in are not.
        times: it says how often its neighbour is repeated; `digits` is then "".
        apart: a word that parts groups stands before it («дальше», «тире»); or only a word of doubt («так»), after
            which it may still belong to the numeral before.
    """

    digits: str
    start: int
    end: int
    joins: bool = True
    times: int = 0
    apart: Apart = Apart.NO


def numeral_at(words: Sequence[str], place: int, lexicon: Lexicon) -> Spoken | None:
    """The numeral that begins at this word, or None."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    digits = "".join(mark for mark in word if mark.isascii() and mark.isdigit())
    if digits:
        letters = any(mark.isalpha() for mark in word)
        return None if letters else Spoken(digits[:_LONGEST_DIGITS], place, place + 1, joins=False)
    counted = _repeated(words, place, lexicon)
    if counted:
        return counted
    value = lexicon.numerals.get(word)
    if value is None:
        joined = lexicon.numerals.get(word + following) if following else None
        return None if joined is None else Spoken(str(joined), place, place + 2)
    if following and 0 < value < 10:
        whole = _torn(value, following, lexicon)
        if whole:
            return Spoken(str(whole), place, place + 2)
    return Spoken(str(value), place, place + 1)


def _repeated(words: Sequence[str], place: int, lexicon: Lexicon) -> Spoken | None:
    """ "Two zeros", "a pair of sevens", "four times", "twice"."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    for count, group in ((2, "phones.twice"), (3, "phones.thrice"), (4, "phones.four_times")):
        if lexicon.has(group, word):
            return Spoken("", place, place + 1, times=count)
    count = 2 if lexicon.has("phones.pair", word) else lexicon.numerals.get(word, 0)
    if not 2 <= count <= 7:
        return None
    if following in lexicon.repeated_digits:
        return Spoken(str(lexicon.repeated_digits[following]) * count, place, place + 2, joins=False)
    if lexicon.has("phones.times", following):
        by = place + 2 < len(words) and lexicon.has("phones.by", words[place + 2])
        return Spoken("", place, place + 3 if by else place + 2, times=count)
    return None


def _torn(value: int, following: str, lexicon: Lexicon) -> int | None:
    """A numeral that the recogniser tore in two."""
    if lexicon.has("phones.hundred_ends", following):
        return value * 100 if value > 1 else None
    if lexicon.has("phones.small_hundred_ends", following) and value in {3, 4}:
        return value * 100
    if lexicon.has("phones.ten_ends", following) and value >= 5:
        return value * 10
    if lexicon.has("phones.teen_ends", following):
        return 10 + value
    return None


def groups(spoken: Sequence[Spoken]) -> Iterator[tuple[str, ...]]:
    """The digit groups that a run of numerals may mean, the likeliest first.

    Neighbours that make one numeral always do ("twenty" "six" is 26). Open are "six hundred, zero, two", which is 602
    before it is 600 0 2, what "twice" repeats, and numerals with a word of doubt between them.
    """
    readings: list[tuple[tuple[str, ...], int, int]] = [((), _CLOSED, 0)]  # groups, the last one's state, repeats
    for number in spoken:
        grown = [reading for known in readings for reading in _with(known, number)]
        readings = grown[:_MOST_READINGS]
    seen: set[tuple[str, ...]] = set()
    for found, _, waiting in readings:
        meant = (*found[:-1], found[-1] * -waiting) if waiting < 0 else found
        if waiting <= 0 and meant not in seen:
            seen.add(meant)
            yield meant


def _with(reading: tuple[tuple[str, ...], int, int], number: Spoken) -> Iterator[tuple[tuple[str, ...], int, int]]:
    found, state, waiting = reading
    last = found[-1] if found else ""
    now = _OPEN if number.joins else _CLOSED
    if number.times:
        if last and not waiting:
            yield (*found[:-1], last * number.times), _CLOSED, 0
        yield found, _CLOSED, number.times
        return
    if waiting > 0:
        yield (*found, number.digits), now, -waiting
        return
    may_join = state == _OPEN and number.joins and number.apart is not Apart.YES
    joined = joined_numeral(last, number.digits) if may_join else None
    if joined is not None:
        yield (*found[:-1], joined), _OPEN, waiting
        if number.apart is Apart.NO:
            return
    if waiting < 0:  # the numeral to repeat is complete
        found, last = (*found[:-1], last * -waiting), ""
    digit = number.joins and len(number.digits) == 1
    if state == _OPEN and digit and last == "0" and number.digits != "0" and _are_hundreds(found):
        yield (*found[:-2], found[-2][:2] + number.digits), _OVER_ZERO, 0
    if not (state == _OVER_ZERO and digit):  # «двести ноль один три» goes digit by digit
        yield (*found, number.digits), now, 0


def _are_hundreds(found: tuple[str, ...]) -> bool:
    return len(found) > 1 and len(found[-2]) == 3 and found[-2].endswith("00")


def joined_numeral(group: str, digits: str) -> str | None:
    """One numeral out of two: 900 and 26 are 926, 20 and 6 are 26; None: they are two."""
    if not group or digits.startswith("0") or len(group) <= len(digits) or not group.strip("0"):
        return None
    if len(group) not in (2, 3) or not group.endswith("0" * len(digits)) or group[-2:] == "10":
        return None
    return group[: -len(digits)] + digits


def as_said(spoken: Sequence[Spoken]) -> str:
    """The digits as they are most simply read, however many."""
    return "".join(next(groups(spoken), ()))
