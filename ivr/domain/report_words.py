"""The words of the reports, in whatever language the municipality writes: titles, columns, vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.domain.contact import Address

Titles = Mapping[str, str]
"""A vocabulary: key kept in the journal -> title people read, in the regulation's order."""


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
    topic_columns: tuple[str, ...]
    load_columns: tuple[str, ...]
    decision_columns: tuple[str, ...]
    decision_parts: tuple[str, str, str, str]
    not_stated: str
    chart_topics: str
    chart_load: str
    chart_results: str


@dataclass(frozen=True, slots=True)
class ReportWords:
    """All words of all reports."""

    footer: str
    weekdays: tuple[str, ...]
    dates: str
    load: LoadWords
    messages: MessageWords
    week: WeekWords
    month: MonthWords
    outcomes: Titles
    results: Titles
    statuses: Titles
    topics: Titles = field(default_factory=dict)

    @property
    def lists(self) -> tuple[tuple[str, ...], ...]:
        """The vocabularies of appendix 2 in the order of its columns: topic, repeated, outcome, result, status."""
        repeated = (self.messages.first_time, self.messages.again)
        return (
            tuple(self.topics.values()), repeated, tuple(self.outcomes.values()),
            tuple(self.results.values()), tuple(self.statuses.values()),
        )  # fmt: skip


def title_of(titles: Titles, key: str | None) -> str:
    """The title of a key; the key itself when the vocabulary has lost it, "" without a key."""
    return titles.get(key, key) if key else ""
