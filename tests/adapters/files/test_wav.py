"""WAV files as bytes."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.files import wav


@given(st.binary(max_size=4000).map(lambda pcm: pcm[: len(pcm) & ~1]))
def test_a_written_file_is_read_back_by_us_and_by_the_standard_library(pcm: bytes) -> None:
    blob = wav.write(pcm)
    assert wav.parse(blob) == wav.Sound(pcm)
    with wave.open(io.BytesIO(blob)) as theirs:
        assert theirs.getparams()[:4] == (1, 2, 8000, len(pcm) // 2)
        assert theirs.readframes(theirs.getnframes()) == pcm


@given(st.binary(max_size=300))
def test_any_bytes_are_either_sound_or_a_wav_error(blob: bytes) -> None:
    for candidate in (blob, b"RIFF\0\0\0\0WAVE" + blob, wav.header(100)[: len(blob) % 45] + blob):
        try:
            wav.parse(candidate)
        except wav.WavError as error:
            assert str(error)


def test_other_chunks_and_stereo_are_understood() -> None:
    form = struct.pack("<HHIIHH", 1, 2, 22050, 88200, 4, 16)
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"fmt " + struct.pack("<I", 16) + form
    blob = b"RIFF\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", 0xFFFFFFFF) + b"12345678" + b"9"
    sound = wav.parse(blob)
    assert sound == wav.Sound(b"12345678", 22050, 2, 16)
    assert sound.seconds == pytest.approx(2 / 22050)


@pytest.mark.parametrize(
    ("blob", "why"),
    [
        (b"", "not a WAV"),
        (b"OggS" + bytes(100), "not a WAV"),
        (wav.header(0)[:36], "no sound"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "before its format"),
        (b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 6, 1, 8000, 8000, 1, 8), "coded"),
        (b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 9, 8000, 8000, 1, 16), "9 channels"),
    ],
)
def test_an_error_says_why_a_file_cannot_be_used(blob: bytes, why: str) -> None:
    with pytest.raises(wav.WavError, match=why):
        wav.parse(blob)


@given(st.integers(0, 44), st.integers(0, 5000), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_header_of_ours_with_any_lengths_cut_anywhere_is_mended(kept: int, data: int, riff: int, size: int) -> None:
    whole = wav.header(data)
    head = (whole[:4] + struct.pack("<I", riff) + whole[8:40] + struct.pack("<I", size))[:kept]
    file_bytes = kept + data if kept == wav.HEADER_BYTES else kept
    mended = wav.mended_header(head, file_bytes)
    right = mended if mended is not None else head
    assert right == wav.header(max(0, file_bytes - wav.HEADER_BYTES) & ~1)


def test_zeros_left_by_a_power_cut_are_mended_and_foreign_files_are_not() -> None:
    assert wav.mended_header(bytes(44), 44 + 3201) == wav.header(3200)
    assert wav.mended_header(wav.header(3200), 44 + 3201) is None
    for foreign in (b"PK\3\4" + bytes(40), wav.header(0, 16000), b"not sound"):
        with pytest.raises(wav.WavError):
            wav.mended_header(foreign, len(foreign))
