"""What is handed out for systemd and for containers is what systemd and this product understand."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ivr.adapters.watchdog import watched
from ivr.cli.child import PARTS

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DEPLOY = REPOSITORY / "config" / "deploy"
UNITS = ("ivr-engine@1.service", "ivr-recogniser@1.service", "ivr-web.service", "ivr-timetable.service")
EXPOSURE = 15  # tenths, of 100: what systemd calls OK
ALONE = 40


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they are installed, over this interpreter."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("UNITS NOT TESTED: systemd-analyze is not installed")
    shutil.copytree(DEPLOY / "systemd", tmp_path, dirs_exist_ok=True)
    shutil.copy(DEPLOY / "ivr.service", tmp_path)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            text = re.sub(r"/opt/ivr/\.venv/bin/\w+", sys.executable, file.read_text("utf-8"))
            file.write_text(text.replace("file:///opt/ivr", f"file://{REPOSITORY}"), "utf-8")
    return tmp_path


def _analyze(units: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}
    return subprocess.run(
        ["systemd-analyze", "--no-pager", "--man=no", *words],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("unit", [*UNITS, "ivr.service", "ivr.target"])
def test_systemd_finds_no_mistake(units: Path, unit: str) -> None:
    found = _analyze(units, "verify", unit)
    assert (found.returncode, found.stderr) == (0, "")


def test_systemd_finds_mistakes_where_there_are_some(units: Path) -> None:
    (units / "ivr-web.service").write_text("[Service]\nExecStart=relative/path\nNonsense=1\n", "utf-8")
    found = _analyze(units, "verify", "ivr-web.service")
    assert found.returncode != 0 or found.stderr


def test_a_recogniser_on_a_machine_of_its_own(units: Path) -> None:
    (units / "ivr-recogniser@.service.d").mkdir()
    shutil.move(units / "network.conf", units / "ivr-recogniser@.service.d")
    found = _analyze(units, "verify", "ivr-recogniser@2700.service")
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize(("unit", "most"), [*((unit, EXPOSURE) for unit in UNITS), ("ivr.service", ALONE)])
def test_a_process_may_do_little(units: Path, unit: str, most: int) -> None:
    found = _analyze(units, "security", "--offline=true", f"--threshold={most}", unit)
    assert found.returncode == 0, found.stdout


def test_every_unit_and_every_container_starts_a_part_that_there_is() -> None:
    started = set()
    for unit in (DEPLOY / "systemd").glob("ivr-*.service"):
        (part,) = re.findall(r"^ExecStart=\S+ -m ivr\.cli\.child (\w+)", unit.read_text("utf-8"), re.MULTILINE)
        started.add(part)
    assert started == set(PARTS)
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    ours = [service["command"] for service in compose["services"].values() if service["image"] == "ivr"]
    assert {command[0] for command in ours} == set(PARTS)
    numbers = [command[2] for command in ours if command[0] == "engine"]
    assert len(numbers) == len(set(numbers)) > 1
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source = str(volume).partition(":")[0]
            assert source.startswith("/") or source in compose["volumes"] or (DEPLOY / source).exists()


async def test_systemd_hears_that_a_process_works(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)

        async def work() -> list[bytes]:
            return [await asyncio.to_thread(systemd.recv, 100) for _ in range(3)]

        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        assert await watched(work(), environment) == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


async def test_outside_systemd_nothing_is_sent_and_the_work_is_done() -> None:
    async def work() -> int:
        return 5

    assert await watched(work(), {}) == 5
