"""Sound as telephones carry it (ITU-T G.711)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ivr.adapters.files import wav


def alaw(pcm: bytes) -> bytes:
    """PCM as G.711 A-law."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    sign = np.where(samples >= 0, 0x80, 0)
    size = np.minimum(np.where(samples >= 0, samples, -samples - 1) >> 3, 4095)
    segment = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(np.int32) - 4, 0)
    step = np.where(segment > 0, size >> segment, size >> 1) & 0x0F
    return bytes(((sign | segment << 4 | step) ^ 0x55).astype(np.uint8).tobytes())


def read_wav(path: Path) -> bytes:
    """The PCM of a file."""
    return wav.parse(path.read_bytes()).pcm
