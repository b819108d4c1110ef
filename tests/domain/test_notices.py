"""When people are told of what, as a table."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.files.notice_words import notice_line
from ivr.adapters.files.settings import project_root
from ivr.domain.callback import CallbackState
from ivr.domain.notices import (
    Notice,
    NoticeKind,
    answer_notice,
    calendar_notice,
    concerns,
    disk_notice,
    notices_of,
    publicity_notice,
)
from tests.samples import CALENDAR, RULES, a_call, a_callback, a_message

S, K = CallbackState, NoticeKind
PROMISED = a_callback(a_message(a_call(1), phone="+79000000001"))
DUE = PROMISED.due_at
OPENS, CLOSES = DUE + timedelta(hours=1), DUE + timedelta(hours=1.5)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("state", "facts", "minutes", "kinds"),
    [
        (S.PROMISED, {}, -31, []),
        (S.PROMISED, {}, -30, [K.DUE_SOON]),
        (S.PROMISED, {}, -1, [K.DUE_SOON]),
        (S.PROMISED, {}, 0, [K.OVERDUE]),
        (S.TAKEN, {}, 5, [K.OVERDUE]),
        (S.PROMISED, {"urgent": True}, -300, [K.URGENT]),
        (S.PROMISED, {"urgent": True}, 1, [K.URGENT, K.OVERDUE]),
        (S.WAITING, {"opens_at": OPENS, "closes_at": CLOSES}, 59, []),
        (S.WAITING, {"opens_at": OPENS, "closes_at": CLOSES}, 60, [K.WINDOW_OPENED]),
        (S.WAITING, {"opens_at": OPENS, "closes_at": CLOSES}, 90, [K.WINDOW_OPENED, K.WINDOW_PASSED]),
        (S.PLANNED, {"opens_at": OPENS, "closes_at": CLOSES}, 60, [K.WINDOW_OPENED]),
        (S.PASSED_ON, {"opens_at": DUE, "closes_at": CLOSES}, 10, []),
        (S.PASSED_ON, {"opens_at": DUE, "closes_at": CLOSES}, 65, [K.DUE_SOON]),
        (S.PASSED_ON, {"opens_at": DUE, "closes_at": CLOSES}, 90, [K.OVERDUE]),
        (S.REACHED, {"closes_at": CLOSES}, 74, []),
        (S.REACHED, {"closes_at": CLOSES}, 75, [K.CARD_SOON]),  # 45 minutes after the conversation began
        (S.REACHED, {"closes_at": CLOSES}, 89, [K.CARD_SOON]),
        (S.REACHED, {"closes_at": CLOSES}, 90, [K.CARD_MISSING]),
        (S.UNREACHED, {"closes_at": CLOSES}, 91, [K.CARD_MISSING]),
        (S.CLOSED, {"urgent": True}, 99, []),
        (S.NO_CONTACT, {}, 99, []),
    ],
)
def test_what_is_told_of_a_promise(
    state: CallbackState, facts: dict[str, object], minutes: int, kinds: list[NoticeKind]
) -> None:
    callback = replace(PROMISED, state=state, rests=state, **facts)
    assert [notice.kind for notice in notices_of(callback, DUE + timedelta(minutes=minutes), RULES)] == kinds


@pytest.mark.parametrize(
    ("now", "subject"),
    [
        ("2026-10-01 08:59", None),
        ("2026-10-01 09:00", "2026-Q4"),
        ("2026-12-31 23:00", "2026-Q4"),
        ("2026-08-01 12:00", "2026-Q3"),
        ("2027-01-01 08:00", None),
    ],
)
def test_what_is_published_is_reviewed_each_quarter(now: str, subject: str | None) -> None:
    """Clause 5."""
    moment = datetime.strptime(now, "%Y-%m-%d %H:%M").replace(tzinfo=MOSCOW)
    notice = publicity_notice("demo", moment, CALENDAR)
    assert (notice.subject if notice else None) == subject


@pytest.mark.parametrize(("free", "subject"), [(0.5, None), (0.15, None), (0.149, "15"), (0.05, "15"), (0.01, "5")])
def test_a_full_disk_is_told_twice(free: float, subject: str | None) -> None:
    notice = disk_notice("demo", free, date(2026, 11, 23))
    assert (notice.subject if notice else None) == subject


@pytest.mark.parametrize(
    ("state", "now", "told"),
    [
        (S.PASSED_ON, "2026-11-25 08:59", False),
        (S.PASSED_ON, "2026-11-25 09:00", True),
        (S.PASSED_ON, "2026-11-25 17:59", True),
        (S.PASSED_ON, "2026-11-25 18:00", False),  # overdue by then
        (S.REACHED, "2026-11-25 10:00", False),
        (S.CLOSED, "2026-11-25 10:00", False),
    ],
)
def test_on_the_day_of_the_executors_answer_people_are_reminded(state: CallbackState, now: str, told: bool) -> None:
    """Clause 21."""
    closes = datetime(2026, 11, 25, 18, 0, tzinfo=MOSCOW)
    asked = replace(PROMISED, state=state, rests=S.PASSED_ON, opens_at=DUE, closes_at=closes)
    moment = datetime.strptime(now, "%Y-%m-%d %H:%M").replace(tzinfo=MOSCOW)
    notice = answer_notice(asked, moment, CALENDAR)
    assert (notice is not None) == told


@pytest.mark.parametrize(("today", "told"), [(date(2026, 10, 31), False), (date(2026, 11, 1), True)])
def test_a_calendar_that_runs_out_says_so_60_days_ahead(today: date, told: bool) -> None:
    notice = calendar_notice("demo", date(2026, 12, 31), today)
    assert (notice is not None) == told


def test_every_kind_has_an_audience_and_words() -> None:
    texts = tomllib.loads((project_root() / "config" / "ui.ru.toml").read_text("utf-8"))["notices"]["kinds"]
    assert set(texts) == set(NoticeKind)
    assert all(concerns(kind) for kind in NoticeKind)
    line = notice_line(Notice(K.OVERDUE, "demo", PROMISED.id, DUE), MOSCOW)
    assert line == f"Строка {PROMISED.id[:8]}: срок был 23.11.2026 12:00 (п. 13, 21)"
    assert "pbx:5060" in notice_line(Notice(K.TRUNK, "demo", "trunk:pbx:5060", DUE), MOSCOW)


def test_the_same_thing_has_one_key_in_every_zone() -> None:
    (one,) = notices_of(PROMISED, DUE, RULES)
    assert replace(one, at=one.at.astimezone(MOSCOW)).key == replace(one, at=one.at.astimezone(UTC)).key
