"""Makes the reports of appendices 1 to 3 and the month for the head: pure figures over a `ReportSource`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.message import Message
from ivr.domain.month import MonthReport
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, LoadWeek, MessageRow, Period, WeekRow, is_weekend
from ivr.domain.report_words import LISTED, ReportWords
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.language.discretion import Discretion
from ivr.ports.reports import ReportSource
from ivr.services.month import Sides, count_messages, month_report, punctuality


@dataclass(frozen=True, slots=True)
class Reports:
    """All reports of one house."""

    source: ReportSource
    words: ReportWords
    calendar: WorkingCalendar
    discretion: Discretion
    rules: Regulation = field(default_factory=Regulation)

    def load(self, municipality: str, period: Period) -> tuple[LoadWeek, ...]:
        """Appendix 1, week by week."""
        counted = self.source.load(municipality, period)
        if not self.rules.machine_is_loss:
            counted = [replace(day, lost=max((day.lost or 0) - day.by_machine, 0)) for day in counted]
        return load_weeks(period, counted, self.calendar)

    def messages(self, municipality: str, period: Period) -> Iterator[MessageRow]:
        """Appendix 2, by start of call."""
        yield from self.rows(self.source.messages(municipality, period))

    def rows(self, messages: Iterable[Message]) -> Iterator[MessageRow]:
        """These messages as appendix 2 prints them."""
        editions = Editions(self.source.titles, self.words.vocabulary)
        for message in messages:
            yield message_row(message, self.words, self.calendar, editions)

    def week(self, municipality: str, period: Period) -> Iterator[WeekRow]:
        """Appendix 3: nothing personal leaves the house."""
        editions = Editions(self.source.titles, self.words.vocabulary)
        for message in self.source.messages(municipality, period):
            yield week_row(message, self.words, self.calendar, editions, self.discretion)

    def month(self, municipality: str, period: Period, now: datetime, remarks: str = "") -> MonthReport:
        """The report to the head (clause 18), compared with the period before.

        Args:
            remarks: the curator's own words: what was decided, what he proposes.
        """
        both = (period, period.before)
        counted, counted_before = (count_messages(self.source.messages(municipality, one), self.words) for one in both)
        days, days_before = (tuple(self._days(municipality, one)) for one in both)
        kept, kept_before = (punctuality(self.source.promises(municipality, one), now) for one in both)
        sides = Sides((counted, counted_before), (days, days_before), (kept, kept_before))
        return month_report(period, sides, self.words, self.rules, remarks)

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


class Editions:
    """The words of a term as they were when its row was written (interpretation 21)."""

    def __init__(self, kept: Callable[[str, Kind], Mapping[str, str]], current: Vocabulary) -> None:
        self._kept = kept
        self._current = current
        self._known: dict[tuple[str, Kind], Mapping[str, str]] = {
            (current.edition, kind): current.titles(kind) for kind in LISTED
        }

    def title(self, edition: str, kind: Kind, key: str | None) -> str:
        """Words for people; the key itself when no edition knows it, "" without a key."""
        if not key:
            return ""
        known = self._known.get((edition, kind))
        if known is None:
            kept = {one: title for one, title in self._kept(edition, kind).items() if title}
            known = self._known[edition, kind] = {**self._current.titles(kind), **kept}
        return known.get(key, key)


def message_row(message: Message, words: ReportWords, calendar: WorkingCalendar, editions: Editions) -> MessageRow:
    """A message as appendix 2 prints it; the machine's name stands until somebody takes it (interpretation 14)."""
    said = words.messages
    edition = message.edition
    return MessageRow(
        received_at=_local(message.received_at, calendar),
        topic=editions.title(edition, Kind.TOPICS, message.topic),
        name=message.name.full if message.name else "",
        phone=message.number_to_call,
        address=said.address(message.address),
        gist=message.gist,
        repeated=said.repeated(message.repeated),
        outcome=editions.title(edition, Kind.OUTCOMES, message.outcome),
        operator=said.machine if message.operator is None else message.operator,
        executor=message.executor or "",
        result=editions.title(edition, Kind.RESULTS, message.result),
        comment=said.comment(message, calendar.zone),
        status=editions.title(edition, Kind.STATUSES, message.status),
    )


def week_row(
    message: Message, words: ReportWords, calendar: WorkingCalendar, editions: Editions, discretion: Discretion
) -> WeekRow:
    """A message as appendix 3 prints it: the gist without numbers and names (clause 19)."""
    topic = editions.title(message.edition, Kind.TOPICS, message.topic)
    operator = words.messages.machine if message.operator is None else message.operator
    return WeekRow(_local(message.received_at, calendar), topic, discretion.hide(message.gist, message.name), operator)


def _local(moment: datetime, calendar: WorkingCalendar) -> datetime:
    return moment.astimezone(calendar.zone).replace(tzinfo=None, microsecond=0)
