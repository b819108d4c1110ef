"""Numbers as Russians say them: cardinals in every case, ordinals, and telephone numbers in free groupings."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from recipe.words import inflected

_ONES = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
         "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
         "девятнадцать")  # fmt: skip
_TENS = ("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
_HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот")
_ORDINALS = {0: "нулевой", 1: "первый", 2: "второй", 3: "третий", 4: "четвёртый", 5: "пятый", 6: "шестой", 7: "седьмой",
             8: "восьмой", 9: "девятый", 10: "десятый", 11: "одиннадцатый", 12: "двенадцатый", 13: "тринадцатый",
             14: "четырнадцатый", 15: "пятнадцатый", 16: "шестнадцатый", 17: "семнадцатый", 18: "восемнадцатый",
             19: "девятнадцатый", 20: "двадцатый", 30: "тридцатый", 40: "сороковой", 50: "пятидесятый",
             60: "шестидесятый", 70: "семидесятый", 80: "восьмидесятый", 90: "девяностый", 100: "сотый"}  # fmt: skip
_PLURAL_DIGITS = ("нуля", "единицы", "двойки", "тройки", "четвёрки", "пятёрки", "шестёрки", "семёрки", "восьмёрки",
                  "девятки")  # fmt: skip
NUMERALS = frozenset((*_ONES, *_TENS[2:], *_HUNDREDS[1:]))
_TRIES = 20


def _parts(number: int) -> list[str]:
    if number < 20:
        return [_ONES[number]]
    head, rest = [], number
    if number >= 100:
        head, rest = [_HUNDREDS[number // 100]], number % 100
    if rest >= 20:
        head.append(_TENS[rest // 10])
        rest %= 10
    return head + ([_ONES[rest]] if rest else [])


@cache
def cardinal(number: int, case: str = "nomn") -> str:
    """A number below 1000 in words."""
    parts = _parts(number)
    return " ".join(parts if case == "nomn" else [inflected(part, {case}) for part in parts])


@cache
def ordinal(number: int, case: str = "nomn", gender: str = "masc") -> str:
    """The place in a row below 200, in words."""
    head: list[str] = []
    if number > 100:
        head, number = ["сто"], number - 100
    if number > 20 and number % 10:
        head, number = [*head, _TENS[number // 10]], number % 10
    return " ".join([*head, inflected(_ORDINALS[number], {case, gender})])


def _digit(digit: str) -> str:
    return _ONES[int(digit)]


def _pair(pair: str, chance: random.Random) -> str:
    if pair == "00":
        return chance.choice(("ноль ноль", "два нуля", "ноль ноль"))
    if pair[0] == "0" or chance.random() < 0.12:
        if pair[0] == pair[1] and chance.random() < 0.3:
            return "две " + _PLURAL_DIGITS[int(pair[0])] if pair[0] != "0" else "два нуля"
        return f"{_digit(pair[0])} {_digit(pair[1])}"
    return cardinal(int(pair))


def _triple(triple: str, chance: random.Random) -> str:
    if triple == "000":
        return chance.choice(("ноль ноль ноль", "три нуля"))
    if triple[0] == "0":
        return "ноль " + _pair(triple[1:], chance)
    kind = chance.random()
    if kind < 0.12:
        return " ".join(map(_digit, triple))
    if kind < 0.18:
        return f"{_digit(triple[0])} {_pair(triple[1:], chance)}"
    return cardinal(int(triple))


def _groups(length: int, chance: random.Random) -> list[int]:
    usual = {10: ((3, 3, 2, 2), (3, 3, 2, 2), (3, 3, 2, 2), (3, 2, 2, 3), (3, 2, 2, 2, 1), (3, 3, 4), (2, 2, 2, 2, 2)),
             6: ((2, 2, 2), (3, 3)), 5: ((1, 2, 2), (2, 3), (3, 2))}  # fmt: skip
    return [size for group in chance.choice(usual[length]) for size in ((2, 2) if group == 4 else (group,))]


def say_digits(digits: str, chance: random.Random) -> str:
    """Ten, six or five digits of a telephone number, grouped as the speaker likes.

    No group runs into the next: 50 and 8 side by side would be heard as 58, so they are grouped anew.
    """
    for _ in range(_TRIES):
        if chance.random() < 0.1:
            break
        groups, at = [], 0
        for size in _groups(len(digits), chance):
            groups.append(_group(digits[at : at + size], chance))
            at += size
        if not any(_runs_on(*pair) for pair in pairwise(groups)):
            return " ".join(groups)
    return " ".join(map(_digit, digits))


def _runs_on(group: str, following: str) -> bool:
    last, first = group.rsplit(maxsplit=1)[-1], following.split(maxsplit=1)[0]
    if last in _HUNDREDS:
        return first not in _HUNDREDS and first != _ONES[0]
    return last in _TENS and first in _ONES[1:10]


def _group(digits: str, chance: random.Random) -> str:
    if len(digits) == 1:
        return _digit(digits)
    return _pair(digits, chance) if len(digits) == 2 else _triple(digits, chance)


def telephone(chance: random.Random) -> tuple[str, str]:
    """A telephone number: as it is said, and in E.164."""
    if chance.random() < 0.85:
        digits = "9" + "".join(chance.choice("0123456789") for _ in range(9))
    else:
        digits = chance.choice(("48755", "4872", "495")) + "".join(chance.choice("0123456789") for _ in range(7))
        digits = digits[:10]
    start = chance.choice(("восемь ", "восемь ", "восемь ", "плюс семь ", "семь ", ""))
    return start + say_digits(digits, chance), "+7" + digits
