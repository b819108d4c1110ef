"""The reports' rooms of the console: desks by the settings, hours and words as they are now."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.workbooks.on_screen import on_screen
from ivr.bootstrap.files import calendar_stamp, words_stamp
from ivr.bootstrap.office import ReportDesk, build_report_desk
from ivr.errors import SettingsError
from ivr.ports import Clock
from ivr.services.audit import AccessLog
from ivr.services.filing import Filing
from ivr.services.intake import Intake
from ivr.services.intake_desk import IntakeDesk
from ivr.services.long_work import Workshop
from ivr.services.paper_desk import PaperDesk
from ivr.services.papers import Papers
from ivr.services.report_office import ReportOffice
from ivr.web.rooms import ReportRooms

log = logging.getLogger(__name__)

_FIRST_YEAR = 2015  # of the public holidays that older rows may need
_KEPT_DESKS = 6


class Desks:
    """Desks made once for the same years, municipality and files; any thread may ask."""

    def __init__(self, settings: Settings, config: Path | None, engine: Engine) -> None:
        self._settings = settings
        self._config = config
        self._engine = engine
        self._stamp: tuple[float, ...] = self._look()
        self._known: dict[tuple[int, int, str], ReportDesk] = {}
        self._filings: dict[tuple[int, str], Filing] = {}
        self._lock = threading.Lock()

    def filing(self, municipality: str) -> Filing:
        """What makes a municipality's reports that are filed, by this year's calendar."""
        year = datetime.now(UTC).year
        with self._lock:
            self._follow()
            key = (year, municipality)
            if key not in self._filings:
                self._filings[key] = self._desk(range(year, year + 1), municipality).filing()
            return self._filings[key]

    def papers(self, years: range, municipality: str) -> Papers:
        """What writes any paper of these years."""
        with self._lock:
            self._follow()
            return self._desk(years, municipality).papers()

    def intake(self, municipality: str) -> Intake:
        """What takes older journals in."""
        with self._lock:
            self._follow()
            return self._desk(range(_FIRST_YEAR, datetime.now(UTC).year + 1), municipality).intake()

    def known(self) -> Mapping[str, str]:
        """Full names by key of all municipalities that are served."""
        with self._lock:
            self._follow()
            return {town.key: town.title for town in self._settings.served}

    def _desk(self, years: range, municipality: str) -> ReportDesk:
        key = (years.start, years.stop, municipality)
        if key not in self._known:
            while len(self._known) >= _KEPT_DESKS:
                self._known.pop(next(iter(self._known)))
            served = {town.key for town in self._settings.served}
            whose = municipality if municipality in served else ""
            self._known[key] = build_report_desk(self._settings, years, whose, self._engine)
        return self._known[key]

    def _follow(self) -> None:
        stamp = self._look()
        if stamp == self._stamp:
            return
        try:
            self._settings = read_settings(self._config)
        except SettingsError as fault:  # told to whoever changed the files; the reports go on by the old ones
            log.error("the changed files cannot be used: %s", fault, extra={"action": "reports_settings_refused"})
        self._stamp = stamp
        self._filings.clear()
        self._known.clear()

    def _look(self) -> tuple[float, ...]:
        return (*calendar_stamp(self._settings), *words_stamp(self._settings))


def build_report_rooms(desks: Desks, workshop: Workshop, log: AccessLog, clock: Clock) -> ReportRooms:
    """The rooms."""
    return ReportRooms(
        ReportOffice(desks.filing, on_screen, log, clock),
        PaperDesk(desks.papers, desks.known, workshop, log),
        IntakeDesk(desks.intake, workshop, log, clock), read_report_words(),
    )  # fmt: skip
