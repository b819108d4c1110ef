"""`ivr serve web` as a process: it answers, shows the first start, ends when asked."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ivr.adapters import supervision
from ivr.adapters.files.house_book import FileHouseBook
from ivr.adapters.files.settings import read_settings
from ivr.adapters.files.ui import words
from ivr.adapters.supervision import Child, Supervisor
from ivr.bootstrap.access import build_access_room
from ivr.cli.serve import _follow_settings, _show_console
from ivr.domain.people import Role


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _settings(folder: Path, port: int) -> Path:
    config = folder / "ivr.toml"
    config.write_text(
        f'[municipality]\nkey = "demo"\n[storage]\ndata = "{folder}"\n[web]\nsecure = false\nport = {port}\n', "utf-8"
    )
    return config


def _get(url: str, seconds: float = 20) -> bytes:
    give_up = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def test_the_console_answers_and_ends_when_asked(tmp_path: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "ivr.cli.main", "--config", str(_settings(tmp_path, port)), "serve", "web"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert json.loads(_get(f"http://127.0.0.1:{port}/ready")) == {"database": True}
        assert words("console.first_start.title") in _get(f"http://127.0.0.1:{port}/").decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)
        log = process.stdout.read() if process.stdout else ""
        assert "action=console_ready" in log
        assert "Traceback" not in log
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_a_port_that_is_taken_is_named_and_worth_another_try(tmp_path: Path) -> None:
    """Status 1: the service goes on answering calls and starts the console again; 2 would end it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = _settings(tmp_path, taken.getsockname()[1])
        command = [sys.executable, "-m", "ivr.cli.main", "--config", str(config), "serve", "web"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "web.port" in done.stderr


async def test_the_first_start_prints_a_key_that_works_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = read_settings(_settings(tmp_path, 8080))
    await _show_console(settings)
    key = capsys.readouterr().out.strip().partition("setup?key=")[2].split()[0]
    room = build_access_room(settings)
    assert room.setup_key.fits(key)
    roles = {Role.ADMINISTRATOR}
    facts = {"login": "chief", "name": "Главный", "roles": roles, "password": "три зелёных самовара"}
    await room.people.found_house(room.setup_key, key, "demo", "127.0.0.1", **facts)
    assert not room.setup_key.fits(key)
    room.dispose()
    await _show_console(settings)
    assert "setup?key" not in capsys.readouterr().out


async def test_engines_start_anew_when_people_change_the_settings(tmp_path: Path) -> None:
    settings = read_settings(_settings(tmp_path, 8080))
    children = [Child(name, ["sleep", "60"]) for name in ("engine-1", "recogniser")]
    supervisor = Supervisor(children, stop_seconds=2)
    supervisor.start()
    watch = asyncio.create_task(
        _follow_settings(settings, tmp_path / "ivr.toml", supervisor, ["engine-1", "recogniser"])
    )
    first = await _pid(supervisor, 0)
    FileHouseBook(tmp_path, tmp_path / "ivr.toml").change("Главный", {"phone": {"trunk": "10.0.0.2"}})
    recogniser = supervisor.pid("recogniser")
    second = await _pid(supervisor, first)
    assert (second != first, supervisor.pid("recogniser")) == (True, recogniser)
    FileHouseBook(tmp_path, tmp_path / "ivr.toml").change("Главный", {"web": {"idle_minutes": 30}})
    await asyncio.sleep(2.5)
    assert (supervisor.pid("engine-1"), supervisor.pid("recogniser")) == (second, recogniser)
    watch.cancel()
    await supervisor.stop()


async def test_a_child_that_could_not_be_started_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No memory for one more process, for a moment: it is logged, and no child is lost."""
    starting, tries = asyncio.create_subprocess_exec, 0

    async def start(*command: str) -> asyncio.subprocess.Process:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return await starting(*command)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    supervisor = Supervisor([Child("engine-1", ["sleep", "60"])], stop_seconds=2)
    supervisor.start()
    assert await _pid(supervisor, 0)
    await supervisor.stop()
    assert caplog.text.count("engine-1 cannot be started") == 2


async def test_a_child_that_still_starts_is_asked_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says No at once while it loads: whoever asks must not take the processor from it."""
    monkeypatch.setattr(supervision, "_HEALTH_SECONDS", 0.1)
    asked = 0

    async def healthy() -> bool:
        nonlocal asked
        asked += 1
        return False

    supervisor = Supervisor([Child("recogniser", ["sleep", "60"], healthy)], stop_seconds=2)
    supervisor.start()
    await asyncio.sleep(1)
    await supervisor.stop()
    assert 2 <= asked <= 12


async def _pid(supervisor: Supervisor, unlike: int) -> int:
    for _ in range(200):
        if (found := supervisor.pid("engine-1")) and found != unlike:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the process does not start anew")


@pytest.mark.parametrize("part", ["nonsense"])
def test_an_unknown_part_is_refused(tmp_path: Path, part: str) -> None:
    command = [sys.executable, "-m", "ivr.cli.main", "--config", str(_settings(tmp_path, 1)), "serve", part]
    assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 2
