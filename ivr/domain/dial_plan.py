"""Telephone numbers: their one written form, and which of them the product may dial: Russian city and mobile ones and
no other, and so many a day (fault F22)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_SEPARATORS = re.compile(r"[\s().\-]|%20")
_INTERNAL_DIGITS = 7  # up to this many digits a number is an extension of the PBX or a local one: kept as it is
# City codes 3xx, 4xx, 81x-87x, mobile ones 9xx. Not: 80x (free, paid and premium services), 840 and 940 (Abkhazia),
# 850 (South Ossetia), 88x and 89x (not given out), 6xx and 7xx (Kazakhstan), 10 (abroad).
_ALLOWED = re.compile(r"\+7(?:[34]\d\d|8(?:[1-3]\d|4[1-9]|5[1-9]|[67]\d)|9(?:[0-35-9]\d|4[1-9]))\d{7}", re.ASCII)


def may_be_dialled(number: str) -> bool:
    """A city or mobile number of Russia in E.164; not 8-10, not +7 6xx/7xx (Kazakhstan), not 800 to 809.

    >>> may_be_dialled("+79000000000"), may_be_dialled("+78090000000"), may_be_dialled("810441234567")
    (True, False, False)
    """
    return _ALLOWED.fullmatch(number) is not None


_INSIDE = 6
"""So many digits a number inside the house has at most."""


def may_be_rung(address: str) -> bool:
    """An operator's telephone: whatever looks like a number of the public network must be in the plan, too.

    >>> may_be_rung("sip:101@10.0.0.2"), may_be_rung("sip:anna@pbx"), may_be_rung("sip:8-10-44-1234567@10.0.0.2")
    (True, True, False)
    """
    user = re.sub(r"^sips?:", "", address).partition("@")[0].partition(":")[0].partition(";")[0]
    plain = re.sub(r"[-.()]|%[0-9A-Fa-f]{2}", "", user)
    digits = re.sub(r"\D", "", plain)
    if len(digits) <= _INSIDE:
        return True
    if re.fullmatch(r"\+?\d+", plain, re.ASCII) is None:
        return len(digits) * 2 < len(plain)
    national = len(digits) == 11 and digits[0] == "8" and plain[0] != "+"
    return may_be_dialled("+7" + digits[1:] if national else "+" + digits)


@dataclass(frozen=True, slots=True)
class DialLimits:
    """How many calls may be placed: what a stolen password can cost.

    Attributes:
        since: they are counted from this moment.
        by_person: of one person. in_all: of all persons together.
    """

    since: datetime
    by_person: int
    in_all: int


def normal_number(user: str) -> str:
    """A number in one form: E.164 for Russian numbers, digits otherwise, "" when it is no number.

    >>> normal_number("8 (900) 000-00-00")
    '+79000000000'
    """
    bare = _SEPARATORS.sub("", user)
    if not re.fullmatch(r"\+?[0-9]{1,20}", bare):
        return ""
    digits = bare.lstrip("+")
    if len(digits) <= _INTERNAL_DIGITS:
        return digits
    if len(digits) == 11 and digits[0] in "78" and not (bare[0] == "+" and digits[0] == "8"):
        return "+7" + digits[1:]
    if len(digits) == 10 and bare[0] != "+":
        return "+7" + digits
    return bare if bare[0] == "+" else digits


def same_number(one: str, other: str) -> bool:
    """Two ways to write one number, or one name of the PBX ("112", "helpline").

    >>> same_number("8 (48755) 2-10-00", "+74875521000")
    True
    """
    return (normal_number(one) or one.lower()) == (normal_number(other) or other.lower())


def is_extension(number: str) -> bool:
    """A number inside the PBX, or a local one: so short that it names no citizen."""
    return 0 < len(number) <= _INTERNAL_DIGITS
