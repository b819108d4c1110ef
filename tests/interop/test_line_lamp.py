"""The lamp "line" tells a live engine from a hanging and from a dead one, whose socket both leave behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.settings import read_settings
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.notices import DatabaseTroubles
from ivr.bootstrap.lamps import lamps_of
from ivr.domain.board import Glow, Lamp
from tests.interop.service import REPOSITORY, Service, make_home

pytestmark = pytest.mark.sip


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """One engine, in a process of its own."""
    with Service(make_home(tmp_path / "home")) as running:
        yield running


def line(service: Service) -> Lamp:
    """The lamp now."""
    settings = read_settings(service.home / "config" / "ivr.toml").with_changes(storage={"data": service.data})
    troubles = DatabaseTroubles(connect(settings.database_url))
    try:
        lamps = asyncio.run(lamps_of(settings, troubles, SystemClock())("test"))
    finally:
        troubles.dispose()
    return next(lamp for lamp in lamps if lamp.key == "engine")


def test_a_line_that_hangs_or_is_dead_is_red_though_its_socket_is_there(service: Service) -> None:
    place, pid = service.data / "engine-1.intercom", service.process.pid
    assert line(service) == Lamp("engine", Glow.GOOD, number=1, of=1)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert place.is_socket()
        assert line(service).glow is Glow.BAD
    finally:
        os.kill(pid, signal.SIGCONT)
    assert line(service).glow is Glow.GOOD
    service.process.kill()
    service.process.wait()
    assert place.is_socket()
    assert line(service) == Lamp("engine", Glow.BAD, number=0, of=1)


_ENDED = """
import asyncio, os
from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.settings import SipSettings
async def live_and_end():
    engine = Engine(SipSettings(address="127.0.0.1", port=0, rtp_port=47_000))
    await engine.start()
    well = await engine.is_well(5.0)
    await engine.stop()
    return well, await engine.is_well(0.2)
print(asyncio.run(live_and_end()), flush=True)
os._exit(0)
"""


def test_a_line_whose_thread_has_ended_is_not_well() -> None:
    """In a process of its own: the SIP library bears one engine in each."""
    command = [sys.executable, "-c", _ENDED]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=REPOSITORY)
    assert told.stdout.strip() == "(True, False)"
