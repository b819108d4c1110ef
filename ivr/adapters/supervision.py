"""Child processes that are kept alive: the engines and the recogniser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_STEADY_SECONDS = 30.0
_SETTINGS_EXIT = 2
_HEALTH_SECONDS, _SOON_SECONDS = 1.0, 0.1
_START_SECONDS = 60.0
_STILL_SECONDS, _AT_WORK_SECONDS = 1.0, 15.0

Healthy = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep alive.

    Attributes:
        name: as the log shows it.
        command: program and arguments.
        healthy: asked every second, after a No more often; a child that is not, for a while, is killed and started
            anew.
    """

    name: str
    command: Sequence[str]
    healthy: Healthy | None = None


class Supervisor:
    """Starts children, restarts what dies with a growing pause, ends them politely."""

    def __init__(self, children: Sequence[Child], stop_seconds: float = 10.0) -> None:
        self._children = children
        self._stop_seconds = stop_seconds
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.failed: asyncio.Event = asyncio.Event()

    def start(self) -> None:
        """Start all children."""
        self._tasks = [asyncio.create_task(self._keep(child)) for child in self._children]

    def pid(self, name: str) -> int | None:
        """Process number of a child, None while it is down."""
        process = self._processes.get(name)
        return process.pid if process and process.returncode is None else None

    async def _keep(self, child: Child) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping:
            started = asyncio.get_running_loop().time()
            try:
                process = await asyncio.create_subprocess_exec(*child.command)
            except OSError as fault:  # no memory or no room for one more process, most often
                facts = {"action": "child_died", "child": child.name}
                log.error("%s cannot be started (%s)", child.name, fault, extra=facts)
                pause = min(pause * 2, _LONGEST_PAUSE)
                await asyncio.sleep(pause)
                continue
            self._processes[child.name] = process
            log.info("%s started", child.name, extra={"action": "child_started", "child": child.name})
            watch = asyncio.create_task(self._watch(child, process))
            status = await process.wait()
            watch.cancel()
            if self._stopping:
                return
            if status == _SETTINGS_EXIT:
                log.error("%s has wrong settings", child.name, extra={"action": "child_refused", "child": child.name})
                self.failed.set()
                return
            log.error("%s died (%s)", child.name, status, extra={"action": "child_died", "child": child.name})
            lived = asyncio.get_running_loop().time() - started
            pause = _FIRST_PAUSE if lived > _STEADY_SECONDS else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause if lived < _STEADY_SECONDS else 0)

    async def _watch(self, child: Child, process: asyncio.subprocess.Process) -> None:
        """Kill a child that lives but does not answer, once it has had its time to start.

        One that stands still hangs, and is killed soon; one that is at work (on a machine with too much to do) is
        given longer.
        """
        now = asyncio.get_running_loop().time
        started, answered, silent_since = now(), False, 0.0
        while child.healthy:
            await asyncio.sleep(_SOON_SECONDS if silent_since else _HEALTH_SECONDS)
            asked_at, worked = now(), _processor_ticks(process.pid)
            if await child.healthy():
                answered, silent_since = True, 0.0
                continue
            silent_since = silent_since or asked_at
            stands_still = _processor_ticks(process.pid) == worked
            patience = _STILL_SECONDS if stands_still else _AT_WORK_SECONDS
            has_started = answered or now() - started > _START_SECONDS
            if has_started and now() - silent_since >= patience and process.returncode is None:
                log.error("%s does not answer", child.name, extra={"action": "child_hangs", "child": child.name})
                process.kill()
                return

    def renew(self, names: Sequence[str]) -> None:
        """Let children end politely and start anew (their settings have changed)."""
        for name in names:
            process = self._processes.get(name)
            if process and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)

    async def stop(self) -> None:
        """End all children: asked first, killed after the grace period."""
        self._stopping = True
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        waits = [process.wait() for process in self._processes.values()]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*waits), self._stop_seconds)
        for process in self._processes.values():
            if process.returncode is None:
                process.kill()
                await process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _processor_ticks(pid: int) -> int:
    """How long a process has been at work, in hundredths of a second; one more at each look while it waits its turn."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12]) + (time.monotonic_ns() if fields[0] == "R" else 0)
