"""TOML tables checked against a model; every mistake named with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ivr.errors import SettingsError

T = TypeVar("T")


def read_table(path: Path) -> dict[str, Any]:
    """A TOML file.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SettingsError(f"{path}: {fault}") from fault


def checked(shape: type[T], data: dict[str, Any], path: Path) -> T:
    """The table as a record of this shape (a pydantic model or a dataclass).

    Raises:
        SettingsError: every unknown key and wrong value, with its line.
    """
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as fault:
        text = path.read_text("utf-8") if path.exists() else ""
        raise SettingsError([_sentence(error, shape, path, text) for error in fault.errors()]) from fault


def _sentence(error: ErrorDetails, shape: type[Any], path: Path, text: str) -> str:
    keys = [str(key) for key in error["loc"]]
    where = _place(path, text, keys)
    name = ".".join(keys)
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        close = get_close_matches(keys[-1], _keys(shape, keys[:-1]), 1)
        return f"{where}: unknown setting {name}" + (f"; did you mean {close[0]}?" if close else "")
    return f"{where}: {name}: {error['msg']}, given: {error['input']!r}"


def _keys(shape: Any, path: list[str]) -> list[str]:
    for key in path:
        if key.isdecimal():  # a place in a list, whose shape is known already
            continue
        fields = getattr(shape, "model_fields", {})
        annotation = fields[key].annotation if key in fields else None
        arguments = [
            arg for arg in getattr(annotation, "__args__", ()) if isinstance(arg, type) and issubclass(arg, BaseModel)
        ]
        shape = arguments[0] if arguments else annotation
    return list(getattr(shape, "model_fields", None) or getattr(shape, "__dataclass_fields__", {}))


def quoted(text: str) -> str:
    """A text as TOML writes it; control characters become spaces."""
    safe = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def place_of(path: Path, *keys: str, item: str = "") -> str:
    """Where a key of a file stands: "file:line"; or an item of its list, which may be lines below."""
    text = path.read_text("utf-8") if path.exists() else ""
    line = _line(text, list(keys))
    if line and item:
        below = text.splitlines()[line - 1 :]
        line += next((lines for lines, said in enumerate(below) if item in said), 0)
    return f"{path}:{line}" if line else str(path)


def _place(path: Path, text: str, keys: list[str]) -> str:
    line = _line(text, keys)
    return f"{path}:{line}" if line else str(path)


def _line(text: str, keys: list[str]) -> int | None:
    """The line of a key: in its own table where there is one; tables of a list are counted from 0."""
    if not keys:
        return None
    table, seen = "", Counter[str]()
    wanted_table, key = ".".join(keys[:-1]), keys[-1]
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[(\[?)([^\]]+)\]", line)
        if header:
            table = header[2].strip()
            seen[table] += 1
            if header[1]:
                table = f"{table}.{seen[table] - 1}"
            if table == ".".join(keys):
                return number
        elif table == wanted_table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return _line(text, keys[:-1]) if key.isdecimal() else None  # an entry of a list: the line of the list
