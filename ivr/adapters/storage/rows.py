"""Domain records to rows and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, String, Table

from ivr.adapters.storage import tables
from ivr.adapters.storage.codec import from_plain, safe_text, to_plain
from ivr.adapters.storage.personal import ERASED_AT
from ivr.domain.attempt import Attempt, Means, Ring
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback, CallbackState, Move, Origin
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.correction import Correction
from ivr.domain.message import Found, Message
from ivr.domain.referral import Referral
from ivr.domain.turn import HeardWord, Speaker, Turn
from ivr.domain.vocabulary import AttemptOutcome

_NAME = ("surname", "name", "patronymic")
_ADDRESS = ("locality", "street", "house", "flat")
_SHAPES: dict[str, Any] = {"name": PersonName, "phone": PhoneNumber, "address": Address}
_JSON = ("topics", "flags", "found", "attempted_at", "corrected")
_MESSAGE_FIELDS = tuple(name for name in Message.__dataclass_fields__ if name in tables.message.c)
_CALLBACK_FIELDS = tuple(name for name in Callback.__dataclass_fields__ if name in tables.callback.c)


def fitted(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row as its table can hold it: texts from outside made safe and cut to the column's length."""
    return {name: _fitting(table, name, value) if isinstance(value, str) else value for name, value in row.items()}


def _fitting(table: Table, name: str, text: str) -> str:
    kind = table.c[name].type
    return safe_text(text)[: kind.length if isinstance(kind, String) else None]


def call_row(call: Call) -> dict[str, Any]:
    """Columns of `call`."""
    row = asdict(call)
    del row["recording"], row["recording_seconds"]
    return fitted(tables.call, row)


def call_of(row: RowMapping) -> Call:
    """The call of a row joined with its recording (columns recording, recording_seconds)."""
    facts = {name: row[name] for name in Call.__dataclass_fields__}
    facts["recording_seconds"] = row["recording_seconds"] or 0.0
    facts["mode"] = Mode(row["mode"])
    facts["end"] = CallEnd(row["end"]) if row["end"] else None
    return Call(**facts)


def turn_row(call_id: str, turn: Turn) -> dict[str, Any]:
    """Columns of `turn`."""
    return fitted(tables.turn, {**asdict(turn), "call_id": call_id, "words": to_plain(turn.words)})


def turn_of(row: RowMapping) -> Turn:
    """The turn of a row."""
    facts = {name: row[name] for name in Turn.__dataclass_fields__}
    facts["speaker"] = Speaker(row["speaker"])
    facts["words"] = from_plain(tuple[HeardWord, ...], row["words"])
    return Turn(**facts)


def talk_row(attempt_id: str, turn: Turn) -> dict[str, Any]:
    """Columns of `talk`."""
    return fitted(tables.talk, {**asdict(turn), "attempt_id": attempt_id, "words": to_plain(turn.words)})


def message_row(message: Message, callback_id: str | None) -> dict[str, Any]:
    """Columns of `message`."""
    row = {name: getattr(message, name) for name in Message.__dataclass_fields__}
    row |= {part: getattr(message.name, part, None) for part in _NAME}
    row |= {part: getattr(message.address, part, None) for part in _ADDRESS}
    row["phone"] = message.phone.e164 if message.phone else None
    row |= {name: to_plain(getattr(message, name)) for name in _JSON}
    del row["address"]
    row["callback_id"], row["place"] = callback_id, place_of(message.received_at, message.id)
    return fitted(tables.message, row)


def place_of(received_at: datetime, message: str) -> int:
    """Where a message stands in the journal: its second, then 30 bits of its id; of two messages within one second
    one in 10^9 shares its place."""
    bits = int.from_bytes(hashlib.sha256(message.encode()).digest()[:4], "big") >> 2
    return first_place(received_at) | bits


def first_place(moment: datetime) -> int:
    """The first place of a second."""
    return int(moment.timestamp()) << 30


def columns_of(fields: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold these fields of a message."""
    parts = {"name": _NAME, "address": _ADDRESS}
    return tuple(column for field in fields for column in parts.get(field, (field,)))


def message_of(row: RowMapping) -> Message:
    """The message of a row."""
    facts = {name: row[name] for name in _MESSAGE_FIELDS}
    name, address = ([row[part] for part in parts] for parts in (_NAME, _ADDRESS))
    facts["name"] = PersonName(*name) if any(name) else None
    facts["address"] = Address(*address) if any(address) else None
    facts["phone"] = PhoneNumber(row["phone"]) if row["phone"] else None
    facts["topics"] = tuple((key, score) for key, score in row["topics"])
    facts["flags"], facts["corrected"] = tuple(row["flags"]), tuple(row["corrected"])
    facts["attempted_at"] = from_plain(tuple[datetime, ...], row["attempted_at"])
    facts["found"] = from_plain(tuple[tuple[str, Found], ...], row["found"])
    return Message(**facts)


def callback_row(callback: Callback) -> dict[str, Any]:
    """Columns of `callback`."""
    row = {column.name: getattr(callback, column.name) for column in tables.callback.c if column.name != ERASED_AT}
    return fitted(tables.callback, {**row, "because": list(callback.because)})


def callback_of(row: RowMapping) -> Callback:
    """The callback of a row."""
    facts = {name: row[name] for name in _CALLBACK_FIELDS}
    facts["because"] = tuple(row["because"])
    facts["state"], facts["rests"] = CallbackState(row["state"]), CallbackState(row["rests"])
    facts["origin"] = Origin(row["origin"])
    return Callback(**facts)


def correction_row(correction: Correction) -> dict[str, Any]:
    """Columns of `correction`."""
    row = {name: getattr(correction, name) for name in ("id", "field", "by", "at")}
    row |= {"before": to_plain(correction.before), "after": to_plain(correction.after)}
    return fitted(tables.correction, row | {"message_id": correction.message})


def correction_of(row: RowMapping) -> Correction:
    """The correction of a row."""
    shape = _SHAPES.get(row["field"], str)
    before, after = (None if row[name] is None else from_plain(shape, row[name]) for name in ("before", "after"))
    return Correction(row["id"], row["message_id"], row["field"], before, after, row["by"], row["at"])


def move_row(callback_id: str, move: Move) -> dict[str, Any]:
    """Columns of `callback_move`."""
    return fitted(tables.callback_move, {**asdict(move), "callback_id": callback_id})


def move_of(row: RowMapping) -> Move:
    """The step of a row."""
    facts = {name: row[name] for name in Move.__dataclass_fields__}
    facts["before"], facts["after"] = CallbackState(row["before"]), CallbackState(row["after"])
    return Move(**facts)


def referral_row(referral: Referral) -> dict[str, Any]:
    """Columns of `referral`."""
    row = asdict(referral)
    row["callback_id"] = row.pop("callback")
    return fitted(tables.referral, row)


def referral_of(row: RowMapping) -> Referral:
    """The question of a row."""
    facts = {name: row[name] for name in Referral.__dataclass_fields__ if name in row}
    return Referral(**facts, callback=row["callback_id"])


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """Columns of `attempt`."""
    row = asdict(attempt)
    row["callback_id"] = row.pop("callback")
    row["rings"] = to_plain(attempt.rings)
    return fitted(tables.attempt, row)


def attempt_of(row: RowMapping) -> Attempt:
    """The attempt of a row."""
    facts = {name: row[name] for name in Attempt.__dataclass_fields__ if name in row}
    facts["callback"], facts["means"] = row["callback_id"], Means(row["means"])
    facts["outcome"] = AttemptOutcome(row["outcome"]) if row["outcome"] else None
    facts["rings"] = from_plain(tuple[Ring, ...], row["rings"])
    return Attempt(**facts)
