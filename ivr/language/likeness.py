"""Written words compared the way people mean them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process


def plain(text: object) -> str:
    """Small letters and digits, one space between the words; what only looks different becomes equal."""
    return " ".join(re.findall(r"[^\W_]+", str(text or "").lower().replace("\u0451", "\u0435")))


def most_alike(words: str, choices: Iterable[str], at_least: int) -> str | None:
    """The choice most like the words, both `plain`; None when none is alike enough (0 to 100)."""
    found = process.extractOne(words, list(choices), scorer=fuzz.ratio, score_cutoff=at_least) if words else None
    return str(found[0]) if found else None
