"""The real product in processes of its own, with short phrases and short times, for peers to call."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from ivr.adapters.files import wav
from ivr.adapters.files.calendar import WEEKDAYS

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHORT_TIMES = {
    "message_seconds": 6.0, "silence_seconds": 1.0, "patience_seconds": 2.0, "answer_silence_seconds": 0.6,
    "answer_seconds_at_most": 4.0, "confirm_seconds": 1.0,
}  # fmt: skip


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    """A steady tone, PCM."""
    moments = np.arange(round(seconds * wav.RATE_HZ)) / wav.RATE_HZ
    return bytes((np.sin(2 * np.pi * hertz * moments) * 8000).astype("<i2").tobytes())


def chatter(seconds: float) -> bytes:
    """A tone that is loud and soft by turns, which is taken for speech without words; never quite silent, PCM."""
    loud, soft = np.ones(round(0.7 * wav.RATE_HZ)), np.full(round(0.3 * wav.RATE_HZ), 0.05)
    shape = np.tile(np.concatenate([loud, soft]), round(seconds))
    sound = np.frombuffer(tone(round(seconds)), "<i2")
    return bytes((sound * shape).astype("<i2").tobytes())


def eventually(look: Callable[[], T | None], seconds: float = 15.0) -> T:
    """What `look` finds, asked again until it is there."""
    last = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < last, f"not there after {seconds} s"
        time.sleep(0.05)
    return found


def make_home(folder: Path, **times: float) -> Path:
    """A home of the product: the real texts and models, phrases of 0.1 s, other times of the regulation."""
    (folder / "audio" / "prompts").mkdir(parents=True)
    for phrase in (REPOSITORY / "audio" / "prompts").glob("*.wav"):
        (folder / "audio" / "prompts" / phrase.name).write_bytes(wav.write(tone(0.1)))
    shutil.copytree(REPOSITORY / "config", folder / "config")
    (folder / "models").symlink_to(REPOSITORY / "models")
    numbers = folder / "config" / "regulation.toml"
    text = numbers.read_text("utf-8")
    for name, value in {**SHORT_TIMES, **times}.items():
        text, found = re.subn(rf"^{name} = [\d.]+", f"{name} = {value}", text, flags=re.MULTILINE)
        assert found == 1, name
    numbers.write_text(text, "utf-8")
    return folder


NO_LIMITS = "[phone.limits]\nmarked_after = 0\nrefused_after = 0\nat_once = 0\na_minute = 0"
"""For calls that no people would make."""


def open_always(home: Path) -> None:
    """Somebody works there day and night, holidays among them."""
    hours = "".join(f'{day} = "00:00-23:59:59.999999"\n' for day in WEEKDAYS)
    year = datetime.now(UTC).year
    days = "".join(f'"{one}-01-01..{one}-12-31" = "00:00-23:59:59.999999"\n' for one in (year - 1, year, year + 1))
    (home / "config" / "calendar.toml").write_text(f"[week]\n{hours}[days]\n{days}", "utf-8")


@dataclass
class Service:
    """The product running from a home.

    Attributes:
        mode: which of the line's voices meets every caller, whatever the hour; "": as the calendar has it.
        municipality: lines of the settings' table of this name.
        tables: other tables of the settings.
        web: lines of the console's table.
        level: what is written to the log.
        phone: lines of the settings' table of this name.
        command: "serve" for all processes, "engine" for one engine without a recogniser.
        within: a command that runs it somewhere else (a network namespace).
    """

    home: Path
    phone: str = ""
    mode: str = "after_hours"
    tables: str = ""
    web: str = "enabled = false"
    level: str = "warning"
    municipality: str = ""
    command: str = "engine"
    within: tuple[str, ...] = ()
    chosen_port: int = 0
    ports: dict[str, int] = field(default_factory=dict)
    legs: int = 0

    @property
    def data(self) -> Path:
        """Where the service keeps everything."""
        return self.home / "var"

    @property
    def port(self) -> int:
        """SIP port of the first engine."""
        return self.ports["engine-1"]

    def __enter__(self) -> Self:
        self.data.mkdir(exist_ok=True)
        config = self.home / "config" / "ivr.toml"
        config.write_text(
            f'[municipality]\nkey = "test"\n{self.municipality}\n[phone]\n'
            + (f'forced_mode = "{self.mode}"\n' if self.mode else "")
            + f"port = {self.chosen_port}\n"
            f"{self.phone}\n{self.tables}\n[web]\n{self.web}\n[log]\nlevel = '{self.level}'\n",
            "utf-8",
        )
        path = self.data / "live" / "tests.sock"
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        self._live = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._live.bind(str(path))
        self._news: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._collect_news, daemon=True).start()
        self.start()
        return self

    def start(self) -> None:
        """Start, and wait until calls are answered."""
        command = [
            *self.within,
            sys.executable,
            "-m",
            "ivr.cli.main" if self.command == "serve" else "ivr.cli.child",
            self.command,
        ]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env={**os.environ, "IVR_HOME": str(self.home)}, stdout=log, stderr=log
            )
        self.await_engine()

    def await_engine(self, seconds: float = 30.0) -> None:
        """Wait until the next engine says it answers calls."""
        news = self.await_news("engine_ready", seconds)
        self.ports[str(news["engine"])], self.legs = int(news["port"]), int(news["legs"])

    def await_news(self, action: str, seconds: float = 10.0, **facts: object) -> dict[str, Any]:
        """The next news of this kind with these facts; earlier news is passed over."""
        last = time.monotonic() + seconds
        while True:
            try:
                news = self._news.get(timeout=min(max(last - time.monotonic(), 0.01), 0.5))
            except queue.Empty:
                if self.process.poll() is None and time.monotonic() < last:
                    continue
                raise AssertionError(f"no {action} within {seconds} s; the log says:\n{self.log()[-4000:]}") from None
            if news["action"] == action and facts.items() <= news.items():
                return news

    def _collect_news(self) -> None:
        while blob := self._live.recv(65_536):
            self._news.put({**json.loads(blob), "at": time.monotonic()})

    def news_so_far(self) -> list[dict[str, Any]]:
        """All that has been told and not been waited for; it is told once."""
        return [self._news.get_nowait() for _ in range(self._news.qsize())]

    def log(self) -> str:
        """What the processes wrote."""
        return (self.home / "log").read_text("utf-8", "replace")

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the journal."""
        database = self.data / "journal.db"
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as connection:
            connection.row_factory = sqlite3.Row
            found = [dict(row) for row in connection.execute(query, values)]
        connection.close()
        return found

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Calls whose Call-ID begins with this name, each with its callback and message, oldest first."""
        return self.rows(
            'SELECT call.*, message.text, message.phone, message.callback_id, callback.number, callback.state '
            'FROM call LEFT JOIN message ON message.id = call.id LEFT JOIN callback ON callback.id = callback_id '
            'WHERE sip_call_id LIKE ? ORDER BY started_at', f"{name}-%",
        )  # fmt: skip

    def closed_call(self, name: str, seconds: float = 25.0) -> dict[str, Any]:
        """The only call of this name, once it is closed."""
        call = eventually(lambda: next((row for row in self.calls(name) if row["ended_at"]), None), seconds)
        assert len(self.calls(name)) == 1
        return call

    def text(self, call_id: str) -> str:
        """What was understood of a call; a recogniser that was not there yet gives it later."""
        query = "SELECT text FROM message WHERE id = ? AND recognised"
        return eventually(lambda: next((str(row["text"]) for row in self.rows(query, call_id)), None), 30)

    def turns(self, call_id: str) -> list[dict[str, Any]]:
        """Who spoke in a call, in order."""
        return self.rows("SELECT * FROM turn WHERE call_id = ? ORDER BY number", call_id)

    def sound(self, call_id: str) -> wav.Sound:
        """The recording of a call."""
        return wav.parse((self.data / "recordings" / f"{call_id}.wav").read_bytes())

    def child(self, words: str) -> int:
        """The process under `ivr serve` whose command line ends so; waited for, should it just restart."""

        def look() -> int | None:
            family = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
            lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0") for pid in family}
            return next((pid for pid, line in lines.items() if " ".join(line).rstrip().endswith(words)), None)

        return eventually(look)

    def pid(self, engine: str) -> int:
        """Process of an engine under `ivr serve`."""
        return self.child(f"engine --number {engine.removeprefix('engine-')}")

    def stop(self) -> int:
        """Ask it to end (SIGTERM); its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(130)

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._live.sendto(b"", self._live.getsockname())  # ends the collecting
        self._live.close()
