"""Synthetic speakers: text in, 8 kHz sound out. Only the free voices are trained on; the others only test."""

from __future__ import annotations

import io
import math
import random
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

RATE = 8000
_PATIENCE_SECONDS = 600
Sound = npt.NDArray[np.int16]

# LGPL-2.1-or-later; aleksandr-hq CC BY-SA 4.0; espeak-ng GPL-3.
FREE_RHVOICE = ("aleksandr", "anna", "elena", "irina", "aleksandr-hq")
ESPEAK = tuple(
    f"ru+{variant}"
    for variant in "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 adam Alex Alicia Andrea Andy anika antonio Annie belinda "
    "benjamin caleb david edward grandma grandpa Henrique Hugo iven john kaukovalta linda Lee max miguel norbert "
    "rob robert sandro shelby steph travis victor".split()
)
# CC BY-NC-ND 4.0 (festival's BSD-like voice is kept apart on purpose): never trained on.
UNSEEN_RHVOICE = ("tatiana", "vitaliy", "yuriy", "pavel", "mikhail", "victoria", "arina", "artemiy", "evgeniy-rus")
UNSEEN_FESTIVAL = "msu_ru_nsh_clunits"
# A human being, CC BY 3.0 (asterisk-core-sounds-ru-wav): never trained on.
PROMPTS = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is spoken.

    Attributes:
        engine: rhvoice, espeak or festival.
        voice: the engine's name of it.
        rate: per cent of the voice's usual speed.
        pitch: per cent of its usual pitch.
    """

    engine: str
    voice: str
    rate: int = 100
    pitch: int = 100


def speak(text: str, manner: Manner) -> Sound:
    """The text in this manner.

    Raises:
        RuntimeError: the engine is missing or failed; names the Debian package.
    """
    try:
        engine = {"rhvoice": _rhvoice, "espeak": _espeak, "festival": _festival}[manner.engine]
        sound, rate = _parsed(engine(text, manner))
    except FileNotFoundError as error:
        packages = "rhvoice rhvoice-russian espeak-ng festival"
        raise RuntimeError(f"{error.filename} is missing: apt install {packages}") from error
    common = math.gcd(rate, RATE)
    resampled = resample_poly(sound.astype(np.float32), RATE // common, rate // common)
    return np.clip(np.round(resampled), -32768, 32767).astype(np.int16)


def free_manner(chance: random.Random, engine: str) -> Manner:
    """One of the free voices, with a speed and a pitch of its own."""
    if engine == "rhvoice":
        return Manner(engine, chance.choice(FREE_RHVOICE), chance.randint(80, 175), chance.randint(80, 128))
    return Manner(engine, chance.choice(ESPEAK), chance.randint(70, 130), chance.randint(50, 160))


def punctuated(text: str, chance: random.Random) -> str:
    """The text with commas and an end, so that the melody of the voices varies."""
    words = text.split()
    commas = [word + ("," if chance.random() < 0.12 else "") for word in words[:-1]]
    return " ".join([*commas, words[-1]]) + chance.choice((".", ".", ".", "?", "!", ""))


def _run(command: Sequence[str], text: str) -> bytes:
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"{command[0]} hangs; run the recipe again, it goes on from here") from late
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _rhvoice(text: str, manner: Manner) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        speed, pitch = str(manner.rate), str(manner.pitch)
        _run(["RHVoice-test", "-p", manner.voice, "-r", speed, "-t", pitch, "-o", str(path)], text)
        return path.read_bytes()


def _espeak(text: str, manner: Manner) -> bytes:
    speed, pitch = str(int(165 * manner.rate / 100)), str(min(99, manner.pitch // 2))
    return _run(["espeak-ng", "-v", manner.voice, "-s", speed, "-p", pitch, "--stdin", "--stdout"], text)


def _festival(text: str, manner: Manner) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        _run(["text2wave", "-o", str(path), "-eval", f"(voice_{manner.voice})"], text)
        return path.read_bytes()


def _parsed(data: bytes) -> tuple[npt.NDArray[Any], int]:
    """Samples and rate; the lengths in the header of a piped file are not to be believed."""
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
    start = data.index(b"data") + 8
    return np.frombuffer(data[start : start + (len(data) - start) // 2 * 2], "<i2"), rate
