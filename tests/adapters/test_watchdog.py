"""A process that hangs ends itself, whatever it hangs in."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

BEGINNING = """
import asyncio, itertools, time
from ivr.adapters.watchdog import end_when_stuck
answers = {answers}
async def works():
    return next(answers)
async def main():
    guard = asyncio.create_task(end_when_stuck(works, 1.0, 0.1))
    await asyncio.sleep(0.5)
    {hang}
asyncio.run(main())
print("came to its end")
"""


def run(answers: str, hang: str) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.monotonic()
    command = [sys.executable, "-c", BEGINNING.format(answers=answers, hang=hang)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done, time.monotonic() - began


@pytest.mark.parametrize(
    ("answers", "hang"),
    [
        pytest.param("itertools.repeat(True)", "time.sleep(30)", id="the event loop stands still"),
        pytest.param(
            "itertools.chain([True, True], itertools.repeat(False))", "await asyncio.sleep(30)", id="a thread says so"
        ),
    ],
)
def test_a_process_that_hangs_ends_and_says_where(answers: str, hang: str) -> None:
    done, seconds = run(answers, hang)
    assert done.returncode == 1
    assert "main" in done.stderr or "run_forever" in done.stderr
    assert seconds < 20


def test_a_process_that_works_is_left_alone() -> None:
    done, _ = run("itertools.repeat(True)", "await asyncio.sleep(3)")
    assert (done.returncode, done.stdout) == (0, "came to its end\n")
