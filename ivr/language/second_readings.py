"""What other readings of the same sound say of the number: they doubt it, or give the one that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.domain.contact import PhoneNumber
from ivr.language.facts import Certain, Span

_DOUBTED, _SECOND_HAND = 0.75, 0.5

Phones = list[Certain[PhoneNumber]]


def chosen_phones(
    phones: Phones, incomplete: Certain[str] | None, others: Sequence[Sequence[PhoneNumber]], length: int
) -> tuple[Phones, Certain[str] | None]:
    """The numbers of the best reading, surer or less sure by the others; theirs, when it has none and they agree.

    Args:
        phones, incomplete: what the best reading has.
        others: numbers of each other reading.
        length: words of the best reading.
    """
    heard = [tuple(numbers) for numbers in others if numbers]
    if phones:
        said = tuple(phone.value for phone in phones)
        doubted = any(numbers != said for numbers in heard)
        return [_doubted(phone) if doubted else phone for phone in phones], incomplete
    if len(set(heard)) != 1:
        return [], incomplete
    span = incomplete.span if incomplete else Span(0, length)
    return [Certain(number, _SECOND_HAND, span, (number.e164,)) for number in heard[0]], None


def _doubted(phone: Certain[PhoneNumber]) -> Certain[PhoneNumber]:
    return replace(phone, confidence=round(phone.confidence * _DOUBTED, 3))
