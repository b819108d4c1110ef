"""Tells systemd that a process works: READY once, and WATCHDOG while its event loop turns (sd_notify(3)).

Outside systemd nobody listens and nothing is sent. A loop that hangs falls silent, and systemd starts the process anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


async def watched(work: Coroutine[Any, Any, T], environment: Mapping[str, str] = os.environ) -> T:
    """Do the work to its end, heard by systemd all the while."""
    beating = asyncio.create_task(_beat(environment.get("NOTIFY_SOCKET", ""), environment.get("WATCHDOG_USEC", "")))
    try:
        return await work
    finally:
        beating.cancel()


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
