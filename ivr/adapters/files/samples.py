"""Recordings with transcripts, as `ivr evaluate --audio` reads them: WAV files and `transcripts.jsonl` in a directory.

    {"file": "001.wav", "text": "what is said", "phone": "+79000000000", "surname": ..., "asked": "phone"}

Only `file` and `text` are needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ivr.adapters.files import wav
from ivr.errors import SettingsError

LISTING = "transcripts.jsonl"
_LONGEST_SECONDS = 600
_CLIPPED_SHARE = 0.01


def read_listing(directory: Path) -> list[dict[str, str]]:
    """The lines of the listing.

    Raises:
        SettingsError: every line that cannot be read, with its number.
    """
    path = directory / LISTING
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: cannot be read: {fault}") from fault
    rows: list[dict[str, str]] = []
    mistakes = []
    for number, line in enumerate(text.splitlines(), start=1):
        row = _row(line)
        if row is None:
            mistakes.append(f"{path}:{number}: a JSON object with the texts `file` and `text` is needed")
        else:
            rows.append(row)
    if mistakes or not rows:
        raise SettingsError(mistakes or f"{path}: nothing is listed")
    return rows


def _row(line: str) -> dict[str, str] | None:
    try:
        row: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not {"file", "text"} <= set(row):
        return None
    return {str(key): str(value) for key, value in row.items()}


def read_sounds(directory: Path, names: list[str]) -> dict[str, bytes]:
    """PCM of the recordings, by file name.

    Raises:
        SettingsError: every file that is missing or is not 16-bit mono sound at 8 kHz of up to ten minutes.
    """
    sounds: dict[str, bytes] = {}
    mistakes = []
    for name in names:
        try:
            sounds[name] = _telephone_sound(wav.parse((directory / name).read_bytes()))
        except OSError as fault:
            mistakes.append(f"{directory / name}: {fault.strerror}")
        except wav.WavError as fault:
            mistakes.append(f"{directory / name}: {fault}")
    if mistakes:
        raise SettingsError(mistakes)
    return sounds


def _telephone_sound(sound: wav.Sound) -> bytes:
    if (sound.rate_hz, sound.channels, sound.bits) != (wav.RATE_HZ, 1, 16):
        form = f"{sound.channels} channel(s) of {sound.bits} bits at {sound.rate_hz} Hz"
        raise wav.WavError(f"{form}; one channel of 16 bits at {wav.RATE_HZ} Hz is needed")
    if not sound.pcm:
        raise wav.WavError("there is no sound in it")
    if sound.seconds > _LONGEST_SECONDS:
        raise wav.WavError(f"{sound.seconds:.0f} s long; at most {_LONGEST_SECONDS} s")
    return sound.pcm


def clipped(sounds: dict[str, bytes]) -> Iterator[str]:
    """Names of the recordings that were taken too loud: a hundredth of their samples is at the limit."""
    for name, pcm in sounds.items():
        samples = memoryview(pcm).cast("h")
        loud = sum(1 for sample in samples if sample in (-32768, 32767))
        if loud > _CLIPPED_SHARE * len(samples):
            yield name
