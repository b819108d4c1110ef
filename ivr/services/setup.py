"""The first start: the administrator, the municipality, the hours, the PBX, a test call. Also later changes of them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.people import Account, Role
from ivr.errors import RuleBroken, SettingsError
from ivr.ports.access import SetupKey
from ivr.ports.house import HouseBook
from ivr.services.audit import AccessLog
from ivr.services.people import People

_PBX = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")
_TITLE_AT_MOST = 200


@dataclass(slots=True)
class Setup:
    """What the house is told of itself."""

    people: People
    key: SetupKey
    book: HouseBook
    log: AccessLog
    municipality: str

    async def is_needed(self) -> bool:
        """Nobody can manage the house yet."""
        return not await self.people.has_administrator()

    async def found(self, given: str, login: str, name: str, password: str, source: str, *, works: bool) -> Account:
        """Make the administrator.

        Args:
            given: the key from the server's console.
            works: he is the curator and an operator too, as in a small town.

        Raises:
            NotSignedIn: the key is wrong, or somebody was first.
            RuleBroken: login, name or password will not do.
        """
        roles = {Role.ADMINISTRATOR} | ({Role.CURATOR, Role.OPERATOR} if works else set())
        facts = {"login": login, "name": name, "roles": roles, "password": password}
        return await self.people.found_house(self.key, given, self.municipality, source, **facts)

    def settings(self, actor: Actor) -> Mapping[str, Mapping[str, object]]:
        """What holds now.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        return self.book.settings()

    def week(self, actor: Actor) -> Mapping[str, str]:
        """Hours by weekday.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SETTINGS)
        return self.book.week()

    async def name_municipality(self, actor: Actor, title: str) -> None:
        """Whose line it is.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is empty or too long.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        title = " ".join(title.split())
        if not title or len(title) > _TITLE_AT_MOST:
            raise RuleBroken("1", "name the municipality", "needs_title")
        await self._change(actor, municipality={"title": title})

    async def set_hours(self, actor: Actor, week: Mapping[str, str]) -> None:
        """When somebody is on duty (clause 8).

        Raises:
            Forbidden: not for this role.
            RuleBroken: they are no hours, or no day is left.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, "week")
        try:
            self.book.change_week(week)
        except SettingsError as fault:
            raise RuleBroken("8", str(fault), "bad_hours") from fault

    async def set_pbx(self, actor: Actor, pbx: str) -> None:
        """Where calls come from and go out to: "10.0.0.2" or "pbx.local:5060"; "" for none.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is no address.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        pbx = pbx.strip().removeprefix("sip:")
        if pbx and not _PBX.fullmatch(pbx):
            raise RuleBroken("6.1", "not an address like 10.0.0.2:5060", "bad_pbx")
        await self._change(actor, phone=_phone(self.book.settings()["phone"], pbx))

    async def _change(self, actor: Actor, **tables: Mapping[str, object]) -> None:
        keys = " ".join(f"{table}.{key}" for table, values in tables.items() for key in values)
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, keys)
        try:
            self.book.change(**tables)
        except SettingsError as fault:
            raise RuleBroken("1", str(fault), "bad_settings") from fault


def _phone(known: Mapping[str, object], pbx: str) -> Mapping[str, object]:
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
        news["address"] = "0.0.0.0"
    return news
