"""The memory layouts of pjsua2's wrapper that the engine relies upon, asked of the build that is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.sip

PROBE = """
import os
import pjsua2 as pj
from ivr.adapters.sip import native
endpoint = pj.Endpoint()
endpoint.libCreate()
assert native.shorten_timers(), "timers not found"
assert native.fits(pj.Call(pj.Account()), pj.ByteVector()), "another layout"
numbers = pj.ByteVector()
assert native.vector_bytes(numbers) == b""
for n in range(256):
    numbers.append(n)
assert native.vector_bytes(numbers) == bytes(range(256))
assert native.capacity() >= 4
print("fits", flush=True)
os._exit(0)
"""


def test_the_installed_build_is_the_one_the_engine_knows() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=30, check=False)
    assert "fits" in done.stdout, done.stderr
