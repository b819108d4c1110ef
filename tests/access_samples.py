"""Invented people for the tests, and their room with passwords that are quick to hash."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher

from ivr.adapters.files.settings import Settings
from ivr.adapters.secrets import Argon2Passwords
from ivr.bootstrap.access import AccessRoom, build_access_room
from ivr.domain.access import Actor, Via
from ivr.domain.people import Account, Role
from ivr.ports import Clock

PASSWORD = "три зелёных самовара"
BORN = datetime(2026, 11, 1, tzinfo=UTC)
QUICK = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def an_account(login: str = "petrova", *roles: Role, town: str = "demo", name: str = "") -> Account:
    """Somebody; the login makes the id and, unless given, the name."""
    return Account(f"id-{town}-{login}"[:32], login, name or f"{login.title()} А. В.", town,
                   frozenset(roles or {Role.OPERATOR}), BORN)  # fmt: skip


def an_actor(*roles: Role, login: str = "petrova", town: str = "demo") -> Actor:
    """Somebody signed in; the house is "demo"."""
    return Actor(an_account(login, *roles, town=town), Via.SESSION, "127.0.0.1", "session", guest=town != "demo")


ADMINISTRATOR = an_actor(Role.ADMINISTRATOR, login="chief")


def access_room(folder: Path, url: str = "", clock: Clock | None = None) -> AccessRoom:
    """The room upon a database of its own."""
    settings = Settings().with_changes(storage={"data": folder, "database": url or None})
    return build_access_room(settings, passwords=QUICK, clock=clock)
