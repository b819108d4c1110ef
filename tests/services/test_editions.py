"""What was sent stays as it went; what is told anew is a new edition (interpretations 12-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from ivr.adapters.storage import tables
from ivr.domain.letter import FiledReport, ReportKind
from ivr.domain.report import Period
from ivr.errors import RuleBroken
from tests.office import HOUR, WEEK, WORDS, Office, at
from tests.report_samples import TOWN, keep, messages

NOVEMBER = Period.parse("2026-11")


def shown(office: Office, report: FiledReport) -> list[str]:
    """All texts of a filed workbook."""
    sheets = load_workbook(BytesIO(office.archive.content(report.id))).worksheets
    return [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value]


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


def test_when_the_curator_must_be_asked_a_holiday_monday_is_prepared_on_the_last_working_day(office: Office) -> None:
    office.filing.by_itself = False
    keep(office.engine, (replace(one, id=f"f{one.id[1:]}") for one in messages(5, at("2025-10-28 10:00"), days=2)))
    office.now = at("2025-11-01 11:50")  # a working Saturday before three days off
    told = office.until("2025-11-01 12:05")
    assert "report_ready" in told
    assert office.archive.filed(TOWN, ReportKind.WEEK)[0].period == Period.parse("2025-W44")


def test_what_comes_after_the_early_edition_makes_the_next_one_by_itself(office: Office) -> None:
    office.filing.by_itself = False
    keep(office.engine, (replace(one, id=f"e{one.id[1:]}") for one in messages(5, at("2025-10-28 10:00"), days=2)))
    office.now = at("2025-11-01 12:00")
    office.until("2025-11-01 12:05")
    (early,) = office.archive.filed(TOWN, ReportKind.WEEK)
    keep(office.engine, (replace(one, id=f"f{one.id[1:]}") for one in messages(3, at("2025-11-01 15:00"), days=1)))
    assert "report_ready" not in office.until("2025-11-03 00:00", every=HOUR)
    assert office.until("2025-11-03 00:10").count("report_ready") == 1
    whole, _ = office.archive.filed(TOWN, ReportKind.WEEK)
    assert (early.rows, whole.rows, whole.edition) == (5, 8, 2)
    assert whole.due_at == at("2025-11-03 10:00")
    with pytest.raises(RuleBroken, match="edition 2 is newer"):
        office.filing.approve(early, "Куратор", office.now)
    assert office.until("2025-11-03 09:05", every=HOUR).count("letter_not_sent") == 1, "only the whole one is asked for"
    assert office.filing.approve(whole, "Куратор", office.now)
    office.until("2025-11-03 12:00")
    assert office.taken == 1


def test_the_month_is_ready_on_the_1st_and_asked_for_until_the_head_was_told(office: Office) -> None:
    office.filing.post = None
    office.filing.recipients = ()
    office.now = at("2026-11-30 23:50")
    assert "report_ready" in office.until("2026-12-01 00:10")
    assert "month_not_told" not in office.until("2026-12-03 23:30", every=HOUR)
    assert "month_not_told" in office.until("2026-12-04 09:00", every=HOUR)
    report = office.archive.filed(TOWN, ReportKind.MONTH)[0]
    assert report.due_at == at("2026-12-04 23:59")
    assert office.archive.content(report.id).startswith(b"PK")
    assert office.filing.told(NOVEMBER, "Куратор", office.now)
    assert not office.filing.told(NOVEMBER, "Куратор", office.now)
    assert "month_not_told" not in office.until("2026-12-06 09:00", every=HOUR)


def test_the_curators_words_stand_in_the_next_edition_of_the_month_and_in_those_after_it(office: Office) -> None:
    office.filing.recipients = ()
    with pytest.raises(RuleBroken, match="not made yet"):
        office.filing.retell(NOVEMBER, office.now, "слова")
    office.now = at("2026-12-01 00:00")
    office.until("2026-12-01 00:10")
    first = office.archive.filed(TOWN, ReportKind.MONTH)[0]
    second = office.filing.retell(NOVEMBER, office.now, "Открыть вторую линию.\n=1+1")
    third = office.filing.retell(NOVEMBER, office.now + timedelta(hours=1))
    assert [one.edition for one in (first, second, third)] == [1, 2, 3]
    assert office.archive.filed(TOWN, ReportKind.MONTH)[0].remarks == "Открыть вторую линию.\n=1+1"
    assert WORDS.month.remarks_title in shown(office, first)
    assert "Открыть вторую линию." not in shown(office, first)
    for edition in (second, third):
        assert {"Открыть вторую линию.", "=1+1"} <= set(shown(office, edition))
    assert office.filing.told(NOVEMBER, "Куратор", office.now)
    office.filing.retell(NOVEMBER, office.now + timedelta(hours=2))
    assert "month_not_told" not in office.until("2026-12-06 09:00", every=HOUR), "he was told once; that is enough"


def test_after_a_long_stop_each_of_the_last_three_months_is_made(office: Office) -> None:
    office.filing.recipients = ()
    office.now = at("2026-12-01 00:00")
    office.until("2026-12-01 00:10")
    office.now = at("2027-05-03 09:00")
    office.until("2027-05-03 09:05")
    months = [f"{report.period.first:%Y-%m}" for report in office.archive.filed(TOWN, ReportKind.MONTH)]
    assert months == ["2027-04", "2027-03", "2027-02", "2026-11"]
