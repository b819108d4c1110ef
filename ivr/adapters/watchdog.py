"""A process that hangs is found out and started anew.

`watched` tells systemd that a process works: READY once, and WATCHDOG while its event loop turns (sd_notify(3));
outside systemd nobody listens and nothing is sent. `end_when_stuck` needs no systemd: the process ends itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


async def watched(work: Coroutine[Any, Any, T], environment: Mapping[str, str] = os.environ) -> T:
    """Do the work to its end, heard by systemd all the while."""
    beating = asyncio.create_task(_beat(environment.get("NOTIFY_SOCKET", ""), environment.get("WATCHDOG_USEC", "")))
    try:
        return await work
    finally:
        beating.cancel()


async def end_when_stuck(works: Callable[[], Awaitable[bool]], seconds: float, look_seconds: float = 1.0) -> None:
    """End this process when the event loop stands still, or `works` says no, for so many seconds; never returns.

    A thread of the interpreter's own does it, whatever lock the others wait for. Where each of them stood is written to
    standard error. Whoever supervises the process starts it anew.
    """
    try:
        while True:
            if await works():
                faulthandler.dump_traceback_later(seconds, exit=True)
            await asyncio.sleep(look_seconds)
    finally:
        faulthandler.cancel_dump_traceback_later()


async def _beat(address: str, silence_microseconds: str) -> None:
    if not address:
        return
    _tell(address, b"READY=1")
    while silence_microseconds.isdigit():
        _tell(address, b"WATCHDOG=1")
        await asyncio.sleep(int(silence_microseconds) / 1e6 / 3)


def _tell(address: str, what: bytes) -> None:
    place = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire, contextlib.suppress(OSError):
        wire.sendto(what, place)
