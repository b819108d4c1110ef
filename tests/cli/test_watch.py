"""The timetable as `ivr serve` runs it: put together from the settings, every sweep made upon real neighbours."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.files.settings import project_root, read_settings
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.bootstrap.office import build_callback_room
from ivr.bootstrap.watch import build_watch
from ivr.domain.notices import NoticeKind
from tests.mail_server import PASSWORD, USER, MailServer, Script, certificate, free_port
from tests.samples import a_call, a_callback, a_message, ended

LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[tuple[Script, str]]:
    """A mail server and the settings that name it."""
    files = certificate(tmp_path)
    server = MailServer(Script(), files)
    server.start()
    (tmp_path / "password").write_text(PASSWORD, "utf-8")
    table = (
        f'[mail]\nserver = "127.0.0.1"\nport = {server.port}\nuser = "{USER}"\n'
        f'password_file = "{tmp_path / "password"}"\ncertificates = "{files[0]}"\nsender = "line@example.org"\n'
        'weekly_to = ["ministry@example.org"]\nby_itself = false\n'
        '[notices]\naddresses = { curator = ["curator@example.org"] }\n'
    )
    yield server.script, table
    server.stop()


def _settings(tmp_path: Path, more: str = "") -> Path:
    file = tmp_path / "ivr.toml"
    file.write_text(
        f'[municipality]\nkey = "demo"\n[storage]\ndata = "{tmp_path}"\n[log]\nlevel = "error"\n'
        f'[web]\nenabled = false\n{more}', "utf-8",
    )  # fmt: skip
    return file


async def _promise(url: str, count: int = 1) -> None:
    """Promises of last week that nobody has kept."""
    engine = connect(url)
    upgrade(engine)
    journal = DatabaseJournal(engine)
    for number in range(count):
        call = a_call(number, LAST_WEEK + timedelta(minutes=number))
        message = replace(a_message(call, phone=f"+7900000{number:04d}"))
        await journal.close(ended(call), [], message, a_callback(message))
    journal.dispose()


async def test_every_sweep_works_and_what_it_finds_is_told_and_written_of(
    tmp_path: Path, post: tuple[Script, str]
) -> None:
    script, mail = post
    settings = read_settings(_settings(tmp_path, f'{mail}[phone]\ntrunk = "127.0.0.1:{free_port()}"\n'))
    await _promise(settings.database_url)
    room = build_callback_room(settings)
    watch = build_watch(room, "node")
    assert watch.follow_calendar()
    assert not watch.follow_calendar()
    await room.troubles.since("demo", f"trunk:{settings.phone.trunk}", True, datetime.now(UTC) - timedelta(minutes=1))
    for sweep in watch.timetable.sweeps:
        await watch.timetable.tick(sweep)
    book = DatabaseNoticeBook(room.engine)
    told = {notice.kind for notice in await book.unseen("demo")}
    assert {NoticeKind.OVERDUE, NoticeKind.TRUNK, NoticeKind.PUBLICITY} <= told
    assert NoticeKind.MAIL not in told
    assert set(await room.troubles.standing("demo")) == {f"trunk:{settings.phone.trunk}"}
    assert len(script.taken) == 1
    book.dispose()
    watch.dispose()
    room.dispose()


async def test_an_order_about_a_day_is_known_to_the_sweeps_without_a_restart(tmp_path: Path) -> None:
    settings = read_settings(_settings(tmp_path))
    room = build_callback_room(settings)
    watch = build_watch(room, "node")
    watch.follow_calendar()
    day = datetime.now(UTC).date() + timedelta(days=2)
    command = ["calendar", "open", str(day), "10:00-11:00", "--why", "проверка"]
    run = [sys.executable, "-m", "ivr.cli.main", "--config", str(tmp_path / "ivr.toml"), *command]
    await asyncio.to_thread(subprocess.run, run, cwd=project_root(), check=True, capture_output=True)
    assert watch.follow_calendar()
    for follower in (watch.desk.rulebook.calendar, watch.deadlines[0].calendar):
        hours = follower.hours(day)
        assert hours is not None
        assert (hours.opens.hour, hours.closes.hour) == (10, 11)
    watch.dispose()
    room.dispose()


class Nodes:
    """Timetables in processes of their own, and all they tell."""

    def __init__(self, tmp_path: Path) -> None:
        self.config = _settings(tmp_path)
        self.told: Counter[str] = Counter()
        (tmp_path / "live").mkdir()
        self._live = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._live.bind(str(tmp_path / "live" / "tests.sock"))
        self._live.setblocking(False)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ivr.cli.child", "timetable", "--config", str(self.config)]
        self.processes.append(subprocess.Popen(command, cwd=project_root()))
        return self.processes[-1]

    def hear(self, seconds: float, enough: int) -> None:
        """All news, until so many are overdue."""
        last = time.monotonic() + seconds
        while time.monotonic() < last and sum(self.told.values()) < enough:
            try:
                news = json.loads(self._live.recv(65_536))
            except BlockingIOError:
                time.sleep(0.05)
                continue
            if news["action"] == "notice" and news["kind"] == "overdue":
                self.told[news["subject"]] += 1

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self._live.close()


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path)
    yield nodes
    nodes.end()


@pytest.mark.slow
def test_two_processes_one_stopped_one_killed_tell_each_thing_once(nodes: Nodes) -> None:
    """Fault F16: the leader is stopped, another follows it within the lease; the first wakes; the second is killed."""
    url = read_settings(nodes.config).database_url
    asyncio.run(_promise(url, 8))  # at most ten datagrams wait on the live wire
    first = nodes.start()
    nodes.hear(60, 8)
    assert nodes.told.total() == 8
    second = nodes.start()
    time.sleep(5)
    os.kill(first.pid, signal.SIGSTOP)
    asyncio.run(_promise(url, 16))
    nodes.hear(150, 16)
    assert nodes.told.total() == 16
    os.kill(first.pid, signal.SIGCONT)
    second.kill()
    asyncio.run(_promise(url, 24))
    nodes.hear(150, 24)
    nodes.hear(25, 25)
    assert (nodes.told.total(), set(nodes.told.values())) == (24, {1})
