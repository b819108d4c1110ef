"""A phrase of the assistant: its words, its clause, whose voice speaks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is known of one phrase.

    Attributes:
        clause: of the regulation, "" for none.
        verbatim: the regulation gives its words; they are never changed.
        own: the municipality's own voice is heard.
    """

    name: str
    text: str
    clause: str = ""
    verbatim: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one recorded phrase: `kind` is missing, stale, unreadable, rate, quiet or clipped."""

    name: str
    kind: str
    detail: str = ""
