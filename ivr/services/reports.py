"""Makes the reports of appendices 1 to 3 and the month for the head: pure figures over a `ReportSource`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.message import Message
from ivr.domain.report import (
    LoadDay,
    LoadWeek,
    MessageRow,
    MonthReport,
    Period,
    Promise,
    Punctuality,
    Tally,
    WeekRow,
    is_weekend,
)
from ivr.domain.report_words import ReportWords, Titles, title_of
from ivr.language.discretion import Discretion
from ivr.ports import ReportSource


@dataclass(frozen=True, slots=True)
class Reports:
    """All reports of one house."""

    source: ReportSource
    words: ReportWords
    calendar: WorkingCalendar
    discretion: Discretion

    def load(self, municipality: str, period: Period) -> tuple[LoadWeek, ...]:
        """Appendix 1, week by week."""
        return load_weeks(period, self.source.load(municipality, period), self.calendar)

    def messages(self, municipality: str, period: Period) -> Iterator[MessageRow]:
        """Appendix 2, by start of call."""
        for message in self.source.messages(municipality, period):
            yield message_row(message, self.words, self.calendar)

    def week(self, municipality: str, period: Period) -> tuple[WeekRow, ...]:
        """Appendix 3: nothing personal leaves the house."""
        return tuple(
            week_row(message, self.words, self.calendar, self.discretion)
            for message in self.source.messages(municipality, period)
        )

    def month(self, municipality: str, period: Period, now: datetime) -> MonthReport:
        """The report to the head (clause 18), compared with the period before."""
        counts, counts_before = (
            _count(self.source.messages(municipality, one), self.words) for one in (period, period.before)
        )
        days, days_before = (tuple(self._days(municipality, one)) for one in (period, period.before))
        kept, kept_before = (
            punctuality(self.source.promises(municipality, one), now) for one in (period, period.before)
        )
        whole, topics, outcomes, results, statuses, executors = (
            _tallies(*both) for both in zip(counts, counts_before, strict=True)
        )
        messages, machine, repeated = whole
        return MonthReport(
            period, messages, machine, repeated,
            tuple(sorted((topic for topic in topics if topic.title), key=lambda topic: -topic.now)),
            outcomes, results, statuses, tuple(sorted(executors, key=lambda one: -one.now)),
            days, LoadDay.total(period.last, days), LoadDay.total(period.before.last, days_before), kept, kept_before,
        )  # fmt: skip

    def _days(self, municipality: str, period: Period) -> Iterator[LoadDay]:
        """The days of the forms and those that had calls outside working hours only."""
        for week in self.load(municipality, period):
            shown = {day.day for day in week.days}
            closed = (replace(day, received=None) for day in week.after_hours if day.day not in shown)
            yield from sorted((*(day for day in week.days if day.day in period), *closed), key=lambda day: day.day)


def load_weeks(period: Period, counted: Sequence[LoadDay], calendar: WorkingCalendar) -> tuple[LoadWeek, ...]:
    """One form for each week: Monday to Friday always, a weekend's day when it was worked (interpretation 10).

    A closed day keeps its row with blank counts and a note; a day outside the period too.
    """
    known = {day.day: day for day in counted}
    weeks = []
    for monday in period.mondays():
        days = [known.get(day, LoadDay(day)) for day in Period.week_of(monday)]
        rows = (_load_row(day, period, calendar) for day in days)
        after_hours = tuple(day for day in days if day.after_hours and day.day in period)
        weeks.append(LoadWeek(monday, tuple(row for row in rows if row is not None), after_hours))
    return tuple(weeks)


def _load_row(counted: LoadDay, period: Period, calendar: WorkingCalendar) -> LoadDay | None:
    day = counted.day
    rule = calendar.days.get(day)
    if is_weekend(day) and calendar.hours(day) is None:
        return None
    if day not in period:
        return LoadDay(day, note="outside") if not is_weekend(day) else None
    if calendar.hours(day) is None:
        note = rule.reason if rule else "weekend"
        return LoadDay(day, by_machine=counted.by_machine, after_hours=counted.after_hours, note=note)
    return replace(
        counted,
        received=counted.received or 0, lost=counted.lost or 0,
        outgoing=counted.outgoing or 0, reached=counted.reached or 0,
        note=counted.note or (rule.reason if rule else ""),
    )  # fmt: skip


def message_row(message: Message, words: ReportWords, calendar: WorkingCalendar) -> MessageRow:
    """A message as appendix 2 prints it; the machine's name stands until somebody takes it (interpretation 14)."""
    said = words.messages
    return MessageRow(
        received_at=message.received_at.astimezone(calendar.zone).replace(tzinfo=None, microsecond=0),
        topic=title_of(words.topics, message.topic),
        name=message.name.full if message.name else "",
        phone=message.number_to_call,
        address=said.address(message.address),
        gist=message.gist,
        repeated=said.repeated(message.repeated),
        outcome=title_of(words.outcomes, message.outcome),
        operator=message.operator or said.machine,
        executor=message.executor or "",
        result=title_of(words.results, message.result),
        comment=message.comment,
        status=title_of(words.statuses, message.status),
    )


def week_row(message: Message, words: ReportWords, calendar: WorkingCalendar, discretion: Discretion) -> WeekRow:
    """A message as appendix 3 prints it: the gist without numbers and names (clause 19)."""
    row = message_row(message, words, calendar)
    return WeekRow(row.received_at, row.topic, discretion.hide(message.gist, message.name), row.operator)


def punctuality(promises: Iterable[Promise], now: datetime) -> Punctuality:
    """How the promises stand against clause 13: the hour binds the first attempt (interpretation 4)."""
    kinds = Counter(_kind(promise, now) for promise in promises)
    return Punctuality(**kinds)


def _kind(promise: Promise, now: datetime) -> str:
    if promise.first_attempt_at:
        return "in_time" if promise.first_attempt_at <= promise.due_at else "late"
    if not promise.is_open:
        return "needless"
    return "overdue" if promise.due_at < now else "waiting"


_Counts = dict[str, int]


def _count(messages: Iterable[Message], words: ReportWords) -> tuple[_Counts, ...]:
    """Counts by title: the whole, topics, outcomes, results, statuses, executors; every title of a list is there."""
    whole = {"messages": 0, "machine": 0, "repeated": 0}
    lists: tuple[_Counts, ...] = tuple(
        _zeroes(titles) for titles in (words.topics, words.outcomes, words.results, words.statuses)
    )
    executors: _Counts = {}
    blank = words.month.not_stated
    for message in messages:
        whole["messages"] += 1
        whole["machine"] += message.operator is None
        whole["repeated"] += bool(message.repeated)
        keys = (message.topic, message.outcome, message.result, message.status)
        for counts, titles, key in zip(
            lists, (words.topics, words.outcomes, words.results, words.statuses), keys, strict=True
        ):
            title = title_of(titles, key) or blank
            counts[title] = counts.get(title, 0) + 1
        if message.executor:
            executors[message.executor] = executors.get(message.executor, 0) + 1
    return (whole, *lists, executors)


def _zeroes(titles: Titles) -> _Counts:
    return dict.fromkeys(titles.values(), 0)


def _tallies(now: _Counts, before: _Counts) -> tuple[Tally, ...]:
    titles = [*now, *(title for title in before if title not in now)]
    return tuple(Tally(title, now.get(title, 0), before.get(title, 0)) for title in titles)
