"""The room of the doorkeeper: people, sessions, keys, the access log."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.passwords import common_passwords
from ivr.adapters.files.settings import Settings
from ivr.adapters.secrets import Argon2Passwords, FileSetupKey
from ivr.adapters.storage.access_log import DatabaseAccessBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.people import DatabasePeopleBook
from ivr.adapters.storage.sessions import DatabaseSessionBook
from ivr.domain.access import Actor, SessionRules, Via
from ivr.domain.people import Account, Role
from ivr.ports import Clock
from ivr.ports.access import Passwords
from ivr.services.access import Door
from ivr.services.audit import AccessLog
from ivr.services.people import People


@dataclass(slots=True)
class AccessRoom:
    """Who may come in."""

    people: People
    door: Door
    log: AccessLog
    setup_key: FileSetupKey
    books: tuple[DatabasePeopleBook, DatabaseSessionBook, DatabaseAccessBook]

    def dispose(self) -> None:
        """Let go of the database."""
        for book in self.books:
            book.dispose()


def build_access_room(
    settings: Settings, engine: Engine | None = None, passwords: Passwords | None = None, clock: Clock | None = None
) -> AccessRoom:
    """The room, its database brought to the newest schema.

    Raises:
        SettingsError: the database cannot be used.
    """
    if engine is None:
        engine = connect(settings.database_url)
        upgrade(engine)
    clock, passwords = clock or SystemClock(), passwords or Argon2Passwords()
    people, sessions, book = DatabasePeopleBook(engine), DatabaseSessionBook(engine), DatabaseAccessBook(engine)
    log = AccessLog(book, clock)
    return AccessRoom(
        People(people, sessions, passwords, common_passwords(), log, clock),
        Door(people, sessions, passwords, log, clock, settings.municipality.key,
             session_rules(settings)),
        log, FileSetupKey(settings.data / "setup.key"), (people, sessions, book),
    )  # fmt: skip


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
