"""`ivr serve web` as a process: it answers, shows the first start, ends when asked."""

from __future__ import annotations

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

from ivr.adapters.files.ui import words


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


def test_a_port_that_is_taken_is_the_installers_to_mend(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = _settings(tmp_path, taken.getsockname()[1])
        command = [sys.executable, "-m", "ivr.cli.main", "--config", str(config), "serve", "web"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "web.port" in done.stderr


@pytest.mark.parametrize("part", ["nonsense"])
def test_an_unknown_part_is_refused(tmp_path: Path, part: str) -> None:
    command = [sys.executable, "-m", "ivr.cli.main", "--config", str(_settings(tmp_path, 1)), "serve", part]
    assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 2
