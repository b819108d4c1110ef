"""One letter a week, never two: with a mail server that is down, slow, silent; after a stop; by two processes at once.

Time is an argument, the mail server and the database are real.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import project_root
from ivr.adapters.mail.smtp import SmtpPost, SmtpSettings
from ivr.adapters.storage import tables
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.domain.letter import LetterState, ReportKind
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period
from ivr.errors import RuleBroken
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import Morphology
from ivr.services.filing import Filing, ReportClerk
from ivr.services.reports import Reports
from tests.mail_server import PASSWORD, USER, MailServer, Script, certificate
from tests.report_samples import TOWN, keep, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
DISCRETION = Discretion(read_lexicon(project_root() / "config"), Morphology(), Covers("#", "@"))
WEEK = Period.parse("2026-W47")
MINUTE = timedelta(minutes=1)
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
            "127.0.0.1", server.port, "starttls", "helpline@example.org", USER, PASSWORD, files[0], 5, 1
        )
        self.filing = Filing(
            TOWN, Reports(JournalReportSource(engine, CALENDAR), WORDS, CALENDAR, DISCRETION),
            ExcelWorkbooks(WORDS, Regulation(), "Администрация"), self.archive, Regulation(),
            SmtpPost(settings, WORDS.letter, "Администрация"), TO, clock=lambda: self.now,
        )  # fmt: skip

    def until(self, text: str, *, every: timedelta = 5 * MINUTE) -> list[str]:
        """Sweep every few minutes until then; what was told."""
        told = []
        while self.now < at(text):
            self.now += every
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


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def office(tmp_path: Path, files: tuple[Path, Path]) -> Iterator[Office]:
    engine = connect(f"sqlite:///{tmp_path}/journal.db")
    upgrade(engine)
    keep(engine, messages(20))
    server = MailServer(Script(), files)
    server.start()
    yield Office(engine, server, files)
    if server.smtpd is not None or server.loop.is_running():
        server.stop()
    engine.dispose()


def test_the_letter_leaves_by_itself_before_ten_on_monday(office: Office) -> None:
    assert "report_ready" in office.until("2026-11-23 00:10")
    assert office.taken == 0
    assert "letter_delivered" in office.until("2026-11-23 09:35")
    assert office.until("2026-11-24 12:00") == []
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


def test_the_curator_may_let_it_go_earlier_and_his_name_is_kept(office: Office) -> None:
    office.until("2026-11-23 08:00")
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    assert office.filing.approve(report, "Куратор К. К.", office.now)
    assert not office.filing.approve(report, "другой", office.now)
    office.until("2026-11-23 08:05")
    assert office.taken == 1
    office.until("2026-11-23 12:00")
    assert office.taken == 1
    (kept,) = office.archive.filed(TOWN, ReportKind.WEEK)
    assert (kept.approved_by, kept.period, kept.rows) == ("Куратор К. К.", WEEK, 20)
    (letter,) = office.archive.letters(kept.id)
    assert letter.reply == "250 2.0.0 taken as A1B2C3"
    assert not letter.late(kept)


def test_without_the_curators_word_nothing_leaves_when_he_is_to_be_asked(office: Office) -> None:
    office.filing.by_itself = False
    told = office.until("2026-11-23 12:00")
    assert office.taken == 0
    assert "letter_not_sent" in told


def test_a_stop_over_monday_ten_and_a_start_after_sends_once_and_late(office: Office) -> None:
    office.now = at("2026-11-24 15:00")
    assert "letter_late" in office.until("2026-11-24 15:05")
    office.until("2026-11-25 15:00", every=30 * MINUTE)
    assert office.taken == 1
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    assert office.archive.letters(report.id)[0].late(report)


def test_a_server_down_for_two_days_gets_one_letter_and_the_alarm_comes_before_the_deadline(
    office: Office, files: tuple[Path, Path]
) -> None:
    office.server.stop()
    told = office.until("2026-11-23 09:55")
    assert "letter_not_sent" in told
    told = office.until("2026-11-25 09:30", every=10 * MINUTE)
    assert {"letter_refused", "letter_not_sent"} <= set(told)
    back = MailServer(office.server.script, files, port=office.server.port)
    back.start()
    try:
        assert "letter_late" in office.until("2026-11-25 10:30")
        office.until("2026-11-26 10:30", every=30 * MINUTE)
        assert office.taken == 1
    finally:
        back.stop()


@pytest.mark.parametrize("step", ["451 later", "552 too much", "rcpt 450 later", "rcpt 550 unknown"])
def test_what_is_refused_is_tried_again_until_it_is_taken_once(office: Office, step: str) -> None:
    office.server.script.plan = [step] * 4
    office.until("2026-11-23 12:00")
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


@pytest.mark.parametrize(("step", "taken"), [("take and close", 1), ("lose and close", 0), ("take and be slow", 1)])
def test_silence_after_the_last_word_is_settled_by_a_person_and_never_sent_twice(
    office: Office, step: str, taken: int
) -> None:
    office.server.script.plan = [step]
    told = office.until("2026-11-23 18:00", every=15 * MINUTE)
    assert told.count("letter_in_doubt") > 10, "it goes on being told"
    assert (office.taken, office.letter) == (taken, LetterState.IN_DOUBT)
    (letter,) = office.archive.letters(office.archive.filed(TOWN, ReportKind.WEEK)[0].id)
    assert office.archive.settle(letter.id, arrived=bool(taken), by="Куратор", at=office.now)
    office.until("2026-11-25 12:00", every=15 * MINUTE)
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


def test_a_sender_that_dies_before_the_last_word_is_replaced(office: Office) -> None:
    office.until("2026-11-23 09:25")
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    assert office.archive.claim(office.now, office.now + 15 * MINUTE), "claimed by somebody who dies"
    office.until("2026-11-23 09:35")
    assert office.taken == 0
    office.until("2026-11-23 10:00")
    assert office.taken == 1


def test_a_sender_that_dies_after_the_last_word_leaves_a_doubt(office: Office) -> None:
    office.until("2026-11-23 09:25")
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    letter = office.archive.claim(office.now, office.now + 15 * MINUTE)
    assert letter
    assert office.archive.hand_over(letter)
    assert "letter_in_doubt" in office.until("2026-11-23 10:30")
    assert office.taken == 0


def test_a_sender_that_wakes_up_too_late_says_no_last_word(office: Office) -> None:
    office.until("2026-11-23 09:25")
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    sleeper = office.archive.claim(office.now, office.now + 15 * MINUTE)
    office.until("2026-11-23 10:00")
    assert office.taken == 1
    assert sleeper
    assert not office.archive.hand_over(sleeper)
    office.archive.put_off(sleeper, "late news", office.now)
    assert office.letter is LetterState.DELIVERED


def test_many_processes_at_once_send_one_letter(office: Office) -> None:
    office.now = at("2026-11-23 09:31")
    others = [replace(office.filing) for _ in range(8)]
    threads = [threading.Thread(target=other.sweep, args=(office.now,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


def test_a_correction_is_edition_2_and_only_when_the_journal_tells_something_else(office: Office) -> None:
    office.until("2026-11-23 10:00")
    with pytest.raises(RuleBroken, match="nothing to correct"):
        office.filing.correct(WEEK, "Куратор", office.now)
    first = office.archive.filed(TOWN, ReportKind.WEEK)[0]
    content = office.archive.content(first.id)
    with office.engine.begin() as db:
        db.execute(update(tables.message).values(topic="heating"))
    assert office.filing.changed(first)
    second = office.filing.correct(WEEK, "Куратор", office.now)
    assert (second.edition, second.period) == (2, WEEK)
    office.until("2026-11-23 12:00")
    assert office.taken == 2
    assert office.archive.content(first.id) == content, "what went stays as it went"


def test_after_three_weeks_of_stop_every_week_is_filed_and_the_late_ones_wait_for_a_person(office: Office) -> None:
    office.until("2026-11-23 10:00")
    office.now = at("2026-12-21 11:00")
    office.until("2026-12-21 11:10")
    filed = office.archive.filed(TOWN, ReportKind.WEEK)
    assert [report.period.first for report in filed] == [
        date(2026, 12, 14), date(2026, 12, 7), date(2026, 11, 30), date(2026, 11, 23), date(2026, 11, 16),
    ]  # fmt: skip
    assert [report.approved_at is not None for report in filed] == [True, True, True, False, True]
    assert office.taken == 4


def test_on_a_holiday_monday_the_letter_leaves_all_the_same(office: Office) -> None:
    assert CALENDAR.hours(date(2027, 1, 4)) is None
    keep(office.engine, (replace(one, id=f"f{one.id[1:]}") for one in messages(5, at("2026-12-29 10:00"), days=2)))
    office.now = at("2027-01-03 23:00")
    office.until("2027-01-04 09:40")
    assert office.taken == 1


def test_when_the_curator_must_be_asked_a_holiday_monday_is_prepared_on_the_last_working_day(office: Office) -> None:
    office.filing.by_itself = False
    keep(office.engine, (replace(one, id=f"f{one.id[1:]}") for one in messages(5, at("2025-10-28 10:00"), days=2)))
    office.now = at("2025-11-01 11:50")  # a working Saturday before three days off
    told = office.until("2025-11-01 12:05")
    assert "report_ready" in told
    assert office.archive.filed(TOWN, ReportKind.WEEK)[0].period == Period.parse("2025-W44")


def test_the_month_is_ready_on_the_1st_and_asked_for_until_the_head_was_told(office: Office) -> None:
    office.filing.post = None
    office.filing.recipients = ()
    office.now = at("2026-11-30 23:50")
    assert "report_ready" in office.until("2026-12-01 00:10")
    assert "month_not_told" not in office.until("2026-12-03 23:30", every=30 * MINUTE)
    assert "month_not_told" in office.until("2026-12-04 09:00", every=30 * MINUTE)
    report = office.archive.filed(TOWN, ReportKind.MONTH)[0]
    assert report.due_at == at("2026-12-04 23:59")
    assert office.archive.content(report.id).startswith(b"PK")
    assert office.archive.reported(report.id, "Куратор", office.now)
    assert not office.archive.reported(report.id, "Куратор", office.now)
    assert "month_not_told" not in office.until("2026-12-06 09:00", every=30 * MINUTE)


def test_without_addressees_the_curator_is_told_where_to_name_them(office: Office) -> None:
    office.filing.recipients = ()
    office.until("2026-11-23 10:00")
    with pytest.raises(RuleBroken, match="weekly_to"):
        office.filing.approve(office.archive.filed(TOWN, ReportKind.WEEK)[0], "Куратор", office.now)


async def test_the_clerk_tells_each_thing_once(office: Office) -> None:
    class Now:
        def now(self) -> datetime:
            return office.now

    told: list[str] = []
    notices = DatabaseNoticeBook(office.engine)
    clerk = ReportClerk(
        lambda _today: office.filing, notices, Now(), lambda _action, facts: told.append(str(facts["kind"]))
    )
    office.now = at("2026-11-23 09:31")
    assert await clerk.sweep() == 3
    assert told == ["report_ready", "report_left", "letter_delivered"]
    assert await clerk.sweep() == 0
    assert {notice.subject for notice in await notices.unseen(TOWN)} == {"week 2026-11-16 1"}
    notices.dispose()
