"""Tones of the telephone network, made once."""

from __future__ import annotations

import math
import struct
from functools import cache

from ivr.ports import RATE_HZ

_RINGBACK_HZ = 425  # ITU-T E.180, Russia: one second of tone, four of silence
_LEVEL = 4000


@cache
def ringback() -> bytes:
    """What a caller hears while the other side rings: 1 s of 425 Hz, 4 s of silence."""
    tone = [round(_LEVEL * math.sin(2 * math.pi * _RINGBACK_HZ * n / RATE_HZ)) for n in range(RATE_HZ)]
    return struct.pack(f"<{RATE_HZ}h", *tone) + bytes(2 * 4 * RATE_HZ)
