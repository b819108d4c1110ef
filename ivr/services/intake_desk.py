"""An older journal taken in through the console: looked at line by line, taken in, taken back (clause 16)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO

from ivr.domain.access import Actor, Deed, Thing
from ivr.errors import RuleBroken
from ivr.ports import Clock
from ivr.services.audit import AccessLog
from ivr.services.intake import Intake, IntakeReport, Shown
from ivr.services.long_work import Work, Workshop

FILE_AT_MOST = 32 * 1024 * 1024
_NAME_AT_MOST = 120
_DOUBTFUL_SHOWN, _ALL_SHOWN = 500, 5_000


class IntakeAct(StrEnum):
    """What is done with a file."""

    PREVIEW = "preview"
    TAKE_IN = "take_in"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class OlderFile:
    """A file that somebody has brought, and what is done with it.

    Attributes:
        everything: all its rows are shown, not only the doubtful ones.
    """

    name: str
    content: bytes
    act: IntakeAct = IntakeAct.PREVIEW
    everything: bool = False

    def __repr__(self) -> str:
        return f"OlderFile({len(self.content)} bytes, {self.act})"

    @property
    def digest(self) -> str:
        """What tells it from other files, for the access log."""
        return hashlib.sha256(self.content).hexdigest()[:16]


@dataclass(slots=True)
class IntakeDesk:
    """Takes older journals in. The file stays in memory between the looks at it.

    Attributes:
        intake_of: what judges the rows by the calendar of a municipality; takes a second at times.
    """

    intake_of: Callable[[str], Intake]
    workshop: Workshop
    log: AccessLog
    clock: Clock

    async def bring(self, actor: Actor, name: str, content: bytes) -> Work:
        """Look at a file; the result is an `IntakeReport`, nothing is written.

        Raises:
            Forbidden: not for this role. RuleBroken: it is too long, empty, or too much waits.
        """
        actor.require(Deed.MANAGE, Thing.MESSAGE)
        if not content:
            raise RuleBroken("16", "choose a file", "needs_file")
        if len(content) > FILE_AT_MOST:
            raise RuleBroken("16", "the file is too long", "file_too_long", megabytes=FILE_AT_MOST // 1024**2)
        plain = "".join(letter for letter in name if letter.isprintable())[-_NAME_AT_MOST:] or "journal.xlsx"
        return await self._begin(actor, OlderFile(plain, content))

    async def act(self, actor: Actor, work: str, act: IntakeAct, *, everything: bool = False) -> Work:
        """Do something with a file that was brought; a new piece of work.

        Raises:
            Forbidden: not for this role. RuleBroken: the file is not kept any more, or too much waits.
        """
        known = await self.work(actor, work)
        return await self._begin(actor, replace(known.about, act=act, everything=everything))

    async def work(self, actor: Actor, work: str) -> Work:
        """How far it is; `about` is the `OlderFile`.

        Raises:
            Forbidden: not for this role. RuleBroken: there is none: it was forgotten, or is somebody else's.
        """
        actor.require(Deed.MANAGE, Thing.MESSAGE)
        found = self.workshop.find(actor, work)
        if not isinstance(found.about, OlderFile):
            raise RuleBroken("16", "it is no older journal", "unknown_work")
        return found

    async def at_once(self, actor: Actor, content: bytes, act: IntakeAct) -> IntakeReport:
        """The same for a program that waits for it.

        Raises:
            Forbidden: not for this role. RuleBroken: it is no journal of messages.
        """
        actor.require(Deed.MANAGE, Thing.MESSAGE)
        if not content:
            raise RuleBroken("16", "choose a file", "needs_file")
        file = OlderFile("journal.xlsx", content, act)
        await self._note(actor, file)
        return await asyncio.to_thread(lambda: self._do(actor.account.municipality, file, lambda _more: None))

    async def _begin(self, actor: Actor, file: OlderFile) -> Work:
        await self._note(actor, file)
        town = actor.account.municipality
        return self.workshop.begin(actor, file, lambda work: self._do(town, file, work.progress))

    async def _note(self, actor: Actor, file: OlderFile) -> None:
        facts = {"verb": f"journal_{file.act}", "file": file.digest}
        await self.log.note(actor, Deed.MANAGE, Thing.MESSAGE, "", facts)

    def _do(self, town: str, file: OlderFile, progress: Callable[[int], object]) -> IntakeReport:
        intake, now, content = self.intake_of(town), self.clock.now(), BytesIO(file.content)
        shown = Shown(
            everything=file.everything, at_most=_ALL_SHOWN if file.everything else _DOUBTFUL_SHOWN,
            progress=_seldom(progress),
        )  # fmt: skip
        if file.act is IntakeAct.TAKE_BACK:
            return intake.take_back(town, content, file.name, now)
        act = intake.take_in if file.act is IntakeAct.TAKE_IN else intake.preview
        return act(town, content, file.name, now, shown)


def _seldom(progress: Callable[[int], object], every: int = 100) -> Callable[[int], None]:
    """Told a hundred rows at a time."""
    read = 0

    def more(count: int) -> None:
        nonlocal read
        read += count
        if read >= every:
            progress(read)
            read = 0

    return more
