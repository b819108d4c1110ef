"""The words of the reports, in whatever language the municipality writes: titles, columns, vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ivr.domain.contact import Address
from ivr.domain.message import Message
from ivr.domain.report import Period
from ivr.domain.vocabulary import Kind, Vocabulary

Titles = Mapping[str, str]
"""Words for people by key."""


@dataclass(frozen=True, slots=True)
class LoadWords:
    """Appendix 1."""

    appendix: str
    title: str
    columns: tuple[str, ...]
    beside: tuple[str, str]
    norms: str
    after_hours_sheet: str
    after_hours_title: str
    after_hours_columns: tuple[str, str, str]
    total: str
    notes: Titles


@dataclass(frozen=True, slots=True)
class MessageWords:
    """Appendix 2."""

    appendix: str
    title: str
    sheet: str
    lists_sheet: str
    columns: tuple[str, ...]
    list_titles: tuple[str, ...]
    wrong_value_title: str
    wrong_value: str
    machine: str
    first_time: str
    again: str
    house: str
    flat: str
    planned: str
    attempted: str

    def repeated(self, again: bool | None) -> str:
        """The word for a first or a repeated message, "" until somebody has decided."""
        if again is None:
            return ""
        return self.again if again else self.first_time

    def address(self, address: Address | None) -> str:
        """An address in one line."""
        if address is None:
            return ""
        house = self.house.format(value=address.house) if address.house else None
        flat = self.flat.format(value=address.flat) if address.flat else None
        return ", ".join(part for part in (address.locality, address.street, house, flat) if part)

    def comment(self, message: Message, zone: tzinfo) -> str:
        """The comment with what the result demands to be told in it (interpretation 18)."""
        planned = self.planned.format(at=_shown(message.planned_at, zone)) if message.planned_at else ""
        times = ", ".join(_shown(moment, zone) for moment in message.attempted_at)
        attempted = self.attempted.format(times=times) if times else ""
        parts = (planned, attempted, message.reason, message.comment)
        return "; ".join(part for part in parts if part)


def _shown(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"


@dataclass(frozen=True, slots=True)
class WeekWords:
    """Appendix 3."""

    appendix: str
    title: str
    sheet: str
    columns: tuple[str, ...]
    edition: str
    hidden_number: str
    hidden_name: str
    flat_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthWords:
    """The report to the head."""

    title: str
    sheets: tuple[str, str, str, str]
    summary_columns: tuple[str, ...]
    figures: Titles
    met: str
    not_met: str
    highlights_title: str
    highlights: Titles
    remarks_title: str
    topic_columns: tuple[str, ...]
    load_columns: tuple[str, ...]
    decision_columns: tuple[str, ...]
    decision_parts: tuple[str, str, str, str]
    not_stated: str
    chart_counts: str
    chart_norms: str
    chart_kept: str
    chart_topics: str
    chart_load: str
    chart_lost: str
    chart_outcomes: str
    chart_results: str


@dataclass(frozen=True, slots=True)
class LetterWords:
    """The letter with the weekly report (clause 19). Braces are filled with {first}, {last}, {municipality}, {rows}."""

    subject: str
    corrected: str
    body: str
    week_file: str
    month_file: str


@dataclass(frozen=True, slots=True)
class ImportWords:
    """How an older journal is read.

    Attributes:
        time_columns: headings of a column that holds the time alone.
        skipped: first words of rows that are no messages (totals).
        months: beginnings of the months' names, January first.
        aliases: by column of appendix 2, other headings people give it.
        synonyms: by "first_time" and "again", other words people write.
        verdicts, remarks: words for the report line by line, by code.
    """

    time_columns: tuple[str, ...]
    skipped: tuple[str, ...]
    months: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    synonyms: Mapping[str, tuple[str, ...]]
    verdicts: Titles
    remarks: Titles


@dataclass(frozen=True, slots=True)
class ReportWords:
    """All words of all reports."""

    footer: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    dates: str
    share: str
    decimal_mark: str
    load: LoadWords
    messages: MessageWords
    week: WeekWords
    month: MonthWords
    letter: LetterWords
    older: ImportWords
    vocabulary: Vocabulary

    @property
    def lists(self) -> tuple[tuple[str, ...], ...]:
        """The vocabularies of appendix 2 in the order of its columns: topic, repeated, outcome, result, status."""
        topics, outcomes, results, statuses = (tuple(self.titles(kind).values()) for kind in LISTED)
        return topics, (self.messages.first_time, self.messages.again), outcomes, results, statuses

    def named(self, period: Period) -> str:
        """A period as a heading names it: the month or the year in words, else its dates."""
        if period == Period.month_of(period.first):
            return f"{self.months[period.first.month - 1]} {period.first.year}"
        if (period.first.month, period.first.day, period.last.month, period.last.day) == (1, 1, 12, 31):
            return "-".join(dict.fromkeys((str(period.first.year), str(period.last.year))))
        return self.dated(period)

    def dated(self, period: Period) -> str:
        """First and last day of a period."""
        return self.dates.format(first=f"{period.first:%d.%m.%Y}", last=f"{period.last:%d.%m.%Y}")

    def number(self, value: float) -> str:
        """A number with at most one digit after the mark."""
        return f"{value:.1f}".removesuffix(".0").replace(".", self.decimal_mark)

    def percent(self, share: float) -> str:
        """A share of 1 as people write it."""
        return self.share.format(value=self.number(share * 100))

    def titles(self, kind: Kind) -> Titles:
        """A list of the regulation: words for people by key."""
        return self.vocabulary.titles(kind)


LISTED = (Kind.TOPICS, Kind.OUTCOMES, Kind.RESULTS, Kind.STATUSES)
"""The lists that columns of appendix 2 are filled from, in the columns' order."""

SIGNS = {"<=": "\u2264", ">=": "\u2265"}
"""Signs of norms as people write them."""
