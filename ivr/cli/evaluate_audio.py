"""`ivr evaluate --audio`: measures a speech model on recordings, over the same road that calls take."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ivr.adapters.files.samples import clipped, read_listing, read_sounds
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.speech.model import check_model
from ivr.errors import SettingsError, SpeechError
from ivr.language.understanding import Understanding
from ivr.services.evaluation_audio import Attempt, Sample, score

_NOT_SLOTS = {"file", "text", "asked", "voice"}
_START_SECONDS = 60.0
_BYTES_PER_SECOND = 16000


async def evaluate_audio(
    model: Path,
    directory: Path,
    understanding: Understanding,
    on_progress: Callable[[int, int], object] = lambda *_: None,
) -> dict[str, Any]:
    """The figures of a model on the recordings of a directory, ready for JSON.

    Args:
        model: any Vosk model.
        directory: recordings and their transcripts.jsonl.
        understanding: finds the slots.
        on_progress: told how many recordings of how many are done.

    Raises:
        SettingsError: the model or the recordings cannot be used; every mistake is named.
        SpeechError: the recogniser broke.
    """
    facts = check_model(model)
    rows = read_listing(directory)
    sounds = read_sounds(directory, [row["file"] for row in rows])
    attempts = []
    with tempfile.TemporaryDirectory() as scratch:
        async with _Recogniser(model, Path(scratch) / "speech.sock") as recogniser:
            cpu_before = recogniser.cpu_seconds()
            for done, row in enumerate(rows, start=1):
                pcm = sounds[row["file"]]
                heard = await recogniser.client.transcribe(pcm)
                attempts.append(Attempt(_sample(row), heard.words, len(pcm) / _BYTES_PER_SECOND))
                on_progress(done, len(rows))
            cpu = recogniser.cpu_seconds() - cpu_before
            megabytes, load_seconds = recogniser.megabytes(), recogniser.load_seconds
    figures = score(attempts, lambda text, asked: understanding(text, asked=asked))
    return {
        "model": facts.name,
        "audio": directory.name,
        **figures,
        "real_time_factor": round(cpu / figures["seconds"], 4),
        "load_seconds": round(load_seconds, 2),
        "recogniser_megabytes": megabytes,
        "clipped": sorted(clipped(sounds)),
    }


def _sample(row: dict[str, str]) -> Sample:
    expected = {key: value for key, value in row.items() if key not in _NOT_SLOTS}
    return Sample(row["file"], row["text"], expected, row.get("asked", ""))


class _Recogniser:
    """The recogniser process for one measurement, with one decoding thread; Kaldi may end it, but never us."""

    def __init__(self, model: Path, socket: Path) -> None:
        self._command = [sys.executable, "-m", "ivr.adapters.speech.server", "--model", str(model)]
        self._command += ["--socket", str(socket), "--threads", "1"]
        self._socket = socket
        self.client = VoskRecognizer(str(socket), finish_seconds=30)
        self.load_seconds = 0.0

    async def __aenter__(self) -> _Recogniser:
        began = time.monotonic()
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdout=quiet, stderr=asyncio.subprocess.PIPE
        )
        while not self._socket.exists():
            if self._process.returncode is not None or time.monotonic() - began > _START_SECONDS:
                raise SettingsError(f"the recogniser did not start: {await self._last_words()}")
            await asyncio.sleep(0.02)
        if not await self.client.healthy(_START_SECONDS):
            raise SpeechError("the recogniser does not answer")
        self.load_seconds = time.monotonic() - began
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.communicate()

    async def _last_words(self) -> str:
        if self._process.returncode is None:
            self._process.kill()
        _, said = await self._process.communicate()
        return said.decode(errors="replace").strip()[-500:]

    def cpu_seconds(self) -> float:
        """Processor time that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """The most memory that the process has used."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return round(int(kilobytes) / 1024, 1)
