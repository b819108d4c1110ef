"""Says digits as people do, in any grouping; the words are those of the grammar, not those of the word lists."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
TEENS = ("десять", "один+", "две+", "три+", "четыр+", "пят+", "шест+", "сем+", "восем+", "девят+")
TENS = ("", "", "двадцать", "тридцать", "сорок", "пять*", "шесть*", "семь*", "восемь*", "девяносто")
HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пять/", "шесть/", "семь/", "восемь/", "девять/")
_ENDS = str.maketrans({"+": "надцать", "*": "десят", "/": "сот"})


def said(group: str) -> list[str]:
    """A group of one to three digits, zeros in front one by one: "026" is "zero twenty six"."""
    return [word.translate(_ENDS) for word in _said(group)]


def _said(group: str) -> list[str]:
    if group[0] == "0" and len(group) > 1:
        return [DIGITS[0], *_said(group[1:])]
    if len(group) == 1:
        return [DIGITS[int(group)]]
    if len(group) == 2:
        tens, unit = int(group[0]), int(group[1])
        return [TEENS[unit]] if tens == 1 else [TENS[tens], *([DIGITS[unit]] if unit else [])]
    rest = group[1:].lstrip("0")
    return [HUNDREDS[int(group[0])], *(_said(rest) if rest else [])]


def number_said(groups: Sequence[str], pause: str = "дальше") -> str:
    """The groups one after another; a word of pause stands where two would melt into one numeral (twenty, six)."""
    words: list[str] = []
    for place, group in enumerate(groups):
        if place and _melt(groups[place - 1], group):
            words.append(pause)
        words += said(group)
    return " ".join(words)


def _melt(before: str, group: str) -> bool:
    """The last numeral of one group and the first of the next could be one."""
    round_end = before.endswith("0") and before.strip("0") != ""
    return round_end and not before.endswith("10")
