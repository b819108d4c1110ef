"""Work that takes longer than a page may: begun, watched, broken off, its result taken by whoever asked for it.

It is done one piece at a time, in a thread that gives way: calls go on meanwhile. What is made lies in memory and is
forgotten after a while, or with the process: it is simply asked for again.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.domain.access import Actor
from ivr.errors import IvrError, RuleBroken
from ivr.ports import Clock

log = logging.getLogger(__name__)

_KEPT_FOR = timedelta(minutes=60)
_OF_ONE_PERSON = 4
_OF_ALL = 12
_BREATH_SECONDS = 0.01


class WorkState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    BROKEN_OFF = "broken_off"


class _BrokenOff(Exception):
    """The person who asked for the work wants it no more."""


@dataclass(slots=True)
class Work:
    """One piece of work.

    Attributes:
        owner: id of the account that asked; nobody else sees it.
        about: what it is, for the page.
        total: what `done` will come to; 0: nobody knows.
        result: what was made, when ready. fault: why it was not, when failed.
    """

    id: str
    owner: str
    about: Any
    begun_at: datetime
    total: int = 0
    done: int = 0
    state: WorkState = WorkState.WAITING
    result: Any = None
    fault: Exception | None = None
    _unwanted: threading.Event = field(default_factory=threading.Event)

    @property
    def goes_on(self) -> bool:
        """Looking again is worth while."""
        return self.state in (WorkState.WAITING, WorkState.RUNNING)

    def progress(self, more: int) -> None:
        """So much more is done; called by the worker, which gives way for a moment here, and ends when nobody wants

        the result any more.
        """
        if self._unwanted.is_set():
            raise _BrokenOff
        self.done += more
        time.sleep(_BREATH_SECONDS)

    def break_off(self) -> None:
        """Nobody wants it any more; it ends at its next step."""
        self._unwanted.set()


@dataclass(slots=True)
class Workshop:
    """Does the work, the earliest first."""

    clock: Clock
    _known: dict[str, Work] = field(default_factory=dict)
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "long-work"))

    def begin(self, actor: Actor, about: Any, make: Callable[[Work], Any], total: int = 0) -> Work:
        """Begin a piece of work; its owner's oldest is forgotten when he has too many.

        Raises:
            RuleBroken: too much waits already.
        """
        self._forget_old()
        if sum(work.goes_on for work in self._known.values()) >= _OF_ALL:
            raise RuleBroken("17", "too much waits to be made: wait a minute", "workshop_full")
        own = [work for work in self._known.values() if work.owner == actor.account.id]
        for work in own[: max(len(own) - _OF_ONE_PERSON + 1, 0)]:
            self._drop(work)
        work = Work(secrets.token_hex(8), actor.account.id, about, self.clock.now(), total)
        self._known[work.id] = work
        self._hands.submit(self._do, work, make)
        return work

    def find(self, actor: Actor, work: str) -> Work:
        """A piece of one's own.

        Raises:
            RuleBroken: there is none: it was forgotten, or is somebody else's.
        """
        self._forget_old()
        found = self._known.get(work)
        if found is None or found.owner != actor.account.id:
            raise RuleBroken("17", "it is not kept any more: make it again", "unknown_work")
        return found

    def close(self) -> None:
        """Break everything off."""
        for work in list(self._known.values()):
            self._drop(work)
        self._hands.shutdown(wait=True, cancel_futures=True)

    def _forget_old(self) -> None:
        now = self.clock.now()
        for work in list(self._known.values()):
            if not work.goes_on and now - work.begun_at > _KEPT_FOR:
                self._drop(work)

    def _drop(self, work: Work) -> None:
        work.break_off()
        self._known.pop(work.id, None)

    @staticmethod
    def _do(work: Work, make: Callable[[Work], Any]) -> None:
        work.state = WorkState.RUNNING
        try:
            work.progress(0)
            work.result = make(work)
            work.state = WorkState.READY
        except _BrokenOff:
            work.state = WorkState.BROKEN_OFF
        except Exception as fault:
            if not isinstance(fault, IvrError):
                log.error("long work broke", exc_info=fault, extra={"action": "long_work_broke"})
            work.fault, work.state = fault, WorkState.FAILED
