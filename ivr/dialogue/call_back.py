"""Calling a citizen back: the operator's telephone first, then the citizen's, the notice, the talk (clauses 7, 13)."""

from __future__ import annotations

from ivr.dialogue.prompts import Prompts
from ivr.domain.vocabulary import AttemptOutcome
from ivr.ports import CallBackLine


async def call_back(line: CallBackLine, say: Prompts) -> AttemptOutcome:
    """One attempt; how it ended is what the line says of it, never what somebody types."""
    if not await line.ring_operator():
        return AttemptOutcome.ABANDONED
    outcome = await line.ring_citizen()
    if outcome is AttemptOutcome.ANSWERED:
        await line.play(say.recording_notice)
        line.record()
        await line.talk()
    return outcome
