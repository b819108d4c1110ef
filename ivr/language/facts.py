"""What was understood of a text: each fact with its confidence, its place and its grounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr.domain.contact import Address, PersonName, PhoneNumber

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Span:
    """Words [start, end) of the text, counted in `text.split()`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Certain(Generic[T_co]):
    """A fact.

    Attributes:
        confidence: 0..1.
        span: where it was said.
        why: the deciding words.
        places: the words of the span that say it, where other words stand between.
    """

    value: T_co
    confidence: float
    span: Span
    why: tuple[str, ...] = ()
    places: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one text.

    Attributes:
        phones: numbers to call, in spoken order.
        name: the caller, or the person he asks to call.
        topics: topic keys, best first, at most three.
        flags: abuse, threat, advert, emergency; hints.
        gist: the matter without greeting, name, number and fillers.
        incomplete_phone: digits heard that make no whole number.
        wants_caller_id: he asks to be called at the number he calls from.
        refused_name: he does not want to say his name.
        neighbours: topics of similar messages that operators have confirmed, with their number.
    """

    phones: tuple[Certain[PhoneNumber], ...] = ()
    name: Certain[PersonName] | None = None
    topics: tuple[Certain[str], ...] = ()
    address: Certain[Address] | None = None
    flags: tuple[Certain[str], ...] = ()
    gist: str = ""
    incomplete_phone: Certain[str] | None = None
    wants_caller_id: bool = False
    refused_name: bool = False
    neighbours: tuple[tuple[str, int], ...] = ()
