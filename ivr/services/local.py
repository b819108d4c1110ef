"""The voice and the words of one municipality, where they are not the house's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialogue.prompts import Prompts
from ivr.language.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Local:
    """How callers of a municipality are spoken to, and by which places, streets and topics they are understood."""

    say: Prompts
    understand: Understanding


Locals = Mapping[str, Local]
"""By the key of a municipality; who is not in it is spoken to as the house does."""
