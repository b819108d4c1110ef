"""`ivr evaluate --audio`: measures a speech model on recordings, over the same road that calls take."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

from ivr.adapters.files.samples import clipped, read_listing, read_sounds
from ivr.adapters.files.ui import words
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.speech.model import check_model
from ivr.errors import SettingsError, SpeechError
from ivr.language.understanding import Understanding
from ivr.services.evaluation_audio import Attempt, Sample, folded, score

_NOT_SLOTS = {"file", "text", "asked", "voice"}
_START_SECONDS = 60.0
_BYTES_PER_SECOND = 16000


def evaluate_recordings(
    model: Path, directory: Path, understanding: Understanding, *, as_json: bool, errors: bool
) -> None:
    """Print the figures of a model on the recordings of a directory.

    Raises:
        SettingsError: the model or the recordings cannot be used; every mistake is named.
        SpeechError: the recogniser broke.
    """
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words("evaluate.progress"), total=None)
        attempts, cost = asyncio.run(
            _attempts(model, directory, lambda done, of: bar.update(task, completed=done, total=of))
        )
    figures = _figures(model, directory, attempts, cost, understanding)
    typer.echo(json.dumps(figures, ensure_ascii=False)) if as_json else _show(figures)
    if errors:
        _show_errors(attempts, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What the recogniser process took."""

    cpu_seconds: float
    load_seconds: float
    megabytes: float
    clipped: tuple[str, ...]


async def _attempts(
    model: Path, directory: Path, on_progress: Callable[[int, int], object]
) -> tuple[list[Attempt], _Cost]:
    check_model(model)
    rows = read_listing(directory)
    sounds = read_sounds(directory, [row["file"] for row in rows])
    attempts = []
    with tempfile.TemporaryDirectory() as scratch:
        async with _Recogniser(model, Path(scratch) / "speech.sock") as recogniser:
            before = recogniser.cpu_seconds()
            for done, row in enumerate(rows, start=1):
                pcm = sounds[row["file"]]
                heard = await recogniser.client.transcribe(pcm)
                attempts.append(Attempt(_sample(row), heard.words, len(pcm) / _BYTES_PER_SECOND))
                on_progress(done, len(rows))
            cpu = recogniser.cpu_seconds() - before
            cost = _Cost(cpu, recogniser.load_seconds, recogniser.megabytes(), tuple(sorted(clipped(sounds))))
    return attempts, cost


def _figures(
    model: Path, directory: Path, attempts: Sequence[Attempt], cost: _Cost, understanding: Understanding
) -> dict[str, Any]:
    figures = score(attempts, lambda text, asked: understanding(text, asked=asked))
    return {
        "model": model.resolve().name,
        "audio": directory.resolve().name,
        **figures,
        "real_time_factor": round(cost.cpu_seconds / figures["seconds"], 4),
        "load_seconds": round(cost.load_seconds, 2),
        "recogniser_megabytes": cost.megabytes,
        "clipped": list(cost.clipped),
    }


def _show(figures: dict[str, Any]) -> None:
    typer.echo(words("evaluate.audio_figures", **figures))
    if figures["invented_words_per_minute"] is not None:
        typer.echo(words("evaluate.invented", invented=figures["invented_words_per_minute"]))
    typer.echo(words("evaluate.cost", **figures))
    for slot, found in figures["slots"].items():
        if found["said"]:
            typer.echo(words("evaluate.slot", slot=slot, **found))
    typer.echo(words("evaluate.curve"))
    for one in figures["confidence"]:
        if one["words"]:
            typer.echo(words("evaluate.bin", low=one["from"], high=one["to"], right=one["right"], words=one["words"]))
    if figures["clipped"]:
        typer.echo(words("evaluate.clipped", names=", ".join(figures["clipped"])))


def _show_errors(attempts: Sequence[Attempt], *, as_json: bool) -> None:
    for attempt in attempts:
        heard = [word.text for word in attempt.words]
        if folded(attempt.sample.text) != folded(" ".join(heard)):
            typer.echo(attempt.sample.file, err=as_json)
            typer.echo(words("evaluate.heard", said=attempt.sample.text, heard=" ".join(heard)), err=as_json)


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
