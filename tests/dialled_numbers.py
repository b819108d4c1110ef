"""Numbers of all the shapes that frauds and mistakes have, and an oracle that reads the plan digit by digit."""

from __future__ import annotations

import random

_STARTS = (
    "+7", "+7", "+7", "+79", "+79", "+74", "+73", "+78", "8", "89", "8-10", "810", "+7800", "+7803", "+7809", "+7940",
    "+7840", "+7850", "+77", "+76", "+1900", "+44", "+88", "+", "", "*", "00", "9", "112", "7",
)  # fmt: skip
_JUNK = (
    " ", "\n", "\t", "\u0661", "\u200b", "@evil.example", ";phone-context=+44", "%2B44", ",,9", "#", "\x00", "sip:",
    "\"", "?Route=x", ":secret", "\uff17", "x", "-", "(", ">",
)  # fmt: skip
_CITY = {code for code in (*range(300, 500), *range(810, 880)) if code not in (840, 850)}
_MOBILE = {code for code in range(900, 1000) if code != 940}


def oracle(number: str) -> bool:
    """ "+7" and ten ASCII digits, of which the first three are a city's or a mobile operator's code."""
    letters = list(number)
    if len(letters) != 12 or letters[0] != "+" or letters[1] != "7":
        return False
    if any(ord(letter) not in range(48, 58) for letter in letters[1:]):
        return False
    return int("".join(letters[2:5])) in _CITY | _MOBILE


def a_number(chance: random.Random) -> str:
    """One number, three of four without junk in it; two of three as long as a Russian one."""
    start = chance.choice(_STARTS)
    length = 12 - len(start) if chance.random() < 0.66 else chance.choice((0, 1, 3, 5, 7, 9, 11, 14))
    number = start + "".join(chance.choices("0123456789", k=max(length, 0)))
    if chance.random() < 0.75:
        return number
    place = chance.randrange(len(number) + 1)
    return number[:place] + chance.choice(_JUNK) + number[place:]
