"""Speech synthesis for prompts, by whatever free synthesizer is installed; neither demo nor service needs one."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.errors import SettingsError
from ivr.ports import RATE_HZ

FREE_VOICES = ("anna", "elena", "irina", "aleksandr", "aleksandr-hq")
"""RHVoice's voices under LGPL-2.1+ or CC BY-SA 4.0; the others may not be redistributed."""

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """One installed voice."""

    name: str
    speak: Callable[[str], bytes]


def find_synthesizer(voice: str = "anna") -> Synthesizer:
    """The best one installed: RHVoice, else espeak-ng.

    Raises:
        SettingsError: none is installed, or the voice is not free to redistribute.
    """
    if voice not in FREE_VOICES:
        raise SettingsError(f"voice {voice}: only {', '.join(FREE_VOICES)} may be redistributed")
    if shutil.which("RHVoice-test"):
        return Synthesizer(f"rhvoice-{voice}", lambda text: _run_rhvoice(voice, text))
    if shutil.which("espeak-ng"):
        return Synthesizer("espeak-ng", _run_espeak)
    raise SettingsError("no synthesizer is installed: apt-get install espeak-ng, or rhvoice with rhvoice-russian")


def _run_rhvoice(voice: str, text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        command = ["RHVoice-test", "-p", voice, "-r", "92", "-o", str(path)]
        subprocess.run(command, input=text.encode(), check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
        return to_telephone(path.read_bytes())


def _run_espeak(text: str) -> bytes:
    command = ["espeak-ng", "-v", "ru", "-s", "145", "--stdout", text]
    made = subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
    return to_telephone(made.stdout)


def to_telephone(file: bytes) -> bytes:
    """A mono 16-bit WAV of any rate as PCM at 8,000 Hz, band-limited first so that nothing folds back."""
    with wave.open(io.BytesIO(file)) as sound:
        rate = sound.getframerate()
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)
    if rate != RATE_HZ and len(pcm):
        spectrum = np.fft.rfft(pcm)
        spectrum[np.fft.rfftfreq(len(pcm), 1 / rate) > 0.47 * RATE_HZ] = 0
        pcm = np.fft.irfft(spectrum, len(pcm))
        places = np.arange(0, len(pcm) - 1, rate / RATE_HZ)
        pcm = np.interp(places, np.arange(len(pcm)), pcm)
    return np.clip(np.round(pcm), -32768, 32767).astype("<i2").tobytes()
