"""The front desk in working hours: notice, ring the operators, let the two talk (clauses 7, 10, 11, 14)."""

from __future__ import annotations

from ivr.dialogue.draft import Draft, understand_reply
from ivr.dialogue.prompts import Prompts
from ivr.dialogue.take_message import take_message
from ivr.domain.call import Mode
from ivr.domain.regulation import Regulation
from ivr.language.understanding import Understanding
from ivr.ports import DeskLine


async def front_desk(line: DeskLine, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    """Connect the caller with an operator; when nobody is free, or the caller presses 0, take his message. When the
    operator's telephone falls silent, the others are rung.

    Raises:
        CallerHungUp: from any line below; the call then counts as lost and is called back (clause 14).
    """
    await line.play(say.recording_notice)
    draft.notified = True
    line.record()
    await line.play(say.connecting, until_key=True)
    while await line.ring(max_seconds=rules.ring_seconds):
        for reply in await line.talk():
            draft.hear(reply, understand_reply(understand, reply))
        if not line.lost_operator:
            return
        await line.play(say.reconnecting, until_key=True)
    draft.mode, draft.wants_callback = Mode.OVERFLOW, line.wants_callback
    await take_message(line, say, understand, rules, draft)
