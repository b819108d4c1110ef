"""Papers of any period and municipality, for somebody who is signed in (clauses 6.2, 16-19)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.paper import PaperFile
from ivr.domain.report import Form, Period
from ivr.errors import RuleBroken
from ivr.services.audit import AccessLog
from ivr.services.long_work import Work, Workshop, WorkState
from ivr.services.papers import Papers, Progress

_LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper that somebody wants.

    Attributes:
        municipality: key. title: its full name.
    """

    form: Form
    period: Period
    municipality: str
    title: str


@dataclass(slots=True)
class PaperDesk:
    """Makes papers.

    Attributes:
        papers_of: what writes papers of these years by the hours of a municipality; takes a second at times.
        known: full names by key of all municipalities papers can be written for.
    """

    papers_of: Callable[[range, str], Papers]
    known: Callable[[], Mapping[str, str]]
    workshop: Workshop
    log: AccessLog

    async def municipalities(self, actor: Actor) -> Mapping[str, str]:
        """Those whose papers this person may take: his own.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.EXPORT, Thing.REPORT)
        return await asyncio.to_thread(self._open_to, actor)

    async def begin(self, actor: Actor, form: Form, period: Period, municipality: str = "") -> Work:
        """Begin a paper; its result is a `PaperFile`.

        Raises:
            Forbidden: not for this role.
            RuleBroken: such a municipality is not known to this person, the period is too long, too much waits.
        """
        asked = await self._asked(actor, form, period, municipality)

        def make(work: Work) -> PaperFile:
            papers = self._papers(asked)
            work.total = papers.size(form, period, asked.municipality)
            return self._make(papers, asked, work.progress)

        return self.workshop.begin(actor, asked, make)

    async def at_once(self, actor: Actor, form: Form, period: Period, municipality: str = "") -> PaperFile:
        """A paper for a program that waits for it; it is written down as taken.

        Raises:
            Forbidden: not for this role. RuleBroken: as with `begin`, or the period has more rows than a sheet holds.
        """
        asked = await self._asked(actor, form, period, municipality)
        await self._note(actor, asked)
        return await asyncio.to_thread(lambda: self._make(self._papers(asked), asked, lambda _more: None))

    async def work(self, actor: Actor, work: str) -> Work:
        """How far a paper is.

        Raises:
            Forbidden: not for this role. RuleBroken: there is none: it was forgotten, or is somebody else's.
        """
        actor.require(Deed.EXPORT, Thing.REPORT)
        return _paper(self.workshop.find(actor, work))

    async def take(self, actor: Actor, work: str) -> PaperFile:
        """The file; that it was taken is a row of the access log.

        Raises:
            Forbidden: not for this role. RuleBroken: there is none, or it is not ready.
        """
        found = await self.work(actor, work)
        if found.state is not WorkState.READY:
            raise RuleBroken("17", "it is not ready", "unknown_work")
        await self._note(actor, found.about)
        result: PaperFile = found.result
        return result

    async def break_off(self, actor: Actor, work: str) -> None:
        """It is not wanted any more."""
        (await self.work(actor, work)).break_off()

    async def _asked(self, actor: Actor, form: Form, period: Period, municipality: str) -> Asked:
        actor.require(Deed.EXPORT, Thing.REPORT)
        if (period.last - period.first).days > _LONGEST_DAYS:
            raise RuleBroken("17", "a period of three years at most", "period_too_long")
        known = await asyncio.to_thread(self._open_to, actor)
        key = municipality or actor.account.municipality
        if key not in known:
            named = ", ".join(known)
            raise RuleBroken("6.2", f"no municipality {key!r}; known: {named}", "no_municipality",
                             asked=key, known=named)  # fmt: skip
        return Asked(form, period, key, known[key])

    def _open_to(self, actor: Actor) -> Mapping[str, str]:
        return {key: title for key, title in self.known().items() if actor.sees(key)}

    def _papers(self, asked: Asked) -> Papers:
        years = range(asked.period.first.year, asked.period.last.year + 1)
        return self.papers_of(years, asked.municipality)

    @staticmethod
    def _make(papers: Papers, asked: Asked, progress: Progress) -> PaperFile:
        target = BytesIO()
        rows = papers.write(asked.form, asked.period, target, municipality=asked.municipality, progress=progress)
        return PaperFile(papers.file_name(asked.form, asked.period), target.getvalue(), rows)

    async def _note(self, actor: Actor, asked: Asked) -> None:
        facts = {"form": str(asked.form), "period": f"{asked.period.first}..{asked.period.last}"}
        if asked.municipality != actor.account.municipality:
            facts["municipality"] = asked.municipality
        await self.log.note(actor, Deed.EXPORT, Thing.REPORT, "", facts)


def _paper(work: Work) -> Work:
    if not isinstance(work.about, Asked):
        raise RuleBroken("17", "it is no paper", "unknown_work")
    return work
