"""A version of something that people change in the console: settings, words, a prompt's sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

INSTALLED = 0
"""Number of what the installer has put there: before anybody changed it."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version; it stays whatever comes later.

    Attributes:
        number: 1, 2, 3 … in order.
        by: name of who made it.
        note: what was done, as a code ("phone.trunk", "restored:3") or as its maker wrote it.
        digest: SHA-256 of its content, hexadecimal.
        size: of its content, bytes.
    """

    number: int
    at: datetime
    by: str
    note: str
    digest: str
    size: int
