"""Sounds that the library plays: kept in memory as files, but not for ever."""

from __future__ import annotations

from ivr.adapters.files import wav
from ivr.adapters.sip.sounds import Sounds


def test_the_same_sound_is_written_once_and_the_latest_are_kept() -> None:
    sounds = Sounds()
    said = b"\1\0" * 800
    greeting = sounds.file(said)
    for number in range(600):
        last = sounds.file(number.to_bytes(2, "little") * 800)
        assert sounds.file(said) == greeting
    kept = set(greeting.parent.iterdir())
    assert wav.parse(greeting.read_bytes()).pcm == said
    assert {greeting, last} <= kept
    assert len(kept) == 256
    sounds.close()
    assert not greeting.parent.exists()
