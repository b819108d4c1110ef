"""Where on the recording each word and each fact was said: what a card draws and plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.domain.message import Found, Message
from ivr.domain.turn import Speaker, Turn
from ivr.ports.console import Conversation

_DOUBTFUL = 0.6
_DOUBTFUL_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a turn; `at` is its second of the recording, None where it has no time."""

    text: str
    at: float | None = None
    until: float | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One turn to be read."""

    turn: Turn
    words: Sequence[Word]

    @property
    def at(self) -> float:
        """Its first second."""
        return self.turn.offset

    @property
    def until(self) -> float:
        """Its last."""
        return self.turn.offset + self.turn.seconds


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the recording with its name: a turn, or where a fact was said."""

    kind: str
    start: float
    end: float


def transcript(conversation: Conversation) -> list[Said]:
    """The turns with their words; only the least sure words are marked, one in eight at most."""
    turns = conversation.turns
    known = sorted(word.confidence for turn in turns for word in turn.words)
    limit = min(_DOUBTFUL, known[int(len(known) * _DOUBTFUL_SHARE)]) if known else 0.0
    return [Said(turn, list(_words(turn, limit))) for turn in turns if turn.text or turn.keys or not turn.recognised]


def _words(turn: Turn, limit: float) -> Iterator[Word]:
    if not turn.words:
        yield from (Word(text) for text in turn.text.split())
        return
    for word in turn.words:
        yield Word(word.text, turn.offset + word.start, turn.offset + word.end, word.confidence < limit)


def stretch_of(found: Found, turns: Sequence[Turn], kind: str) -> Stretch | None:
    """Where a fact was said, None when nobody knows."""
    heard = [turn for turn in turns if turn.speaker is Speaker.CALLER]
    if found.turn is None or not 0 <= found.turn < len(heard):
        return None
    turn = heard[found.turn]
    words = turn.words[found.start_word : found.end_word]
    if not words:
        return None
    return Stretch(kind, turn.offset + words[0].start, turn.offset + words[-1].end)


def stretches(message: Message, conversation: Conversation | None) -> dict[str, Stretch]:
    """Where each fact of a message was said, by field."""
    if conversation is None or conversation.call.recording is None:
        return {}
    found = {kind: stretch_of(ground, conversation.turns, kind) for kind, ground in message.found}
    return {kind: stretch for kind, stretch in found.items() if stretch}


def shown(conversation: Conversation, message: Message | None) -> dict[str, Any]:
    """A call as a card shows it: its text, and the stretches that are drawn."""
    found = stretches(message, conversation) if message else {}
    spans = [{"kind": one.kind, "start": round(one.start, 2), "end": round(one.end, 2)} for one in found.values()]
    return {"call": conversation.call, "said": transcript(conversation), "message": message, "spans": spans}
