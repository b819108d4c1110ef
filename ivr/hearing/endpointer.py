"""Endpointing: when the caller has begun to speak, and when he has finished (interpretation 8).

Time is counted in frames of 100 ms, never by a clock, so a turn ends at the same place in a test and on the line.
Two witnesses are heard: the level of the sound against the line's own noise, and the growth of the recogniser's text.
"""

from __future__ import annotations

from collections import deque

from ivr.domain.turn import EndedBy

_FRAMES_PER_SECOND = 10
_NOISE_FRAMES = 30  # the quietest of the last 3 s is the line's noise
_ABOVE_NOISE_DB = 9.0  # speech stands at least this far above the noise
_ASSUMED_NOISE_DB = -45.0  # until the line's own noise is known: who speaks at once is heard at once
_AUDIBLE_DB = -48.0  # below this nothing counts as speech, however quiet the line
_ONSET_FRAMES = 3  # a click is shorter than 0.3 s; a "yes" is not
_NOISY_FACTOR = 2  # in a noisy room the text decides: this many times the silence without a new word


class Endpointer:
    """Decides, frame by frame, when one turn of the caller is over.

    Args:
        max_seconds: the turn never lasts longer (clause 12: 90 s).
        silence_seconds: silence after speech that ends the turn.
        patience_seconds: how long speech may take to begin.
    """

    def __init__(self, *, max_seconds: float, silence_seconds: float, patience_seconds: float) -> None:
        self._max_frames = round(max_seconds * _FRAMES_PER_SECOND)
        self._silence_frames = round(silence_seconds * _FRAMES_PER_SECOND)
        self._patience_frames = round(patience_seconds * _FRAMES_PER_SECOND)
        self._levels: deque[float] = deque([_ASSUMED_NOISE_DB] * _NOISE_FRAMES, maxlen=_NOISE_FRAMES)
        self._frames = 0
        self._run = 0  # frames of sound in a row
        self._quiet = 0  # frames since the last sound of speech
        self._wordless = 0  # frames since the text last grew
        self._spoke = False
        self._words = False

    @property
    def spoke(self) -> bool:
        """Sound like speech was heard in this turn."""
        return self._spoke

    @property
    def seconds(self) -> float:
        """Length of the turn so far."""
        return self._frames / _FRAMES_PER_SECOND

    def hear(self, level_db: float, *, text_grew: bool = False) -> EndedBy | None:
        """Take one frame in; the reason when it ends the turn.

        Args:
            level_db: loudness of the frame.
            text_grew: the recogniser's text has become longer since the frame before.
        """
        self._frames += 1
        self._levels.append(level_db)
        sounds = level_db > max(_AUDIBLE_DB, min(self._levels) + _ABOVE_NOISE_DB)
        self._run = self._run + 1 if sounds else 0
        if text_grew:
            self._words = True
        if text_grew or self._run >= _ONSET_FRAMES:
            self._spoke = True
        self._quiet = 0 if sounds or text_grew else self._quiet + 1
        self._wordless = 0 if text_grew else self._wordless + 1
        return self._verdict()

    def _verdict(self) -> EndedBy | None:
        if self._frames >= self._max_frames:
            return EndedBy.TIME
        if not self._spoke:
            return EndedBy.SILENCE if self._frames >= self._patience_frames else None
        if self._quiet >= self._silence_frames:
            return EndedBy.SILENCE
        if self._words and self._wordless >= self._silence_frames * _NOISY_FACTOR:
            return EndedBy.SILENCE
        return None
