"""The room of the doorkeeper: people, sessions, keys, the access log."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.passwords import common_passwords
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.settings_tables import SignInTable
from ivr.adapters.secrets import Argon2Passwords, FileSetupKey
from ivr.adapters.storage.access_log import DatabaseAccessBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.identities import DatabaseIdentityBook
from ivr.adapters.storage.people import DatabasePeopleBook
from ivr.adapters.storage.sessions import DatabaseSessionBook
from ivr.domain.access import Actor, SessionRules, Via
from ivr.domain.identity import GroupRoles
from ivr.domain.people import Account, Role
from ivr.errors import SettingsError
from ivr.ports import Clock
from ivr.ports.access import IdentityBook, Passwords, Voucher
from ivr.services.access import Door
from ivr.services.audit import AccessLog
from ivr.services.entrance import Entrance
from ivr.services.people import People


@dataclass(slots=True)
class AccessRoom:
    """Who may come in."""

    people: People
    door: Door
    log: AccessLog
    setup_key: FileSetupKey
    entrance: Entrance
    books: tuple[DatabasePeopleBook, DatabaseSessionBook, DatabaseAccessBook, DatabaseIdentityBook]

    def dispose(self) -> None:
        """Let go of the database."""
        for book in self.books:
            book.dispose()


def build_access_room(
    settings: Settings, engine: Engine | None = None, passwords: Passwords | None = None, clock: Clock | None = None
) -> AccessRoom:
    """The room, its database brought to the newest schema.

    Raises:
        JournalError: the database is away.
        SettingsError: it cannot be used.
    """
    if engine is None:
        engine = connect(settings.database_url)
        upgrade(engine)
    clock, passwords = clock or SystemClock(), passwords or Argon2Passwords()
    people, sessions, book = DatabasePeopleBook(engine), DatabaseSessionBook(engine), DatabaseAccessBook(engine)
    log, identities, towns = AccessLog(book, clock), DatabaseIdentityBook(engine), [one.key for one in settings.served]
    door = Door(people, sessions, passwords, log, clock, settings.municipality.key, session_rules(settings))
    return AccessRoom(
        People(people, sessions, identities, passwords, common_passwords(), log, clock, towns), door, log,
        FileSetupKey(settings.data / "setup.key"), build_entrance(settings, door, identities),
        (people, sessions, book, identities),
    )  # fmt: skip


def build_entrance(settings: Settings, door: Door, book: IdentityBook) -> Entrance:
    """The door, and the organisation's own accounts where the settings name them.

    Raises:
        SettingsError: their libraries are not installed, or a secret cannot be read.
    """
    table = settings.sign_in
    if table is None:
        return Entrance(door)
    groups = {name: (roles,) if isinstance(roles, Role) else roles for name, roles in table.groups.items()}
    return Entrance(door, build_voucher(table), book, GroupRoles(groups), table.link_by_login)


def build_voucher(table: SignInTable) -> Voucher:
    """The system that vouches for people.

    Raises:
        SettingsError: its library is not installed, or its secret cannot be read.
    """
    try:
        if table.oidc:
            from ivr.adapters.identity.openid import OpenId, OpenIdSettings

            facts = table.oidc.model_dump(exclude={"secret_file", "certificates"})
            return OpenId(OpenIdSettings(
                **facts, secret=_secret(table.oidc.secret_file), certificates=str(table.oidc.certificates or "")
            ))  # fmt: skip
        from ivr.adapters.identity.ldap import LdapDirectory, LdapSettings

        assert table.ldap is not None
        facts = table.ldap.model_dump(exclude={"password_file", "certificates"})
        return LdapDirectory(LdapSettings(
            **facts, password=_secret(table.ldap.password_file), certificates=str(table.ldap.certificates or "")
        ))  # fmt: skip
    except ImportError as fault:
        extra = "oidc" if table.oidc else "ldap"
        raise SettingsError(f"sign_in.{extra}: pip install 'ivr[{extra}]' ({fault.name} is missing)") from fault


def _secret(file: Path | None) -> str:
    try:
        return file.read_text("utf-8").strip() if file else ""
    except OSError as fault:
        raise SettingsError(f"sign_in: {file}: {fault.strerror}") from fault


def session_rules(settings: Settings) -> SessionRules:
    """How long a session lives."""
    web = settings.web
    return SessionRules(timedelta(minutes=web.idle_minutes), timedelta(hours=web.session_hours))


def at_the_command_line(settings: Settings) -> Actor:
    """Whoever may type on the server rules the house."""
    name = getpass.getuser()
    roles = frozenset({Role.ADMINISTRATOR, Role.CURATOR})
    account = Account("", name, name, settings.municipality.key, roles, SystemClock().now())
    return Actor(account, Via.COMMAND, "server")
