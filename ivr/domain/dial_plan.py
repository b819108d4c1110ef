"""Telephone numbers: their one written form, and which of them the product may dial: Russian city and mobile ones, and
no other (toll fraud has no other door)."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s().\-]|%20")
_INTERNAL_DIGITS = 7  # up to this many digits a number is an extension of the PBX or a local one: kept as it is
_ALLOWED = re.compile(r"\+7(?:[34]\d\d|8[1-9]\d|9\d\d)\d{7}", re.ASCII)  # 80x: free, paid and premium services


def may_be_dialled(number: str) -> bool:
    """A city or mobile number of Russia in E.164; not 8-10, not +7 6xx/7xx (Kazakhstan), not 800 to 809.

    >>> may_be_dialled("+79000000000"), may_be_dialled("+78090000000"), may_be_dialled("810441234567")
    (True, False, False)
    """
    return _ALLOWED.fullmatch(number) is not None


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
