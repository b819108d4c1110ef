"""`ivr doctor`: is everything in order, and what to do where it is not."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.calendar import production_table
from ivr.adapters.files.production import disagreements, known_until
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.objects.archive import StoredRecordings
from ivr.adapters.speech.model import check_model
from ivr.adapters.storage.database import connect, upgrade
from ivr.bootstrap.admission import operators_of
from ivr.bootstrap.files import catalog_of, municipalities_of
from ivr.bootstrap.house import build
from ivr.bootstrap.office import build_post
from ivr.bootstrap.voices import archive_of
from ivr.cli.findings import Finding, show
from ivr.cli.model import known_models
from ivr.domain.notices import CALENDAR_ENDS_IN
from ivr.errors import IvrError, SettingsError

_LEAST_FREE_GB = 2.0


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; a check that breaks is a finding, never a traceback."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("settings", _settings),
        ("prompts", _prompts),
        ("model", _model),
        ("folder", _folder),
        ("disk", _disk),
        ("database", _database),
        ("recordings", _recordings),
        ("calendar", _calendar),
        ("operators", _operators),
        ("port", _port),
        ("trusted", _trusted),
        ("mail", _mail),
    )
    for what, look in checks:
        try:
            yield Finding(what, detail=look(settings))
        except SettingsError as fault:
            yield Finding(what, "\n".join(fault.mistakes))
        except (IvrError, OSError) as fault:
            yield Finding(what, str(fault))


def run_doctor(settings: Settings) -> int:
    """Show all findings with their remedies; exit status 1 when something is wrong."""
    return show(examine(settings))


def _settings(settings: Settings) -> str:
    build(settings)
    return settings.municipality.title


def _prompts(settings: Settings) -> str:
    catalogs = [catalog_of(settings, town.key) for town in settings.served]
    faults = [fault for catalog in catalogs for fault in catalog.check()]
    if faults:
        said = [f"{fault.name}: {words(f'prompts.{fault.kind}')} {fault.detail}" for fault in faults]
        raise SettingsError(list(dict.fromkeys(said)))
    return words("doctor.prompts_found", count=len(catalogs[0].texts))


def _model(settings: Settings) -> str:
    if settings.speech.url:
        return ", ".join(settings.speech_addresses)
    facts = check_model(settings.model)
    good_for = known_models().get(facts.name, {}).get("good_for", words("doctor.model_unknown"))
    return f"{facts.name}, {facts.rate_hz} Hz, {facts.size_bytes / 1e6:.0f} MB. {good_for}"


def _folder(settings: Settings) -> str:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not os.access(settings.data, os.W_OK | os.X_OK):
        raise PermissionError(settings.data)
    return str(settings.data)


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.data).free / 1e9
    if free < _LEAST_FREE_GB:
        raise SettingsError(words("doctor.disk_free", free=f"{free:.1f}"))
    return words("doctor.disk_free", free=f"{free:.0f}")


def _database(settings: Settings) -> str:
    engine = connect(settings.database_url)
    upgrade(engine)
    engine.dispose()
    return engine.dialect.name


def _recordings(settings: Settings) -> str:
    archive = archive_of(settings)
    try:
        if isinstance(archive, StoredRecordings):
            archive.prove()
    finally:
        archive.close()
    s3 = settings.storage.s3
    return f"{s3.endpoint} {s3.bucket}" if s3 else str(settings.data / "recordings")


def _calendar(settings: Settings) -> str:
    municipalities_of(settings)
    if differ := disagreements(production_table()):
        raise SettingsError(differ)
    last, today = known_until(production_table()), SystemClock().now().date()
    if last - today <= CALENDAR_ENDS_IN:
        raise SettingsError(words("doctor.calendar_ends", day=f"{last:%d.%m.%Y}"))
    return words("doctor.calendar_known", day=f"{last:%d.%m.%Y}")


def _operators(settings: Settings) -> str:
    desk, served = settings.desk, municipalities_of(settings).served
    missing = [words("doctor.operators_missing", title=town.title) for town in served if not town.operators]
    named = set(desk.phones.values())
    if desk.presence and not named:
        missing.append(
            words("doctor.unnamed", phones=", ".join(address for town in served for address in town.operators))
        )
    if len(missing) == len(served):  # a line for the nights only
        return "; ".join(missing)
    if missing:
        raise SettingsError(missing)
    operators_of(settings)
    shift = words("doctor.kept" if desk.presence else "doctor.not_kept")
    return words("doctor.operators_found", count=sum(len(town.operators) for town in served), shift=shift)


def _port(settings: Settings) -> str:
    phone = settings.phone
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((phone.address, phone.port))
        except OSError as fault:
            raise SettingsError(f"{phone.address}:{phone.port}: {fault.strerror}") from fault
    return f"{phone.address}:{phone.port}"


def _trusted(settings: Settings) -> str:
    return ", ".join(settings.phone.trusted)


def _mail(settings: Settings) -> str:
    post = build_post(settings, read_report_words(), settings.municipality.title)
    return post.check() if post else words("doctor.mail_none")
