"""Any WAV file that people bring made into what a telephone carries: 8,000 Hz, 16 bit, one voice."""

from __future__ import annotations

from typing import Any

import numpy as np

from ivr.adapters.files import wav
from ivr.errors import RuleBroken
from ivr.hearing.frames import level_db
from ivr.ports import RATE_HZ

SHORTEST_SECONDS, LONGEST_SECONDS = 0.3, 120.0
_CLIPPED_SHARE, _LIMIT = 0.001, 0.999
_TOO_QUIET_DB = -45.0
_EDGE_SECONDS = 0.25


def telephone_sound(blob: bytes) -> bytes:
    """PCM of the file.

    Raises:
        RuleBroken: no WAV file, too short, too long, hardly to be heard, or cut off because it was too loud.
    """
    try:
        sound = wav.parse(blob)
    except wav.WavError as fault:
        raise RuleBroken("7", f"this file cannot be used: {fault}", "bad_wav") from fault
    if not SHORTEST_SECONDS <= sound.seconds <= LONGEST_SECONDS:
        raise RuleBroken("7", "too short or too long", "sound_length", seconds=round(sound.seconds, 1))
    voice = _mono(sound)
    if np.mean(np.abs(voice) >= _LIMIT) > _CLIPPED_SHARE:
        raise RuleBroken("7", "too loud: its peaks are cut off", "sound_clipped")
    voice = _resampled(voice, sound.rate_hz)
    pcm = np.round(np.clip(voice, -1, 1) * 32767).astype("<i2").tobytes()
    if level_db(pcm) < _TOO_QUIET_DB:
        raise RuleBroken("7", "hardly anything is heard", "sound_quiet")
    return bytes(pcm)


def _mono(sound: wav.Sound) -> Any:
    """Samples −1..1, the channels together."""
    raw = np.frombuffer(sound.pcm, np.uint8)
    if sound.bits == 8:
        samples = (raw.astype(np.float64) - 128) / 128
    elif sound.bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = raw.reshape(-1, 3)
        samples = wide.view("<i4").reshape(-1) / 2**31
    else:
        samples = np.frombuffer(sound.pcm, f"<i{sound.bits // 8}") / 2 ** (sound.bits - 1)
    return samples.reshape(-1, sound.channels).mean(axis=1)


def _resampled(voice: Any, rate_hz: int) -> Any:
    """At 8,000 Hz: the spectrum cut at 4,000 Hz. Silence around it, so that its ends do not fold into each other."""
    if rate_hz == RATE_HZ:
        return voice
    edge = round(_EDGE_SECONDS * rate_hz)
    padded = np.pad(voice, edge)
    count = round(len(padded) * RATE_HZ / rate_hz)
    spectrum = np.fft.rfft(padded)
    kept = np.zeros(count // 2 + 1, complex)
    common = min(len(spectrum), len(kept))
    kept[:common] = spectrum[:common]
    made = np.fft.irfft(kept, count) * count / len(padded)
    start = round(_EDGE_SECONDS * RATE_HZ)
    return made[start : start + round(len(voice) * RATE_HZ / rate_hz)]
