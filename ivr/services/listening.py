"""Hearing recordings: piece by piece, and each piece that leaves the house is written down by its seconds (152-FZ)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.consent import WithheldRecording
from ivr.errors import JournalError, RecordingsAway, RuleBroken
from ivr.hearing.peaks import peaks
from ivr.ports import RATE_HZ, Recordings
from ivr.ports.console import Conversations, Owner
from ivr.services.audit import AccessLog

PIECE_BYTES = 256 * 1024
"""No answer is longer (16 s of one voice): memory is bounded, and the log knows what was heard, not what was cached."""

_HEADER_BYTES = 44
_CHANNELS_AT = 22
_PEAKS_A_SECOND, _PEAKS_AT_MOST = 20, 6000
_SHAPES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes [start, end) of a WAV file of `size` bytes."""

    content: bytes
    start: int
    end: int
    size: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a waveform is drawn from.

    Attributes:
        seconds: length.
        channels: peaks of each channel, 0..1: the citizen, then the operator.
    """

    seconds: float
    channels: Sequence[Sequence[float]]


@dataclass(slots=True)
class Listening:
    """The archive of voices, for somebody who is signed in."""

    recordings: Recordings
    conversations: Conversations
    log: AccessLog
    _shapes: OrderedDict[tuple[str, int], Shape] = field(default_factory=OrderedDict)

    async def piece(self, actor: Actor, recording: str, start: int = 0, end: int | None = None) -> Piece:
        """Bytes of the file from `start` on, at most `PIECE_BYTES`; negative: so many from the end.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such recording in this town, or nothing proves that its citizen knew of it.
            ValueError: the file ends before `start`.
        """
        owner = await self._owner(actor, recording)
        size = await self._size(recording)
        start = max(0, size + start) if start < 0 else start
        if start >= size:
            raise ValueError("the recording ends before that")
        last = min(size if end is None else end, size, start + PIECE_BYTES)
        content = await asyncio.to_thread(self.recordings.piece, recording, start, last - start)
        rate = 2 * RATE_HZ * await self._channels(recording)
        seconds = "-".join(f"{max(0, at - _HEADER_BYTES) / rate:.1f}" for at in (start, last))
        facts = {"seconds": seconds} | ({"callback": owner.callback} if owner.callback else {})
        await self.log.note(actor, Deed.HEAR, Thing.RECORDING, recording, facts)
        return Piece(content, start, start + len(content), size)

    async def shape(self, actor: Actor, recording: str) -> Shape:
        """What its waveform is drawn from.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such recording in this town, or nothing proves that its citizen knew of it.
        """
        await self._owner(actor, recording)
        size = await self._size(recording)
        known = self._shapes.get((recording, size))
        if known is None:
            channels = await self._channels(recording)
            known = await asyncio.to_thread(self._draw, recording, channels)
            self._shapes[recording, size] = known
            while len(self._shapes) > _SHAPES_KEPT:
                self._shapes.popitem(last=False)
        return known

    def _draw(self, recording: str, channels: int) -> Shape:
        sounds = [self.recordings.read(recording, channel) for channel in range(channels)]
        seconds = len(sounds[0]) / 2 / RATE_HZ
        count = min(max(1, round(seconds * _PEAKS_A_SECOND)), _PEAKS_AT_MOST)
        return Shape(seconds, [peaks(sound, count) for sound in sounds])

    async def _owner(self, actor: Actor, recording: str) -> Owner:
        actor.require(Deed.HEAR, Thing.RECORDING)
        owner = await self.conversations.owner(recording)
        if owner is None or not actor.sees(owner.municipality):
            raise RuleBroken("6.3", "there is no such recording", "unknown_recording")
        if owner.proof.lacks:
            raise RuleBroken("7", "nothing proves that the citizen was told of the recording", "recording_withheld")
        return owner

    async def withheld(self, actor: Actor, limit: int = 200) -> Sequence[WithheldRecording]:
        """Recordings that nobody hears, since nothing proves that the citizen knew of them; the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.RECORDING)
        await self.log.note_once(actor, Deed.LIST, Thing.RECORDING)
        return await self.conversations.unproven(actor.account.municipality, limit)

    async def _size(self, recording: str) -> int:
        try:
            return await asyncio.to_thread(self.recordings.size, recording)
        except RecordingsAway:
            raise
        except JournalError as fault:
            raise RuleBroken("6.3", "there is no such recording", "unknown_recording") from fault

    async def _channels(self, recording: str) -> int:
        head = await asyncio.to_thread(self.recordings.piece, recording, 0, _HEADER_BYTES)
        return 2 if head[_CHANNELS_AT : _CHANNELS_AT + 2] == b"\2\0" else 1
