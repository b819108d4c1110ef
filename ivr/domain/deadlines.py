"""When a citizen may and must be called again, and by when he must have his answer (clauses 13 and 21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.regulation import Regulation


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in which a call is to be made: not before `opens`, late after `closes`; UTC."""

    opens: datetime
    closes: datetime


def attempt_window(calendar: WorkingCalendar, ended_at: datetime, rules: Regulation) -> Window:
    """The window of the next attempt: 30 to 60 minutes after the end of the one before (clause 13).

    A window that passes closing time, or opens when nobody is there, moves whole to the next opening
    (interpretation 4).
    """
    opens = ended_at + timedelta(minutes=rules.repeat_after_minutes)
    closes = ended_at + timedelta(minutes=rules.repeat_within_minutes)
    if calendar.is_open(opens) and closes <= closing(calendar, opens.astimezone(calendar.zone).date()):
        return Window(opens, closes)
    start = next_opening(calendar, opens)
    return Window(start, start + (closes - opens))


def internal_target(calendar: WorkingCalendar, called_at: datetime, rules: Regulation) -> datetime | None:
    """By when a call missed in working hours should be returned, by the house's own rule; None for other calls
    (clause 14, interpretation 3). What is left at closing time goes on at the next opening."""
    if not calendar.is_open(called_at):
        return None
    target = called_at + timedelta(minutes=rules.missed_target_minutes)
    closes = closing(calendar, called_at.astimezone(calendar.zone).date())
    return target if target <= closes else next_opening(calendar, closes) + (target - closes)


def next_opening(calendar: WorkingCalendar, after: datetime) -> datetime:
    """The first opening at this moment or later, UTC."""
    local = after.astimezone(calendar.zone)
    day = local.date()
    hours = calendar.hours(day)
    if hours is None or local.time() > hours.opens:
        day = calendar.next_working_day(day)
        hours = calendar.hours(day)
        assert hours is not None, "a working day has hours"
    return datetime.combine(day, hours.opens, calendar.zone).astimezone(UTC)


def closing(calendar: WorkingCalendar, day: date) -> datetime:
    """Closing time of a working day, UTC.

    Raises:
        ValueError: nobody works on that day.
    """
    hours = calendar.hours(day)
    if hours is None:
        raise ValueError(f"{day} is no working day")
    return datetime.combine(day, hours.closes, calendar.zone).astimezone(UTC)


def feedback_due(calendar: WorkingCalendar, called_at: datetime, rules: Regulation) -> datetime:
    """By when a question that needs more time is answered: closing time of the third working day, the day of the
    call not counted (clause 21, interpretation 15)."""
    day = called_at.astimezone(calendar.zone).date()
    for _ in range(rules.feedback_working_days):
        day = calendar.next_working_day(day)
    return closing(calendar, day)
