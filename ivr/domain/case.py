"""All that the journal knows of one promise."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.attempt import Attempt
from ivr.domain.callback import Callback, Move
from ivr.domain.message import Message


@dataclass(frozen=True, slots=True)
class Case:
    """A promise with its messages, attempts and steps, each oldest first."""

    callback: Callback
    messages: tuple[Message, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    moves: tuple[Move, ...] = ()

    @property
    def latest(self) -> Message | None:
        """The message that came last: the words the operator reads first."""
        return self.messages[-1] if self.messages else None
