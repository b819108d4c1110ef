"""The filing of one house over a real database and a real mail server; time is what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import project_root
from ivr.adapters.mail.server import SmtpSettings
from ivr.adapters.mail.smtp import SmtpPost
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.domain.letter import LetterState, ReportKind
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import Morphology
from ivr.services.filing import Filing
from ivr.services.making import Maker
from ivr.services.reports import Reports
from tests.mail_server import PASSWORD, USER, MailServer, Script
from tests.report_samples import TOWN, keep, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
DISCRETION = Discretion(read_lexicon(project_root() / "config"), Morphology(), Covers("#", "@"))
WEEK = Period.parse("2026-W47")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TO = ("info@example.org",)


def at(text: str) -> datetime:
    """A moment of Moscow."""
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone).astimezone(UTC)


class Office:
    """The filing of one house, its server and its clock."""

    def __init__(self, engine: Engine, server: MailServer, files: tuple[Path, Path]) -> None:
        self.engine = engine
        self.server = server
        self.now = at("2026-11-23 00:00")
        self.archive = ReportArchive(engine)
        settings = SmtpSettings(
            "127.0.0.1",
            server.port,
            "starttls",
            "helpline@example.org",
            USER,
            PASSWORD,
            files[0],
            seconds=5,
            last_seconds=1,
        )
        reports = Reports(JournalReportSource(engine, CALENDAR), WORDS, CALENDAR, DISCRETION)
        maker = Maker(TOWN, "Администрация", reports, ExcelWorkbooks(WORDS, Regulation()), Regulation())
        post = SmtpPost(settings, WORDS.letter, "Администрация")
        self.filing = Filing(maker, self.archive, post, TO, clock=lambda: self.now)

    def until(self, text: str, *, every: timedelta = 5 * MINUTE) -> list[str]:
        """Sweep every few minutes until then; what was told."""
        told = []
        while self.now < at(text):
            self.now = min(self.now + every, at(text))
            told += [str(notice.kind) for notice in self.filing.sweep(self.now)]
        return told

    @property
    def taken(self) -> int:
        """Letters the server took."""
        return len(self.server.script.taken)

    @property
    def letter(self) -> LetterState:
        """Where the only letter is."""
        (letter,) = self.archive.letters(self.archive.filed(TOWN, ReportKind.WEEK)[0].id)
        return letter.state


@contextmanager
def opened(url: str, files: tuple[Path, Path]) -> Iterator[Office]:
    """An office with twenty messages of the week 2026-W47 in its journal."""
    engine = connect(url)
    keep(engine, messages(20))
    server = MailServer(Script(), files)
    server.start()
    yield Office(engine, server, files)
    if server.smtpd is not None or server.loop.is_running():
        server.stop()
    engine.dispose()
