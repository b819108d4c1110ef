"""Which numbers the product may dial: Russian city and mobile ones, and no other (toll fraud has no other door)."""

from __future__ import annotations

import re

_ALLOWED = re.compile(r"\+7(?:[34]\d\d|8[1-9]\d|9\d\d)\d{7}", re.ASCII)  # 80x: free, paid and premium services


def may_be_dialled(number: str) -> bool:
    """A city or mobile number of Russia in E.164; not 8-10, not +7 6xx/7xx (Kazakhstan), not 800 to 809.

    >>> may_be_dialled("+79000000000"), may_be_dialled("+78090000000"), may_be_dialled("810441234567")
    (True, False, False)
    """
    return _ALLOWED.fullmatch(number) is not None
