"""The fields of a message on its card: what stands there, how sure it is and why, what stood there before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.correction import CORRECTABLE, Correction, FieldValue
from ivr.domain.message import Message
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.errors import RuleBroken
from ivr.ports.console import Conversation
from ivr.web.heard import Stretch, stretches

NAME_PARTS = ("surname", "name", "patronymic")
_BEFORE_SHOWN = 3
ADDRESS_PARTS = ("locality", "street", "house", "flat")


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a field before a correction; only the last correction can be taken back."""

    correction: Correction
    text: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        text: as people read it, "" when nothing is known.
        sure: 0..1, None where a person has written it or nothing was recognised.
        why: the deciding words.
        stretch: where on the recording it was said.
        before: earlier versions, the latest first.
    """

    key: str
    text: str
    value: FieldValue
    sure: float | None
    why: Sequence[str]
    stretch: Stretch | None
    before: Sequence[Before]


def fields_of(
    message: Message, conversation: Conversation | None, corrections: Sequence[Correction], vocabulary: Vocabulary
) -> list[Field]:
    """All fields of a message."""
    spans = stretches(message, conversation)
    found = dict(message.found)
    return [
        Field(
            key, text_of(getattr(message, key), key, vocabulary), getattr(message, key),
            found[key].confidence if key in found and key not in message.corrected else None,
            found[key].why if key in found else (), spans.get(key), _before(corrections, message, key, vocabulary),
        )
        for key in CORRECTABLE
    ]  # fmt: skip


def text_of(value: FieldValue, key: str, vocabulary: Vocabulary) -> str:
    """A value as people read it."""
    if isinstance(value, PersonName | Address):
        return value.full
    if isinstance(value, PhoneNumber):
        return value.e164
    return vocabulary.title(Kind.TOPICS, value) if key == "topic" else value or ""


def _before(corrections: Sequence[Correction], message: Message, key: str, vocabulary: Vocabulary) -> list[Before]:
    mine = [one for one in corrections if one.message == message.id and one.field == key]
    return [Before(one, text_of(one.before, key, vocabulary), number == 0) for number, one in enumerate(reversed(mine))]


def value_of(field: str, form: Mapping[str, str], reads_number: Callable[[str], str | None]) -> FieldValue:
    """What a person has written into a field's form.

    Raises:
        RuleBroken: not a telephone number, or there is no such field.
    """
    part = {name: " ".join(form.get(name, "").split()) for name in (*NAME_PARTS, *ADDRESS_PARTS)}
    if field == "name":
        name = PersonName(*(part[one] or None for one in NAME_PARTS))
        return name if name.full else None
    if field == "address":
        address = Address(*(part[one] or None for one in ADDRESS_PARTS))
        return address if address.full else None
    if field == "phone":
        given = form.get("phone", "").strip()
        number = reads_number(given) if given else None
        if given and number is None:
            raise RuleBroken("20.1", "this is no telephone number", "bad_number")
        return PhoneNumber(number) if number else None
    if field == "topic":
        return form.get("topic", "").strip() or None
    if field == "gist":
        return " ".join(form.get("gist", "").split())
    raise RuleBroken("20.1", f"{field} is not a field that people correct", "no_such_field")
