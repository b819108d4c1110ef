"""Says digits as people do, in any grouping; words come from the grammar of Russian numerals, not from the word lists."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "ноль один два три четыре пять шесть семь восемь девять".split()
TEENS = (
    "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split()
TENS = "_ _ двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
HUNDREDS = "_ сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()


def said(group: str) -> list[str]:
    """A group of one to three digits, zeros in front one by one: "026" is "zero twenty six"."""
    if group[0] == "0" and len(group) > 1:
        return [DIGITS[0], *said(group[1:])]
    if len(group) == 1:
        return [DIGITS[int(group)]]
    if len(group) == 2:
        tens, unit = int(group[0]), int(group[1])
        return [TEENS[unit]] if tens == 1 else [TENS[tens], *([DIGITS[unit]] if unit else [])]
    rest = group[1:].lstrip("0")
    return [HUNDREDS[int(group[0])], *(said(rest) if rest else [])]


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
