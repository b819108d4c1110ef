"""The curator's desk of filed reports, for somebody who is signed in: who may, which town, the access log (18, 19).

The verbs themselves are `Filing`'s; they read the journal and write workbooks: never on the loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.letter import FiledReport, Letter, LetterState, ReportKind
from ivr.domain.paper import PaperSheet
from ivr.errors import RuleBroken
from ivr.ports import Clock
from ivr.ports.reports import PaperReader
from ivr.services.audit import AccessLog
from ivr.services.filing import Filing

T = TypeVar("T")

_LATEST = 60
REMARKS_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class FiledView:
    """A filed report and all that is known of its way.

    Attributes:
        editions: all of the same period, the newest first. letters: of this edition.
        changed: the journal tells something else by now; only looked at where one report is looked at.
        leaves_at: when the letter leaves by itself; None: only a person lets it go, or it has gone.
        recipients: whom the weekly report goes to.
        told: the edition that was marked as told to the head (clause 18).
    """

    report: FiledReport
    editions: Sequence[FiledReport]
    letters: Sequence[Letter]
    changed: bool = False
    leaves_at: datetime | None = None
    recipients: Sequence[str] = ()
    told: FiledReport | None = None

    @property
    def is_newest(self) -> bool:
        """No edition is newer."""
        return self.report.edition == self.editions[0].edition

    @property
    def is_delivered(self) -> bool:
        """Every addressee's server has taken it."""
        return bool(self.letters) and all(letter.state is LetterState.DELIVERED for letter in self.letters)

    @property
    def is_under_way(self) -> bool:
        """A letter waits or is being handed over: looking again soon is worth while."""
        return any(letter.state in (LetterState.WAITING, LetterState.HANDING_OVER) for letter in self.letters)


@dataclass(slots=True)
class ReportOffice:
    """Shows the reports, lets them go, corrects them.

    Attributes:
        filing_of: a municipality's filing by the settings and the calendar as they are now; takes a second at times.
    """

    filing_of: Callable[[str], Filing]
    read: PaperReader
    log: AccessLog
    clock: Clock

    async def filed(self, actor: Actor, kind: ReportKind) -> Sequence[FiledView]:
        """The newest edition of each period, the latest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.REPORT)
        await self.log.note_once(actor, Deed.LIST, Thing.REPORT)

        def look(filing: Filing) -> Sequence[FiledView]:
            if not actor.sees(filing.municipality):
                return []
            by_period: dict[object, list[FiledReport]] = {}
            for report in filing.archive.filed(filing.municipality, kind, _LATEST):
                by_period.setdefault(report.period, []).append(report)
            return [self._view(filing, editions[0], editions) for editions in by_period.values()]

        return await self._do(actor, look)

    async def one(self, actor: Actor, report: str) -> FiledView:
        """One edition.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such report in this town.
        """
        actor.require(Deed.VIEW, Thing.REPORT)

        def look(filing: Filing) -> FiledView:
            found = self._known(filing, actor, report)
            editions = [
                one for one in filing.archive.filed(found.municipality, found.kind, 200) if one.period == found.period
            ]
            view = self._view(filing, found, editions)
            return FiledView(
                found, editions, view.letters, self._has_changed(filing, view), view.leaves_at, view.recipients,
                view.told,
            )  # fmt: skip

        view = await self._do(actor, look)
        await self.log.note_once(actor, Deed.VIEW, Thing.REPORT, report)
        return view

    async def preview(self, actor: Actor, report: str) -> Sequence[PaperSheet]:
        """The file as it is read on a screen.

        Raises:
            Forbidden: not for this role. RuleBroken: there is no such report in this town.
        """
        actor.require(Deed.VIEW, Thing.REPORT)
        await self.log.note_once(actor, Deed.VIEW, Thing.REPORT, report)
        return await self._do(
            actor, lambda filing: self.read(filing.archive.content(self._known(filing, actor, report).id))
        )  # fmt: skip

    async def file(self, actor: Actor, report: str) -> tuple[FiledReport, bytes]:
        """The file as it was made and sent.

        Raises:
            Forbidden: not for this role. RuleBroken: there is no such report in this town.
        """
        actor.require(Deed.EXPORT, Thing.REPORT)
        found = await self._do(actor, lambda filing: self._known(filing, actor, report))
        await self.log.note(actor, Deed.EXPORT, Thing.REPORT, report, _facts(found))
        return found, await self._do(actor, lambda filing: filing.archive.content(report))

    async def approve(self, actor: Actor, report: str) -> bool:
        """Let the letter go; False when it went before. See `Filing.approve`."""
        found = await self._begin(actor, report, "approve")
        _must_be(found, ReportKind.WEEK, "19")
        return await self._do(actor, lambda filing: filing.approve(found, actor.account.name, self.clock.now()))

    async def correct(self, actor: Actor, report: str) -> FiledReport:
        """The next edition of the week, let go at once. See `Filing.correct`."""
        found = await self._begin(actor, report, "correct")
        _must_be(found, ReportKind.WEEK, "19")
        return await self._do(actor, lambda filing: filing.correct(found.period, actor.account.name, self.clock.now()))

    async def retell(self, actor: Actor, report: str, remarks: str | None = None) -> FiledReport:
        """The next edition of the month, with the curator's words. See `Filing.retell`."""
        found = await self._begin(actor, report, "retell")
        _must_be(found, ReportKind.MONTH, "18")
        words = None if remarks is None else remarks.replace("\r\n", "\n")[:REMARKS_AT_MOST]
        return await self._do(actor, lambda filing: filing.retell(found.period, self.clock.now(), words))

    async def told(self, actor: Actor, report: str) -> bool:
        """The head has been told of the month; False when that was marked before. See `Filing.told`."""
        found = await self._begin(actor, report, "told")
        _must_be(found, ReportKind.MONTH, "18")
        return await self._do(actor, lambda filing: filing.told(found.period, actor.account.name, self.clock.now()))

    async def settle(self, actor: Actor, report: str, letter: str, *, arrived: bool) -> bool:
        """The addressee was asked whether a letter came; False when it was not in doubt.

        Raises:
            Forbidden: not for this role. RuleBroken: there is no such letter in this town.
        """
        found = await self._begin(actor, report, "settle")

        def settle(filing: Filing) -> bool:
            if letter not in [one.id for one in filing.archive.letters(found.id)]:
                raise RuleBroken("19", "there is no such letter", "unknown_report")
            return filing.archive.settle(letter, arrived=arrived, by=actor.account.name, at=self.clock.now())

        return await self._do(actor, settle)

    async def _begin(self, actor: Actor, report: str, verb: str) -> FiledReport:
        actor.require(Deed.MANAGE, Thing.REPORT)
        found = await self._do(actor, lambda filing: self._known(filing, actor, report))
        await self.log.note(actor, Deed.MANAGE, Thing.REPORT, report, {"verb": verb, **_facts(found)})
        return found

    async def _do(self, actor: Actor, work: Callable[[Filing], T]) -> T:
        return await asyncio.to_thread(lambda: work(self.filing_of(actor.account.municipality)))

    @staticmethod
    def _known(filing: Filing, actor: Actor, report: str) -> FiledReport:
        found = filing.archive.find(report)
        if found is None or not actor.sees(found.municipality) or found.municipality != filing.municipality:
            raise RuleBroken("19", "there is no such report", "unknown_report")
        return found

    @staticmethod
    def _view(filing: Filing, report: FiledReport, editions: Sequence[FiledReport]) -> FiledView:
        waits = report.kind is ReportKind.WEEK and not any(one.approved_at for one in editions)
        by_itself = waits and filing.by_itself and bool(filing.recipients)
        return FiledView(
            report, editions, filing.archive.letters(report.id),
            leaves_at=filing.leaves_at(report) if by_itself else None, recipients=filing.recipients,
            told=next((one for one in editions if one.reported_at), None),
        )  # fmt: skip

    @staticmethod
    def _has_changed(filing: Filing, view: FiledView) -> bool:
        return view.report.kind is ReportKind.WEEK and view.is_newest and filing.changed(view.report)


def _must_be(report: FiledReport, kind: ReportKind, clause: str) -> None:
    if report.kind is not kind:
        raise RuleBroken(clause, f"this is no report of a {kind}", f"no_{kind}_report")


def _facts(report: FiledReport) -> dict[str, str]:
    days = f"{report.period.first}..{report.period.last}"
    return {"form": str(report.kind), "period": days, "edition": str(report.edition)}
