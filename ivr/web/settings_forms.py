"""The forms of the settings: which values each has, and how what is typed into them is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from ivr.errors import RuleBroken
from ivr.ports.house import Tables

TEXT, NUMBER, LINES, FLAG, CHOICE, TIME, SECRET = "text", "number", "lines", "flag", "choice", "time", "secret"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a form.

    Attributes:
        key: in its table; "number_plan.local_code" lies in a table within it.
        fault: codes of refusals that are about it.
        needed: an empty field is refused; otherwise it means "as the installer has it".
    """

    table: str
    key: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    fault: str = ""
    needed: bool = False

    @property
    def name(self) -> str:
        """Of its field, and of its words."""
        return f"{self.table}_{self.key.replace('.', '_')}"


FORMS: Mapping[str, tuple[Entry, ...]] = {
    "town": (
        Entry("municipality", "title", fault="needs_title", needed=True),
        Entry("municipality", "numbers", LINES),
        Entry("municipality", "number_plan.local_code", fault="bad_code"),
        Entry("municipality", "number_plan.regional_code", fault="bad_code"),
        Entry("municipality", "number_plan.regional_prefix", fault="bad_code"),
    ),
    "line": (
        Entry("phone", "trunk", fault="bad_pbx"),
        Entry("phone", "trusted", LINES, fault="bad_network"),
        Entry("phone", "address", fault="bad_address"),
        Entry("phone", "port", NUMBER, fault="bad_port"),
        Entry("phone", "registration.registrar", fault="bad_registrar"),
        Entry("phone", "registration.user", fault="registration_whole"),
        Entry("phone", "registration.password_file", SECRET, fault="registration_whole"),
        Entry("desk", "operators", LINES, fault="bad_sip"),
        Entry("desk", "in_turn_seconds", NUMBER, fault="bad_seconds"),
        Entry("phone", "forced_mode", CHOICE, ("", "after_hours", "overflow", "front_desk")),
    ),
    "mail": (
        Entry("mail", "server", fault="bad_host", needed=True),
        Entry("mail", "port", NUMBER, fault="bad_port"),
        Entry("mail", "security", CHOICE, ("starttls", "tls")),
        Entry("mail", "user"),
        Entry("mail", "password_file", SECRET),
        Entry("mail", "sender", fault="bad_mail", needed=True),
        Entry("mail", "weekly_to", LINES, fault="bad_mail", needed=True),
        Entry("mail", "by_itself", FLAG),
        Entry("mail", "by_itself_at", TIME, fault="bad_time_of_day"),
    ),
    "keeping": (Entry("regulation", "retention_days", NUMBER, fault="retention", needed=True),),
    "entry": (
        Entry("web", "idle_minutes", NUMBER, fault="bad_minutes"),
        Entry("web", "session_hours", NUMBER, fault="bad_hours_of_session"),
    ),
}
"""By the name of their page."""


def shown(entry: Entry, tables: Tables) -> Any:
    """What stands in the field: text, or for a flag whether it is set. A password is never shown, only that it is."""
    value: Any = tables.get(entry.table, {})
    for part in entry.key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if entry.kind == FLAG:
        return bool(value)
    if entry.kind == SECRET:
        return value is not None
    if entry.kind == LINES:
        return "\n".join(map(str, value or ()))
    if entry.kind == TIME:
        return f"{value:%H:%M}" if isinstance(value, time) else str(value or "")[:5]
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return "" if value is None else str(value)


def typed(form: tuple[Entry, ...], given: Mapping[str, str]) -> dict[str, Any]:
    """What stands in the fields after somebody has typed into them, for the same form shown again."""
    return {entry.name: entry.name in given if entry.kind == FLAG else given.get(entry.name, "") for entry in form}


def read(form: tuple[Entry, ...], given: Mapping[str, str], known: Tables) -> dict[str, dict[str, object]]:
    """The values of a form by table; passwords are left out, an empty field is None.

    Raises:
        RuleBroken: no number, no time of day, or nothing where something is needed.
    """
    tables: dict[str, dict[str, object]] = {}
    for entry in form:
        if entry.kind == SECRET:
            continue
        value = _value(entry, given)
        if value is None and entry.needed:
            raise RuleBroken("1", f"{entry.name} is needed", entry.fault)
        _put(tables.setdefault(entry.table, {}), entry.key, value, known.get(entry.table, {}))
    return tables


def _value(entry: Entry, given: Mapping[str, str]) -> object:
    text = given.get(entry.name, "").strip()
    if entry.kind == FLAG:
        return entry.name in given
    if entry.kind == CHOICE:
        return text if text in entry.choices and text else None
    if entry.kind == LINES:
        return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    if not text:
        return None if entry.key != "trunk" else ""
    if entry.kind == TIME:
        return _time(text, entry)
    return _number(text, entry) if entry.kind == NUMBER else " ".join(text.split())


def _number(text: str, entry: Entry) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError as fault:
        raise RuleBroken("1", f"{entry.name}: {text!r} is no number", entry.fault) from fault
    return int(number) if number == int(number) else number


def _time(text: str, entry: Entry) -> str:
    try:
        return time.fromisoformat(text).isoformat()
    except ValueError as fault:
        raise RuleBroken("1", f"{entry.name}: {text!r} is no time of day", entry.fault) from fault


def _put(table: dict[str, object], key: str, value: object, known: Mapping[str, object]) -> None:
    """Set a value; of a table within the table the other values stay as they are."""
    outer, _, inner = key.partition(".")
    if not inner:
        table[key] = value
        return
    within = table.get(outer, known.get(outer))
    whole = dict(within) if isinstance(within, Mapping) else {}
    table[outer] = {name: kept for name, kept in (whole | {inner: value}).items() if kept is not None} or None
