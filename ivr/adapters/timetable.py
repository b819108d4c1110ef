"""The timetable: wakes a few fixed sweeps over the database. The database is the queue; the timer only wakes us.

APScheduler keeps no jobs on disk: what is due is seen in the rows, so nothing is lost by sleep, kill or a clock jump.
Of several nodes one leads, by a lease in the database; a node that was stopped finds its lease gone, and what it does
late is harmless, since every sweep may be repeated. Every node asks for the lease in a rhythm of its own, so that a new
leader begins soon, whatever the rhythm of the sweeps.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ivr.errors import IvrError
from ivr.ports import Clock, Lease

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
_GRACE_SECONDS = 24 * 60 * 60
_CLOCK_SECONDS, _STEP_BACK = 5.0, timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep, its name for the log, and how often it is made."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[int]]


class Timetable:
    """One node's timetable.

    Args:
        node: name of this node, unlike any other's.
        beat_seconds: how often it asks whether it leads.
    """

    def __init__(
        self, sweeps: Sequence[Sweep], lease: Lease, clock: Clock, node: str, *, beat_seconds: float = 20.0
    ) -> None:
        self.sweeps = sweeps
        self._lease = lease
        self._clock = clock
        self._node = node
        self._beat_seconds = beat_seconds
        self._leads = False

    async def tick(self, sweep: Sweep) -> int:
        """One turn of a sweep, if this node leads; how much it did. Faults are logged, the next turn tries again."""
        try:
            return await sweep.work() if await self._hold() else 0
        except IvrError as fault:
            log.error(
                "sweep failed", extra={"action": "sweep_failed", "child": sweep.name, "why": type(fault).__name__}
            )
        except Exception:  # the edge of a sweep: whatever broke, the others and the next turn go on
            log.exception("sweep broke", extra={"action": "sweep_failed", "child": sweep.name})
        return 0

    async def run(self, stop: asyncio.Event) -> None:
        """Make all sweeps, each in its own rhythm and never twice at once, until asked to stop."""
        scheduler = AsyncIOScheduler(
            job_defaults={"misfire_grace_time": _GRACE_SECONDS, "coalesce": True, "max_instances": 1}
        )
        for sweep in self.sweeps:
            scheduler.add_job(self.tick, IntervalTrigger(seconds=sweep.seconds), [sweep], id=sweep.name)
        scheduler.start()
        scheduler.add_job(self._beat, IntervalTrigger(seconds=self._beat_seconds), [scheduler], id="leader")
        scheduler.modify_job("leader", next_run_time=self._clock.now())
        minding = asyncio.create_task(self._mind_the_clock(scheduler))
        await stop.wait()
        minding.cancel()
        scheduler.shutdown(wait=False)
        await self._lease.release("timetable", self._node)

    async def _hold(self) -> bool:
        return await self._lease.hold("timetable", self._node, self._clock.now(), LEASE)

    async def _beat(self, scheduler: AsyncIOScheduler) -> None:
        """Who has become the leader begins at once, whatever the one before has done."""
        led, self._leads = self._leads, False
        try:
            self._leads = await self._hold()
        except IvrError as fault:
            log.error("no leader is known", extra={"action": "sweep_failed", "why": type(fault).__name__})
        if self._leads and not led:
            log.info("this node leads", extra={"action": "timetable_leads"})
            self._wake(scheduler)

    async def _mind_the_clock(self, scheduler: AsyncIOScheduler) -> None:
        """The scheduler waits for times of the clock: one that is set back would let it sleep for as long."""
        passed = asyncio.get_running_loop().time
        seen, at = self._clock.now(), passed()
        while True:
            await asyncio.sleep(_CLOCK_SECONDS)
            expected = seen + timedelta(seconds=passed() - at)
            seen, at = self._clock.now(), passed()
            if seen < expected - _STEP_BACK:
                log.warning("the clock was set back", extra={"action": "clock_set_back"})
                scheduler.modify_job("leader", next_run_time=seen)
                self._wake(scheduler)

    def _wake(self, scheduler: AsyncIOScheduler) -> None:
        for sweep in self.sweeps:
            scheduler.modify_job(sweep.name, next_run_time=self._clock.now())
