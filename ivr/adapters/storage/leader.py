"""Leadership as a session lock of PostgreSQL (fulfils `ports.Lease`): no clock has a say in it.

The lock lives exactly as long as the leader's connection. A killed process loses both at once. A machine that lost its
power or its network is found out by the server's keepalives, a process that hangs by the server's idle timer: the
leader has to be heard every few seconds, or the server ends its session and the next who asks leads.
"""

from __future__ import annotations

import asyncio
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, NullPool, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage.notices import DatabaseLease
from ivr.errors import JournalError

BEAT_SECONDS = 2.0
"""A leader that asks this often is heard in time."""

_SPACE = 515  # the first key of all our locks
_SILENCE_MS = 6000
_IDLE_TIMER_SINCE = 14
_DEAD_PEER = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 5000}
_LONGEST_NAME = 63


def lease_of(engine: Engine) -> DatabaseLease | AdvisoryLease:
    """What tells the leader of the nodes upon this database."""
    return AdvisoryLease(engine) if engine.dialect.name == "postgresql" else DatabaseLease(engine)


class AdvisoryLease:
    """The lease of one node, on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(
            engine.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 2, **_DEAD_PEER},
        )
        self._session: Connection | None = None
        self._held: dict[str, str] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leader")

    async def hold(self, name: str, node: str, now: datetime, length: timedelta) -> bool:
        """Take it, or be heard as its holder; False while another node has it. Times are not looked at.

        Raises:
            JournalError: the database is away; whoever led does not know any more whether he does.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hold, name, node)

    async def release(self, name: str, node: str) -> None:
        """Give it back, if this node has it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release, name, node)

    def dispose(self) -> None:
        """Let go of the database, and of everything held; harmless twice."""
        self._thread.shutdown()
        self._leave()
        self._engine.dispose()

    def _hold(self, name: str, node: str) -> bool:
        try:
            if name in self._held:
                return self._heard(name, node)
            taken = self._connected(node).execute(select(func.pg_try_advisory_lock(_SPACE, _key(name)))).scalar()
        except SQLAlchemyError as fault:
            self._leave()
            raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault
        if taken:
            self._held[name] = node
        return bool(taken)

    def _heard(self, name: str, node: str) -> bool:
        """The holder shows that he lives; his session may have been ended while he hung."""
        if self._held[name] != node:
            return False
        try:
            self._connected(node).execute(select(1))
        except SQLAlchemyError:
            self._leave()
            return self._hold(name, node)
        return True

    def _release(self, name: str, node: str) -> None:
        if self._held.get(name) != node:
            return
        del self._held[name]
        try:
            self._connected(node).execute(select(func.pg_advisory_unlock(_SPACE, _key(name))))
        except SQLAlchemyError:
            self._leave()

    def _connected(self, node: str) -> Connection:
        if self._session is None:
            session = self._engine.connect()
            self._session = session
            session.execute(select(func.set_config("application_name", f"ivr {node}"[:_LONGEST_NAME], False)))
            for name, value in _DEAD_PEER.items():
                known = name if name.startswith("tcp_") else f"tcp_{name}"
                session.execute(select(func.set_config(known, str(value), False)))
            if (session.dialect.server_version_info or (0,)) >= (_IDLE_TIMER_SINCE,):
                session.execute(select(func.set_config("idle_session_timeout", str(_SILENCE_MS), False)))
        return self._session

    def _leave(self) -> None:
        session, self._session = self._session, None
        self._held.clear()
        if session is not None:
            session.invalidate()
            session.close()


def leaders(engine: Engine, name: str) -> list[str]:
    """Who holds this lease now: its node's name, or nothing.

    Raises:
        SQLAlchemyError: the database is away.
    """
    query = text(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_database d "
        "ON d.oid = l.database AND d.datname = current_database() "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = :space AND l.objid = :key AND l.objsubid = 2"
    )
    with engine.connect() as db:
        found = db.execute(query, {"space": _SPACE, "key": _key(name)}).scalars().all()
    return [str(who).removeprefix("ivr ") for who in found]


def _key(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFFFFFF
