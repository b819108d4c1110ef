"""Any paper, of any municipality, for any period, as a file (clauses 6.2, 16-19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import IO

from ivr.domain.message import Message
from ivr.domain.report import Form, Heading, LoadDay, Period, Promise
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.ports.reports import ReportSource, Workbooks
from ivr.services.reports import Reports

Progress = Callable[[int], object]
"""Called with how many more messages were read."""

_TICK = 500


@dataclass(slots=True)
class Papers:
    """Writes papers. Takes seconds for a year: never on the loop's thread.

    Attributes:
        municipality: the key of the house's own. titles: full names by key, of it and of its neighbours.
    """

    municipality: str
    titles: Mapping[str, str]
    reports: Reports
    workbooks: Workbooks
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def known(self) -> Mapping[str, str]:
        """Full names by key of all municipalities that papers can be written for."""
        return {key: key for key in self.reports.source.municipalities()} | dict(self.titles)

    def whose(self, municipality: str | None) -> str:
        """The key asked for, the house's own when none is.

        Raises:
            RuleBroken: nobody has that key.
        """
        key = municipality or self.municipality
        known = self.known()
        if key not in known:
            facts = {"asked": key, "known": ", ".join(known)}
            raise RuleBroken("6.2", f"no municipality {key!r}; known: {facts['known']}", "no_municipality", **facts)
        return key

    def file_name(self, form: Form, period: Period) -> str:
        """What the file is called when nobody says otherwise."""
        return f"{form}-{period.first}-{period.last}.xlsx"

    def size(self, form: Form, period: Period, municipality: str | None = None) -> int:
        """How many messages will be read: the end of the progress; 0 when it is no matter of messages."""
        if form is Form.LOAD:
            return 0
        periods = (period, period.before) if form is Form.MONTH else (period,)
        whose = self.whose(municipality)
        return sum(self.reports.source.count(whose, one) for one in periods)

    def write(
        self,
        form: Form,
        period: Period,
        target: IO[bytes],
        *,
        municipality: str | None = None,
        progress: Progress = lambda _more: None,
    ) -> int:
        """Write a paper; how many rows it tells of.

        Raises:
            RuleBroken: nobody has that key, or the period has more rows than a sheet holds.
            JournalError: the database is away.
        """
        whose = self.whose(municipality)
        now = self.clock()
        heading = Heading(self.known()[whose], self.reports.words.dated(period), now)
        reports = replace(self.reports, source=_Watched(self.reports.source, progress))
        match form:
            case Form.LOAD:
                return self.workbooks.load(target, reports.load(whose, period), heading)
            case Form.MESSAGES:
                return self.workbooks.messages(target, reports.messages(whose, period), heading)
            case Form.WEEK:
                return self.workbooks.week(target, reports.week(whose, period), heading)
            case Form.MONTH:
                return self.workbooks.month(target, reports.month(whose, period, now), heading)

    def write_selected(self, messages: Iterable[Message], target: IO[bytes], title: str, municipality: str) -> int:
        """Appendix 2 of these messages; how many rows.

        Args:
            title: what they are, in place of the dates of a period.

        Raises:
            RuleBroken: nobody has that key, or there are more rows than a sheet holds.
            JournalError: the database is away.
        """
        heading = Heading(self.known()[self.whose(municipality)], title, self.clock())
        return self.workbooks.messages(target, self.reports.rows(messages), heading)


@dataclass(frozen=True, slots=True)
class _Watched:
    """A source that tells how far its reader is."""

    source: ReportSource
    progress: Progress

    def municipalities(self) -> Sequence[str]:
        return self.source.municipalities()

    def count(self, municipality: str, period: Period) -> int:
        return self.source.count(municipality, period)

    def messages(self, municipality: str, period: Period) -> Iterator[Message]:
        read = 0
        for message in self.source.messages(municipality, period):
            yield message
            read += 1
            if read % _TICK == 0:
                self.progress(_TICK)
        self.progress(read % _TICK)

    def load(self, municipality: str, period: Period) -> Sequence[LoadDay]:
        return self.source.load(municipality, period)

    def promises(self, municipality: str, period: Period) -> Sequence[Promise]:
        return self.source.promises(municipality, period)

    def titles(self, edition: str, kind: Kind) -> Mapping[str, str]:
        return self.source.titles(edition, kind)
