"""How loud a frame of sound is."""

from __future__ import annotations

import numpy as np

SILENCE_DB = -96.0


def level_db(pcm: bytes) -> float:
    """Loudness of 16-bit sound, dB relative to full scale (RMS); digital silence is -96 dB."""
    if len(pcm) < 2:
        return SILENCE_DB
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float64)
    samples -= samples.mean()
    power = float(np.mean(samples * samples))
    if power < 1.0:
        return SILENCE_DB
    return float(10 * np.log10(power / 32768.0**2))
