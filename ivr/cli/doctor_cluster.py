"""`ivr doctor --cluster`: every part of an installation of several machines is asked whether it works."""

from __future__ import annotations

import asyncio
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.sip.probe import answers, host_and_port
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.storage import tables
from ivr.adapters.storage.database import connect, looking, newest, revisions
from ivr.adapters.storage.leader import leaders
from ivr.cli.findings import Finding, show
from ivr.errors import IvrError

_SKEW = timedelta(seconds=5)
_OLD_SECONDS = 600
_TIMETABLE = "timetable"
_WEB_SECONDS = 5

Look = Callable[[], Awaitable[str]]


class Ill(Exception):
    """What is wrong, in a sentence."""


async def examine_cluster(settings: Settings) -> Sequence[Finding]:
    """Ask all parts at once; a part that does not answer is a finding, never a traceback."""
    return await asyncio.gather(*(_find(what, subject, look) for what, subject, look in _looks(settings)))


def run_cluster_doctor(settings: Settings) -> int:
    """Show all findings with their remedies; exit status 1 when something is wrong."""
    return show(asyncio.run(examine_cluster(settings)))


async def _find(what: str, subject: str, look: Look) -> Finding:
    try:
        return Finding(what, detail=await look(), subject=subject)
    except (Ill, IvrError, OSError) as fault:
        return Finding(what, str(fault) or type(fault).__name__, subject=subject)


def _looks(settings: Settings) -> list[tuple[str, str, Look]]:
    looks: list[tuple[str, str, Look]] = []
    if edge := host_and_port(settings.cluster.edge):
        looks.append(("edge", settings.cluster.edge, lambda: _sip(*edge)))
    looks += [("engine", address, _asking(address)) for address in _engines(settings)]
    looks += [("recogniser", address, _hearing(address)) for address in settings.speech_addresses]
    looks += [
        ("shared_database", "", lambda: asyncio.to_thread(_database, settings)),
        ("leader", "", lambda: asyncio.to_thread(_leader, settings)),
        ("clock", "", lambda: asyncio.to_thread(_clock, settings)),
        ("rows_waiting", "", lambda: asyncio.to_thread(_rows_waiting, settings)),
    ]
    if settings.storage.s3:
        looks.append(("recordings_waiting", "", lambda: asyncio.to_thread(_recordings_waiting, settings)))
    if settings.web.enabled and settings.web.port:
        looks.append(("console", f"{settings.web.host}:{settings.web.port}", lambda: asyncio.to_thread(_web, settings)))
    return looks


def _engines(settings: Settings) -> tuple[str, ...]:
    """Of all machines where they are named, else this machine's."""
    phone = settings.phone
    own = tuple(f"{phone.address}:{phone.port + 2 * (number - 1)}" for number in settings.engine_numbers)
    return settings.cluster.engines or (own if phone.port else ())


def _asking(address: str) -> Look:
    async def ask() -> str:
        host, _, port = address.rpartition(":")
        return await _sip(host, int(port))

    return ask


async def _sip(host: str, port: int) -> str:
    if not await answers(host, port, wait_seconds=1.0):
        raise Ill(words("doctor.silent"))
    return words("doctor.answers")


def _hearing(address: str) -> Look:
    async def hear() -> str:
        client = VoskRecognizer(address)
        try:
            if not await client.healthy():
                raise Ill(words("doctor.silent"))
        finally:
            await client.close()
        return words("doctor.hears")

    return hear


def _asked(settings: Settings, question: Callable[[Connection], str]) -> str:
    """What the database says; it is looked at, never changed."""
    engine = connect(settings.database_url)
    try:
        with looking(engine).connect() as db:
            return question(db)
    except SQLAlchemyError as fault:
        raise Ill(f"{_named(engine)}: {type(fault).__name__}") from fault
    finally:
        engine.dispose()


def _named(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _database(settings: Settings) -> str:
    def look(db: Connection) -> str:
        if revisions(db) != newest():
            raise Ill(words("doctor.other_schema", found=", ".join(sorted(revisions(db))) or "—"))
        return f"{_named(db.engine)} {'.'.join(map(str, db.dialect.server_version_info or ()))}"

    return _asked(settings, look)


def _leader(settings: Settings) -> str:
    def look(db: Connection) -> str:
        now, lease = datetime.now(UTC), tables.lease.c
        held = select(lease.node).where(lease.name == _TIMETABLE, lease.until > now)
        sqlite = db.dialect.name == "sqlite"
        found = [str(node) for node in db.execute(held).scalars()] if sqlite else leaders(db.engine, _TIMETABLE)
        if not found:
            raise Ill(words("doctor.nobody_leads"))
        return found[0]

    return _asked(settings, look)


def _clock(settings: Settings) -> str:
    """Deadlines are written by many machines: their clocks agree with the database's."""

    def look(db: Connection) -> str:
        if db.dialect.name == "sqlite":
            return words("doctor.same_clock")
        differ = abs(db.execute(select(func.clock_timestamp())).scalar_one() - datetime.now(UTC))
        if differ > _SKEW:
            raise Ill(words("doctor.clocks_differ", seconds=f"{differ.total_seconds():.0f}"))
        return words("doctor.same_clock")

    return _asked(settings, look)


def _rows_waiting(settings: Settings) -> str:
    """Rows in this machine's spools that the database does not have."""
    waiting = [file for file in (settings.data / "spool").glob("*") if file.stat().st_size]
    if waiting:
        raise Ill(words("doctor.waiting", what=", ".join(_relative(file, settings) for file in sorted(waiting))))
    return words("doctor.nothing_waits")


def _relative(file: Path, settings: Settings) -> str:
    return str(file.relative_to(settings.data))


def _recordings_waiting(settings: Settings) -> str:
    archive = WavRecordings(settings.data / "recordings")
    waiting = archive.finished(_OLD_SECONDS)
    archive.close()
    if waiting:
        raise Ill(words("doctor.waiting", what=len(waiting)))
    return words("doctor.nothing_waits")


def _web(settings: Settings) -> str:
    """The console answers; its certificate is looked at by browsers."""
    web, scheme = settings.web, "https" if settings.web.certificate else "http"
    unproven = ssl.create_default_context()
    unproven.check_hostname, unproven.verify_mode = False, ssl.CERT_NONE
    asked = urllib.request.Request(
        f"{scheme}://{web.host}:{web.port}/ready", headers={"Host": web.hosts[0] if web.hosts else web.host}
    )
    try:
        urllib.request.urlopen(asked, timeout=_WEB_SECONDS, context=unproven).close()
    except urllib.error.HTTPError as fault:
        raise Ill(f"HTTP {fault.code}") from fault
    except OSError as fault:
        raise Ill(words("doctor.silent")) from fault
    return words("doctor.answers")
