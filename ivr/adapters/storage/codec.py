"""Domain records to JSON and back: one small grammar for the spool and the JSON columns."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """Records, enums, times and tuples as what JSON knows; text made safe for any database (no surrogates, no NUL)."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, str):
        return safe_text(value)
    return value


def safe_text(text: str) -> str:
    """Text that any database and any page can hold."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def from_plain(shape: Any, plain: Any) -> Any:
    """The record again; `shape` is a dataclass or any annotation used in the domain."""
    origin = get_origin(shape)
    if origin in (Union, UnionType):
        if plain is None:
            return None
        return from_plain(next(arg for arg in get_args(shape) if arg is not NoneType), plain)
    if origin is tuple:
        arguments = get_args(shape)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(from_plain(arguments[0], item) for item in plain)
        return tuple(from_plain(argument, item) for argument, item in zip(arguments, plain, strict=True))
    if is_dataclass(shape):
        hints = get_type_hints(shape)
        return shape(**{name: from_plain(hints[name], item) for name, item in plain.items() if name in hints})  # type: ignore[operator]
    if shape is datetime:
        return datetime.fromisoformat(plain)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return shape(plain)
    return float(plain) if shape is float else plain


def dump(value: object) -> str:
    """One line of JSON."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def load(shape: type[T], text: str) -> T:
    """A record from its line."""
    return from_plain(shape, json.loads(text))  # type: ignore[no-any-return]
