"""Domain records to rows and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, String, Table

from ivr.adapters.storage import tables
from ivr.adapters.storage.codec import from_plain, safe_text, to_plain
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Found, Message
from ivr.domain.turn import HeardWord, Speaker, Turn

_NAME = ("surname", "name", "patronymic")
_ADDRESS = ("locality", "street", "house", "flat")
_JSON = ("topics", "flags", "found")


def _fitted(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row as its table can hold it: texts from outside made safe and cut to the column's length."""
    return {name: _fitting(table, name, value) if isinstance(value, str) else value for name, value in row.items()}


def _fitting(table: Table, name: str, text: str) -> str:
    kind = table.c[name].type
    return safe_text(text)[: kind.length if isinstance(kind, String) else None]


def call_row(call: Call) -> dict[str, Any]:
    """Columns of `call`."""
    row = asdict(call)
    del row["recording"], row["recording_seconds"]
    return _fitted(tables.call, row)


def call_of(row: RowMapping) -> Call:
    """The call of a row joined with its recording (columns recording, recording_seconds)."""
    facts = {name: row[name] for name in Call.__dataclass_fields__}
    facts["recording_seconds"] = row["recording_seconds"] or 0.0
    facts["mode"] = Mode(row["mode"])
    facts["end"] = CallEnd(row["end"]) if row["end"] else None
    return Call(**facts)


def turn_row(call_id: str, turn: Turn) -> dict[str, Any]:
    """Columns of `turn`."""
    return _fitted(tables.turn, {**asdict(turn), "call_id": call_id, "words": to_plain(turn.words)})


def turn_of(row: RowMapping) -> Turn:
    """The turn of a row."""
    facts = {name: row[name] for name in Turn.__dataclass_fields__}
    facts["speaker"] = Speaker(row["speaker"])
    facts["words"] = from_plain(tuple[HeardWord, ...], row["words"])
    return Turn(**facts)


def message_row(message: Message, callback_id: str | None) -> dict[str, Any]:
    """Columns of `message`."""
    row = {name: getattr(message, name) for name in Message.__dataclass_fields__}
    row |= {part: getattr(message.name, part, None) for part in _NAME}
    row |= {part: getattr(message.address, part, None) for part in _ADDRESS}
    row["phone"] = message.phone.e164 if message.phone else None
    row |= {name: to_plain(getattr(message, name)) for name in _JSON}
    del row["address"]
    row["callback_id"] = callback_id
    return _fitted(tables.message, row)


def message_of(row: RowMapping) -> Message:
    """The message of a row."""
    facts = {name: row[name] for name in Message.__dataclass_fields__ if name in row}
    name, address = ([row[part] for part in parts] for parts in (_NAME, _ADDRESS))
    facts["name"] = PersonName(*name) if any(name) else None
    facts["address"] = Address(*address) if any(address) else None
    facts["phone"] = PhoneNumber(row["phone"]) if row["phone"] else None
    facts["topics"] = tuple((key, score) for key, score in row["topics"])
    facts["flags"] = tuple(row["flags"])
    facts["found"] = from_plain(tuple[tuple[str, Found], ...], row["found"])
    return Message(**facts)


def callback_row(callback: Callback) -> dict[str, Any]:
    """Columns of `callback`."""
    return _fitted(tables.callback, {**asdict(callback), "because": list(callback.because)})


def callback_of(row: RowMapping) -> Callback:
    """The callback of a row."""
    facts = {name: row[name] for name in Callback.__dataclass_fields__}
    facts["because"] = tuple(row["because"])
    facts["state"] = CallbackState(row["state"])
    return Callback(**facts)
