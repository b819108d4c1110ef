"""One letter a week, never two: with a mail server that is down, slow, silent; after a stop; by two processes at once.

Time is an argument, the mail server and the database are real.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.domain.letter import LetterState, ReportKind
from ivr.errors import RuleBroken
from ivr.services.clerk import ReportClerk
from tests.journals import new_journal
from tests.mail_server import MailServer
from tests.office import CALENDAR, HOUR, MINUTE, TO, WEEK, Office, at, opened
from tests.report_samples import TOWN, keep, messages


def test_the_letter_leaves_by_itself_before_ten_on_monday(office: Office) -> None:
    assert "report_ready" in office.until("2026-11-23 00:10")
    assert office.until("2026-11-23 09:25", every=5 * MINUTE) == []
    assert office.taken == office.server.script.tries == 0
    told = office.until("2026-11-23 09:35")
    assert "letter_delivered" in told
    assert "letter_not_sent" not in told, "no alarm while all goes as it should"
    assert office.until("2026-11-24 12:00", every=HOUR) == []
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


def test_the_curator_may_let_it_go_earlier_and_his_name_is_kept(office: Office) -> None:
    office.until("2026-11-23 08:00", every=25 * MINUTE)
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
    office.until("2026-11-25 15:00", every=HOUR)
    assert office.taken == 1
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    assert office.archive.letters(report.id)[0].late(report)


def test_a_server_down_for_two_days_gets_one_letter_and_the_alarm_comes_before_the_deadline(
    office: Office, files: tuple[Path, Path]
) -> None:
    office.server.stop()
    assert "mail_away" in office.until("2026-11-23 08:10", every=10 * MINUTE), "two hours before the deadline"
    told = office.until("2026-11-23 09:55")
    assert "letter_not_sent" in told
    told = office.until("2026-11-25 09:30", every=30 * MINUTE)
    assert {"letter_refused", "letter_not_sent"} <= set(told)
    back = MailServer(office.server.script, files, port=office.server.port)
    back.start()
    try:
        assert "letter_late" in office.until("2026-11-25 10:30")
        office.until("2026-11-26 10:30", every=HOUR)
        assert office.taken == 1
    finally:
        back.stop()


@pytest.mark.parametrize("step", ["451 later", "552 too much", "rcpt 450 later", "rcpt 550 unknown"])
def test_what_is_refused_is_tried_again_until_it_is_taken_once(office: Office, step: str) -> None:
    office.server.script.plan = [step] * 4
    office.until("2026-11-23 09:00", every=HOUR)
    office.until("2026-11-23 12:00")
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


@pytest.mark.parametrize(("step", "taken"), [("take and close", 1), ("lose and close", 0), ("take and be slow", 1)])
def test_silence_after_the_last_word_is_settled_by_a_person_and_never_sent_twice(
    office: Office, step: str, taken: int
) -> None:
    office.server.script.plan = [step]
    told = office.until("2026-11-23 18:00", every=30 * MINUTE)
    assert told.count("letter_in_doubt") > 10, "it goes on being told"
    assert (office.taken, office.letter) == (taken, LetterState.IN_DOUBT)
    (letter,) = office.archive.letters(office.archive.filed(TOWN, ReportKind.WEEK)[0].id)
    assert office.archive.settle(letter.id, arrived=bool(taken), by="Куратор", at=office.now)
    office.until("2026-11-25 12:00", every=HOUR)
    assert (office.taken, office.letter) == (1, LetterState.DELIVERED)


def test_a_sender_that_dies_before_the_last_word_is_replaced(office: Office) -> None:
    office.until("2026-11-23 09:25", every=25 * MINUTE)
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    assert office.archive.claim(office.now, office.now + 15 * MINUTE), "claimed by somebody who dies"
    office.until("2026-11-23 09:35")
    assert office.taken == 0
    office.until("2026-11-23 10:00")
    assert office.taken == 1


def test_a_sender_that_dies_after_the_last_word_leaves_a_doubt(office: Office) -> None:
    office.until("2026-11-23 09:25", every=25 * MINUTE)
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    letter = office.archive.claim(office.now, office.now + 15 * MINUTE)
    assert letter
    assert office.archive.hand_over(letter)
    assert "letter_in_doubt" in office.until("2026-11-23 10:30")
    assert office.taken == 0


def test_a_sender_that_wakes_up_too_late_says_no_last_word(office: Office) -> None:
    office.until("2026-11-23 09:25", every=25 * MINUTE)
    (report,) = office.archive.filed(TOWN, ReportKind.WEEK)
    office.archive.approve(report.id, "", office.now, TO)
    sleeper = office.archive.claim(office.now, office.now + 15 * MINUTE)
    office.until("2026-11-23 10:00")
    assert office.taken == 1
    assert sleeper
    assert not office.archive.hand_over(sleeper)
    office.archive.put_off(sleeper, "late news", office.now)
    assert office.letter is LetterState.DELIVERED


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
        lambda _today: [office.filing], notices, Now(), lambda _action, facts: told.append(str(facts["kind"]))
    )
    office.now = at("2026-11-23 09:31")
    assert await clerk.sweep() == 3
    assert told == ["report_ready", "report_left", "letter_delivered"]
    assert await clerk.sweep() == 0
    assert {notice.subject for notice in await notices.unseen(TOWN)} == {"week 2026-11-16 1"}
    notices.dispose()


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_many_processes_at_once_make_one_report_and_send_one_letter(
    request: pytest.FixtureRequest, tmp_path: Path, files: tuple[Path, Path], database: str
) -> None:
    postgres = database == "postgresql"
    url = request.getfixturevalue("postgres_journal") if postgres else new_journal(tmp_path / "journal.db")
    with opened(url, files) as office:
        office.now = at("2026-11-23 09:31")
        others = [replace(office.filing) for _ in range(8)]
        threads = [threading.Thread(target=other.sweep, args=(office.now,)) for other in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(office.archive.filed(TOWN, ReportKind.WEEK)) == 1
        assert (office.taken, office.letter) == (1, LetterState.DELIVERED)
        assert office.until("2026-11-23 10:30") == []
        assert office.taken == 1


def test_shortly_before_ten_a_server_that_comes_back_gets_the_letter_in_time(
    office: Office, files: tuple[Path, Path]
) -> None:
    office.server.stop()
    office.until("2026-11-23 09:25", every=25 * MINUTE)
    told = office.until("2026-11-23 09:56", every=MINUTE)
    assert {"letter_refused", "letter_not_sent"} <= set(told)
    back = MailServer(office.server.script, files, port=office.server.port)
    back.start()
    try:
        assert "letter_delivered" in office.until("2026-11-23 09:59", every=MINUTE)
        assert office.taken == 1
    finally:
        back.stop()


def test_a_step_that_fails_is_told_of_and_holds_no_letter_back(office: Office) -> None:
    class Torn:
        def __getattr__(self, name: str) -> object:
            raise ValueError(f"no {name} today")

    office.until("2026-11-23 00:10")
    office.filing.maker = replace(office.filing.maker, workbooks=Torn())
    office.now = at("2026-12-01 09:00")
    told = office.until("2026-12-01 09:05")
    assert {"report_not_made", "report_left", "letter_late"} <= set(told)
    assert office.taken == 1
