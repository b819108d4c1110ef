"""When a turn of the caller is over (interpretation 8)."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.turn import EndedBy
from ivr.hearing.endpointer import Endpointer
from ivr.hearing.frames import level_db

QUIET, LOUD = -70.0, -25.0


def an_endpointer(**changes: float) -> Endpointer:
    return Endpointer(**{"max_seconds": 90.0, "silence_seconds": 5.0, "patience_seconds": 8.0, **changes})


def heard(ear: Endpointer, level: float, seconds: float, *, grew: bool = False) -> EndedBy | None:
    """Give so much sound of one level; the reason when it ends the turn."""
    for _ in range(round(seconds * 10)):
        if ended := ear.hear(level, text_grew=grew):
            return ended
    return None


def test_silence_from_the_start_ends_the_turn_when_patience_is_over() -> None:
    ear = an_endpointer()
    assert heard(ear, QUIET, 7.9) is None
    assert heard(ear, QUIET, 0.1) is EndedBy.SILENCE
    assert not ear.spoke


def test_five_seconds_of_silence_after_speech_end_the_message() -> None:
    ear = an_endpointer()
    heard(ear, QUIET, 0.5)
    assert heard(ear, LOUD, 2) is None
    assert heard(ear, QUIET, 4.9) is None
    assert heard(ear, QUIET, 0.1) is EndedBy.SILENCE
    assert ear.spoke


def test_a_pause_to_think_does_not_end_the_message() -> None:
    ear = an_endpointer()
    for _ in range(5):
        heard(ear, LOUD, 1)
        assert heard(ear, QUIET, 4) is None


def test_no_message_lasts_longer_than_clause_12_allows() -> None:
    ear = an_endpointer()
    ended = None
    while ended is None:
        ended = ear.hear(LOUD if int(ear.seconds) % 3 else QUIET, text_grew=True)
    assert (ended, ear.seconds) == (EndedBy.TIME, 90.0)


def test_who_speaks_at_once_is_heard_at_once() -> None:
    ear = an_endpointer()
    heard(ear, LOUD, 0.5)
    assert ear.spoke


def test_a_click_is_not_speech() -> None:
    ear = an_endpointer()
    heard(ear, QUIET, 1)
    heard(ear, LOUD, 0.2)
    heard(ear, QUIET, 1)
    assert not ear.spoke


def test_in_a_noisy_room_the_end_of_the_words_ends_the_turn() -> None:
    ear = an_endpointer(silence_seconds=1.0)
    heard(ear, QUIET, 0.5)
    heard(ear, LOUD, 2, grew=True)
    assert heard(ear, LOUD, 1.5) is None
    assert heard(ear, LOUD, 0.6) is EndedBy.SILENCE


@given(st.lists(st.tuples(st.floats(-100, 0), st.booleans()), max_size=1000))
def test_whatever_is_heard_every_turn_ends_in_time(frames: list[tuple[float, bool]]) -> None:
    ear = an_endpointer()
    ends = [ended for level, grew in frames if (ended := ear.hear(level, text_grew=grew))]
    assert len(frames) < 900 or ends


def test_the_level_of_a_full_tone_is_three_decibels_below_full_scale() -> None:
    tone = struct.pack("<800h", *(round(32767 * math.sin(2 * math.pi * n / 16)) for n in range(800)))
    assert level_db(tone) == pytest.approx(-3.0, abs=0.1)


def test_the_level_of_silence_is_a_number() -> None:
    assert level_db(bytes(1600)) < -90
    assert level_db(b"") < -90
