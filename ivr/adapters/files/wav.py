"""WAV files as bytes: written, read, and mended when whoever wrote them was killed. Touches no disk."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER_BYTES = 44
RATE_HZ = 8000
BYTES_PER_SECOND = RATE_HZ * 2

_PCM = 1
_EXTENSIBLE = 0xFFFE
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_CHANNELS_AT = 22
_MOST_DATA = 0xFFFFFFFF - HEADER_BYTES


class WavError(ValueError):
    """The bytes are no WAV file that can be used; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a WAV file holds.

    Attributes:
        pcm: samples, little-endian, channels interleaved; an incomplete last one is left out.
        rate_hz: samples per second.
        channels: 1 mono, 2 stereo.
        bits: size of a sample.
    """

    pcm: bytes
    rate_hz: int = RATE_HZ
    channels: int = 1
    bits: int = 16

    def channel(self, number: int) -> bytes:
        """One channel's samples (16-bit), 0 the left one; a mono sound has only that."""
        if self.channels == 1:
            return self.pcm if number == 0 else b""
        one = bytearray(len(self.pcm) // 2)
        one[0::2], one[1::2] = self.pcm[2 * number :: 4], self.pcm[2 * number + 1 :: 4]
        return bytes(one)

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.pcm) / (self.rate_hz * self.channels * self.bits // 8)


def header(data_bytes: int, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    """The first 44 bytes of a file with so many bytes of 16-bit sound."""
    data_bytes, sample = min(data_bytes, _MOST_DATA), 2 * channels
    return _HEADER.pack(
        b"RIFF", data_bytes + 36, b"WAVE", b"fmt ", 16, _PCM, channels, rate_hz, rate_hz * sample, sample, 16,
        b"data", data_bytes,
    )  # fmt: skip


def channels_of(head: bytes) -> int:
    """How many channels a recording of ours has; one where its header was lost."""
    return 2 if head[_CHANNELS_AT : _CHANNELS_AT + 2] == b"\2\0" else 1


def write(pcm: bytes, rate_hz: int = RATE_HZ) -> bytes:
    """A whole file of 16-bit mono sound."""
    return header(len(pcm), rate_hz) + pcm


def parse(blob: bytes) -> Sound:
    """What a file holds, whoever wrote it; lengths that promise more than there is are taken for what there is.

    Raises:
        WavError: not a WAV file, not PCM, or its sound is missing.
    """
    if len(blob) < 12 or blob[:4] != b"RIFF" or blob[8:12] != b"WAVE":
        raise WavError("not a WAV file")
    form: tuple[int, int, int] | None = None
    at = 12
    while at + 8 <= len(blob):
        name, size = struct.unpack_from("<4sI", blob, at)
        at += 8
        if name == b"fmt ":
            form = _read_format(blob[at : at + size])
        elif name == b"data":
            if form is None:
                raise WavError("the sound comes before its format")
            return _cut(blob[at : at + size], *form)
        at += size + size % 2
    raise WavError("there is no sound in it")


def _read_format(chunk: bytes) -> tuple[int, int, int]:
    if len(chunk) < 16:
        raise WavError("its format is cut short")
    code, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if code == _EXTENSIBLE and len(chunk) >= 26:
        (code,) = struct.unpack_from("<H", chunk, 24)
    if code != _PCM:
        raise WavError(f"its sound is coded (format {code}); PCM is needed")
    if channels not in (1, 2) or bits not in (8, 16, 24, 32) or not 1000 <= rate_hz <= 384000:
        raise WavError(f"{channels} channels of {bits} bits at {rate_hz} Hz cannot be used")
    return rate_hz, channels, bits


def _cut(pcm: bytes, rate_hz: int, channels: int, bits: int) -> Sound:
    whole = len(pcm) - len(pcm) % (channels * bits // 8)
    return Sound(pcm[:whole], rate_hz, channels, bits)


def mended_header(head: bytes, file_bytes: int) -> bytes | None:
    """The right header for a recording of ours that was cut short, or None when it is right as it is.

    A kill leaves lengths that are too small; a power cut may leave nothing of the header, zeros, or more zeros than
    sound. The sound begins at byte 44 in any case, because only `header` begins our recordings.

    Args:
        head: the first 44 bytes, fewer when the file is shorter.
        file_bytes: size of the file.

    Raises:
        WavError: this is not a recording of ours.
    """
    channels = channels_of(head)
    sound = max(0, file_bytes - HEADER_BYTES)
    right = header(sound - sound % (2 * channels), channels=channels)
    if head == right and file_bytes >= HEADER_BYTES:
        return None
    lost = not head.strip(b"\0")
    ours = len(head) < HEADER_BYTES and right.startswith(head[:4]) and _same_but_lengths(head, right)
    if lost or ours or (len(head) == HEADER_BYTES and _same_but_lengths(head, right)):
        return right
    raise WavError("not a recording of this archive")


def _same_but_lengths(head: bytes, right: bytes) -> bool:
    """Equal but for the two lengths (bytes 4-7 and 40-43), as far as the head goes."""
    return all(a == b for at, (a, b) in enumerate(zip(head, right, strict=False)) if not (4 <= at < 8 or 40 <= at < 44))
