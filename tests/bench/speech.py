"""The recogniser: seconds of processor per second of speech.

Bare Vosk is one process with a thread for each caller, fed 100 ms at a time, as its own examples do: as fast as it
can, and then in real time, as callers speak. Ours hears as many callers at once in real time over its socket; what its
whole process used is divided by all the speech it heard. Both use the model of the settings. Decoding in real time
costs more than decoding in a row, for the caches are cold each time: so like is compared with like.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ivr.adapters.files import wav
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.speech.client import VoskRecognizer
from ivr.ports import FRAME_BYTES, FRAME_SECONDS
from tests.recogniser_process import RecogniserProcess

STREAMS = (1, 8, 50)
SPEECH_SECONDS = 24.0
_BARE = """
import json, sys, time, wave
from concurrent.futures import ThreadPoolExecutor
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
model_path, callers, paced, *paths = sys.argv[1:]
began = time.perf_counter()
model = Model(model_path)
loaded = time.perf_counter() - began
sounds = []
for path in paths:
    with wave.open(path) as file:
        sounds.append(file.readframes(file.getnframes()))
def hear(pcm):
    recogniser = KaldiRecognizer(model, 8000)
    recogniser.SetWords(True)
    found, begun = [], time.perf_counter()
    for number, at in enumerate(range(0, len(pcm), 1600)):
        if recogniser.AcceptWaveform(pcm[at : at + 1600]):
            found.append(json.loads(recogniser.Result())["text"])
        else:
            recogniser.PartialResult()
        if int(paced):
            time.sleep(max(begun + (number + 1) * 0.1 - time.perf_counter(), 0))
    found.append(json.loads(recogniser.FinalResult())["text"])
    return " ".join(text for text in found if text)
def caller(number):
    time.sleep(number * 0.37 % 3 if int(paced) else 0)
    return [hear(pcm) for pcm in sounds]
before = time.process_time()
with ThreadPoolExecutor(int(callers)) as pool:
    texts = list(pool.map(caller, range(int(callers))))[0]
cpu, speech = time.process_time() - before, sum(map(len, sounds)) / 16000
print(json.dumps({"cpu": cpu / int(callers) / speech, "speech": speech, "loaded": loaded, "texts": texts}))
"""


def files() -> list[Path]:
    """Sample callers, as many as make the wanted length."""
    chosen: list[Path] = []
    seconds = 0.0
    for path in sorted((project_root() / "audio" / "samples").glob("*.wav")):
        if seconds < SPEECH_SECONDS:
            chosen.append(path)
            seconds += wav.parse(path.read_bytes()).seconds
    return chosen


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Resident memory of a process at its largest."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def _caller(recogniser: VoskRecognizer, sounds: list[bytes], delay: float) -> tuple[list[str], list[float]]:
    """Say everything in real time; the texts, and how long each was waited for after its last sound."""
    await asyncio.sleep(delay)
    texts, waits = [], []
    for pcm in sounds:
        stream, begun = recogniser.stream(), time.perf_counter()
        for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
            stream.feed(pcm[at : at + FRAME_BYTES])
            await asyncio.sleep(max(begun + (number + 1) * FRAME_SECONDS - time.perf_counter(), 0))
        ended = time.perf_counter()
        texts.append((await stream.finish()).text)
        waits.append(time.perf_counter() - ended)
    return texts, waits


async def _ours(process: RecogniserProcess, streams: int, sounds: list[bytes]) -> tuple[float, list[list[str]], float]:
    """Processor seconds, texts of each caller, and the 95th percentile of the waits."""
    recogniser = VoskRecognizer(str(process.socket), finish_seconds=30)
    before = cpu_seconds(process.process.pid)
    callers = [_caller(recogniser, sounds, number * 0.37 % 3) for number in range(streams)]
    answers = await asyncio.gather(*callers)
    used = cpu_seconds(process.process.pid) - before
    await recogniser.close()
    waits = sorted(wait for _, each in answers for wait in each)
    return used, [texts for texts, _ in answers], waits[int(len(waits) * 0.95)]


def _bare(model: Path, paths: list[Path], callers: int, *, paced: bool) -> dict[str, Any]:
    """What bare Vosk needs."""
    command = [sys.executable, "-c", _BARE, str(model), str(callers), str(int(paced)), *map(str, paths)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def run() -> str:
    """The table."""
    model, paths = Settings().model, files()
    flat_out = _bare(model, paths, 1, paced=False)
    rows = [f"| 1, as fast as it can | {flat_out['cpu']:.4f} | | | | |"]
    sounds = [wav.parse(path.read_bytes()).pcm for path in paths]
    with tempfile.TemporaryDirectory() as folder:
        process = RecogniserProcess(Path(folder, "speech.sock"), model)
        asyncio.run(_ours(process, 1, sounds[:1]))  # warm
        for streams in STREAMS:
            bare = _bare(model, paths, streams, paced=True)
            used, texts, wait = asyncio.run(_ours(process, streams, sounds))
            share = used / (bare["speech"] * streams)
            same = sum(text == bare["texts"] for text in texts)
            facts = (f"{bare['cpu']:.4f}", f"{share:.4f}", f"{share / bare['cpu']:.2f}", f"{wait * 1000:.0f}")
            rows.append(f"| {streams} | {' | '.join(facts)} | {same} of {streams} |")
            if streams == 1:
                small = megabytes(process.process.pid)
        large = megabytes(process.process.pid)
        process.stop()
    return "\n".join(
        [
            f"Model {model.name}; {flat_out['speech']:.0f} s of speech in {len(paths)} files. The model loads in "
            f"{flat_out['loaded']:.2f} s; our process is {small:.0f} MB with one caller, {large:.0f} MB with "
            f"{STREAMS[-1]} at its largest. Processor seconds per second of speech:",
            "",
            "| callers at once | bare Vosk | ours | ours ÷ bare | text waited for, p95 ms | same text |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )
