"""The shape of a sound for the eye: its loudest moments, a few a second."""

from __future__ import annotations

import numpy as np


def peaks(pcm: bytes, count: int) -> list[float]:
    """The loudest sample of each of `count` equal parts, 0..1; 16-bit little-endian mono sound."""
    samples = np.frombuffer(pcm[: len(pcm) - len(pcm) % 2], "<i2")
    if not len(samples) or count < 1:
        return []
    count = min(count, len(samples))
    edges = np.linspace(0, len(samples), count, endpoint=False).astype(np.int64)
    loud = np.maximum.reduceat(np.abs(samples.astype(np.int32)), edges)
    return [round(float(value) / 32768, 3) for value in loud]
