"""One running service for all peers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop import sound
from tests.interop.service import REPOSITORY, Service, chatter, make_home


@pytest.fixture(autouse=True)
def _sipp_is_installed(request: pytest.FixtureRequest) -> None:
    if shutil.which("sipp") is None:
        pytest.skip("sipp is not installed (Debian: apt-get install sip-tester)")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole product: recogniser and one engine; calls of up to 6 s, no RTP for 2 s ends a call."""
    home = make_home(tmp_path_factory.mktemp("service"))
    with Service(home, phone="no_media_seconds = 2.0", command="serve") as running:
        yield running


@pytest.fixture(scope="session")
def chatter_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of what is taken for speech, raw A-law."""
    path = tmp_path_factory.mktemp("sound") / "chatter.al"
    path.write_bytes(sound.alaw(chatter(10.0)))
    return path


@pytest.fixture(scope="session")
def speech_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence about water, raw A-law, followed by silence."""
    path = tmp_path_factory.mktemp("sound") / "water.al"
    spoken = sound.read_wav(REPOSITORY / "tests" / "data" / "said_water.wav")
    path.write_bytes(sound.alaw(bytes(8000) + spoken + bytes(16000 * 20)))
    return path
