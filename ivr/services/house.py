"""The settings that people change in the console: checked, every version kept, written down with who did it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.regulation import LIMITS
from ivr.domain.version import INSTALLED, Version
from ivr.errors import RuleBroken, SettingsError
from ivr.ports.house import HouseBook, Tables
from ivr.services.audit import AccessLog

_PBX = re.compile(r"([A-Za-z0-9.-]+(:\d{1,5})?)?")
_SIP = re.compile(r"sips?:[^@\s]+@[^@\s]+")
_REGISTRAR = re.compile(r"(sips?:[^\s@]+)?")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_CODE = re.compile(r"\d{0,6}")
_TITLE_AT_MOST = 200

Check = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a version beside the one before it; None: what the installer's file says."""

    key: str
    before: object
    after: object


@dataclass(slots=True)
class HouseSettings:
    """What the house is told of itself."""

    book: HouseBook
    log: AccessLog

    def view(self, actor: Actor) -> Tables:
        """What holds now.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        return self.book.settings()

    def own(self, actor: Actor) -> Tables:
        """Only what people have changed.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        return self.book.values(self.seen)

    @property
    def seen(self) -> int:
        """Number of the newest version: what a form was filled in upon."""
        return next((version.number for version in self.book.history()), INSTALLED)

    async def change(self, actor: Actor, tables: Tables, seen: int | None = None) -> bool:
        """Change values; those that stand there already are left alone.

        Args:
            tables: None as a value: what the installer's file says.
            seen: the version the person looked at.

        Returns:
            Whether there was anything to change.

        Raises:
            Forbidden: not for this role.
            RuleBroken: a value will not do, or somebody else has changed the settings meanwhile.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        upon = self.seen if seen is None else seen
        self._refuse_late(upon)
        known = self.book.settings()
        news = {
            name: {key: value for key, value in values.items() if not _same(known.get(name, {}).get(key), value)}
            for name, values in tables.items()
        }
        news = {name: values for name, values in news.items() if values}
        if "trunk" in news.get("phone", {}):
            news["phone"] = {**line_to(str(news["phone"]["trunk"] or ""), known["phone"]), **news["phone"]}
        for name, values in news.items():
            for key, value in values.items():
                _refuse_wrong(name, key, value)
        if news:
            await self._write(actor, news, upon)
        return bool(news)

    async def forget(self, actor: Actor, tables: Tables) -> None:
        """What people have changed of these values counts no more: the installer's file alone.

        Raises:
            Forbidden: not for this role.
            RuleBroken: the product could not work with it now.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        own = self.book.values(self.seen)
        news = {name: {key: None for key in values if key in own.get(name, {})} for name, values in tables.items()}
        if any(news.values()):
            await self._write(actor, {name: values for name, values in news.items() if values}, self.seen)

    async def keep_password(self, actor: Actor, name: str, secret: str) -> str:
        """Keep a password apart from the settings; its path for them. It is never shown again, and the one in use
        stays until `forget_passwords`.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, name)
        return self.book.keep_secret(name, secret)

    def forget_passwords(self, actor: Actor, name: str) -> None:
        """Of the passwords kept under this name only the one in use stays: after a change the new one, after a refusal
        the old one.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        self.book.forget_secrets(name)

    def history(self, actor: Actor) -> Sequence[Version]:
        """Versions, the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        return self.book.history()

    def changes(self, actor: Actor, number: int) -> Sequence[Change]:
        """What a version changed.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such version.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        before, after = _flat(self.book.values(number - 1)), _flat(self.book.values(number))
        keys = dict.fromkeys((*before, *after))
        return [
            Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)
        ]  # fmt: skip

    async def restore(self, actor: Actor, number: int) -> None:
        """Put a version back; 0: the installer's file alone.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such version, its password is there no more, or the product could not work with it
                now.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, "", {"restored": str(number)})
        try:
            self.book.restore(actor.account.name, number)
        except SettingsError as fault:
            raise RuleBroken("1", str(fault), "bad_settings") from fault

    async def set_pbx(self, actor: Actor, pbx: str) -> None:
        """Where calls come from and go out to: "10.0.0.2" or "pbx.local:5060"; "" for none.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is no address.
        """
        await self.change(actor, {"phone": {"trunk": pbx.strip().removeprefix("sip:")}})

    async def _write(self, actor: Actor, tables: Tables, upon: int) -> None:
        keys = " ".join(f"{table}.{key}" for table, values in tables.items() for key in values)
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, keys)
        self._refuse_late(upon)  # from here on nobody comes between
        try:
            self.book.change(actor.account.name, tables)
        except SettingsError as fault:
            raise RuleBroken("1", str(fault), "bad_settings") from fault

    def _refuse_late(self, upon: int) -> None:
        """Made of the newest version."""
        if upon != self.seen:
            raise RuleBroken("1", "somebody has changed the settings meanwhile", "changed_meanwhile")


def line_to(pbx: str, known: Mapping[str, object]) -> Mapping[str, object]:
    """The PBX is trusted, and the line listens where the PBX can reach it."""
    news: dict[str, object] = {"trunk": pbx}
    host = pbx.rpartition(":")[0] or pbx
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return news
    trusted = known["trusted"]
    assert isinstance(trusted, (tuple, list))
    news["trusted"] = list(dict.fromkeys((*map(str, trusted), str(address))))
    if not address.is_loopback and known["address"] == "127.0.0.1":
        news["address"] = "0.0.0.0"  # the exchange is elsewhere, and is the only one trusted  # nosec B104
    return news


def _refuse_wrong(table: str, key: str, value: object) -> None:
    if (
        key == "registration"
        and isinstance(value, Mapping)
        and not {"registrar", "user", "password_file"} <= set(value)
    ):
        raise RuleBroken("6.1", "a registration needs registrar, user and password", "registration_whole")
    found = _CHECKS.get((table, key))
    if found is None or value is None:
        return
    clause, code, fits = found
    if not fits(value):
        raise RuleBroken(clause, f"{table}.{key}: {value!r} will not do", code)


def _same(known: object, value: object) -> bool:
    if isinstance(known, time):
        known = known.isoformat()
    if isinstance(known, (tuple, list)) and isinstance(value, (tuple, list)):
        return list(known) == list(value)
    if isinstance(known, (int, float)) and isinstance(value, (int, float)):
        return known == value and isinstance(known, bool) is isinstance(value, bool)
    return type(known) is type(value) and known == value


def _flat(tables: Tables) -> dict[str, object]:
    return {f"{name}.{key}": value for name, values in tables.items() for key, value in values.items()}


def _text(pattern: re.Pattern[str]) -> Check:
    return lambda value: bool(pattern.fullmatch(str(value)))


def _each(fits: Check) -> Check:
    return lambda value: isinstance(value, (tuple, list)) and all(fits(one) for one in value)


def _number(least: float, most: float) -> Check:
    return lambda value: isinstance(value, (int, float)) and least <= value <= most


def _network(value: object) -> bool:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return False
    return True


def _title(value: object) -> bool:
    return 0 < len(str(value)) <= _TITLE_AT_MOST


_CHECKS: Mapping[tuple[str, str], tuple[str, str, Check]] = {
    ("municipality", "title"): ("1", "needs_title", _title),
    ("phone", "trunk"): ("6.1", "bad_pbx", _text(_PBX)),
    ("phone", "address"): ("6.1", "bad_address", _network),
    ("phone", "port"): ("6.1", "bad_port", _number(1024, 65535)),
    ("phone", "engines"): ("6.1", "bad_engines", _number(1, 64)),
    ("phone", "trusted"): ("6.1", "bad_network", _each(_network)),
    ("phone", "registrar"): ("6.1", "bad_registrar", _text(_REGISTRAR)),
    ("desk", "operators"): ("7", "bad_sip", _each(_text(_SIP))),
    ("desk", "in_turn_seconds"): ("7", "bad_seconds", _number(2, 120)),
    ("desk", "idle_minutes"): ("13", "bad_minutes", _number(1, 480)),
    ("mail", "server"): ("19", "bad_host", _text(_HOST)),
    ("mail", "port"): ("19", "bad_port", _number(1, 65535)),
    ("mail", "sender"): ("19", "bad_mail", _text(_MAIL)),
    ("mail", "weekly_to"): ("19", "bad_mail", lambda value: bool(value) and _each(_text(_MAIL))(value)),
    ("regulation", "retention_days"): (
        "6.3", "retention", lambda value: isinstance(value, int) and _number(*LIMITS["retention_days"])(value),
    ),
    ("web", "idle_minutes"): ("3", "bad_minutes", _number(5, 720)),
    ("web", "session_hours"): ("3", "bad_hours_of_session", _number(1, 24)),
}  # fmt: skip
"""What each value must be: clause, code of the refusal, and whether it fits."""
