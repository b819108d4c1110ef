"""A message whose topic an operator has confirmed: an example for those to come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Precedent:
    """One confirmed row of the journal.

    Attributes:
        id: of the message.
        text: all that the caller said.
        topic: key of the vocabulary, as the operator left or corrected it.
    """

    id: str
    text: str
    topic: str
