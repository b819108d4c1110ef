"""The end of a call: its row is closed, a call is promised, or the operator has a card to fill in (clauses 12–15)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.dialogue.draft import Draft, draft_from_turns
from ivr.dialogue.prompts import notice_heard
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback
from ivr.domain.message import Message
from ivr.domain.municipality import Municipalities
from ivr.domain.regulation import Regulation
from ivr.domain.turn import Speaker, Turn
from ivr.domain.vocabulary import Status
from ivr.errors import IvrError, RecordingsAway
from ivr.language.understanding import Understanding
from ivr.ports import RATE_HZ, Announce, Clock, Journal, Recordings
from ivr.services.local import Locals

log = logging.getLogger(__name__)

_UNHEARD_SECONDS = 0.3  # a shorter rest of a recording holds no word


def blank_card(call: Call, edition: str) -> Message:
    """The card of a call that has just come in: the rest is heard, or written by an operator."""
    return Message(
        call.id, call.municipality, call.started_at, caller_number=call.caller_number, edition=edition,
        operator=call.operator or None, status=Status.IN_WORK if call.operator else Status.NEW,
    )  # fmt: skip


def was_talk(call: Call) -> bool:
    """An operator has held the conversation to its end; nobody is to be called back."""
    return bool(call.operator) and call.mode is not Mode.OVERFLOW


@dataclass(slots=True)
class Closing:
    """Closes calls.

    Attributes:
        edition: edition of the vocabularies rows are written under.
        locals: words of other municipalities than the house's own.
    """

    journal: Journal
    municipalities: Municipalities
    rules: Regulation
    understand: Understanding
    clock: Clock
    announce: Announce
    edition: str = ""
    locals: Locals = field(default_factory=dict)

    def draft(self, call: Call) -> Draft:
        """What is known of a call that has just come in."""
        calendar = self.municipalities.named(call.municipality).calendar
        due = calendar.callback_deadline(call.started_at, self.rules).at.astimezone(calendar.zone)

        async def promised(number: str) -> datetime | None:
            known = await self.journal.promised(call.municipality, number)
            if known is None:
                return None
            return known.astimezone(calendar.zone) if known > self.clock.now() else due

        return Draft(due=due, caller_number=call.caller_number, mode=call.mode, promised=promised)

    async def close(self, call: Call, turns: Sequence[Turn], draft: Draft) -> None:
        """The row, its message, and the promise or the case that follows from it, in one transaction."""
        message = draft.seal(call, self.edition)
        case: Callback | None = None
        if was_talk(call):
            message = replace(message, operator=call.operator, status=Status.IN_WORK)
            case = Callback.spoken(message, call.operator, self.rules)
        elif draft.can_be_called or draft.spoke:
            case = Callback.promised(message, self.municipalities.named(call.municipality).calendar, self.rules)
        await self.journal.close(call, turns, message, case)
        facts = {"call": call.id, "end": str(call.end), "turns": len(turns), "municipality": call.municipality}
        self.announce("call_ended", facts)
        log.info("call closed", extra={"action": "call_closed", "call": call.id, "end": str(call.end)})

    async def recover(self, engine: str, recordings: Recordings) -> int:
        """Close what a killed engine left open: recordings mended, rows closed, callbacks promised. Done at start.

        A call has lasted as long as what is left of it, not until this start.
        """
        seconds = recordings.repair()
        unfinished = await self.journal.unfinished(engine)
        for call, turns in unfinished:
            known = seconds[call.id] if call.id in seconds else _length(recordings, call)
            length, kept = known or 0.0, list(turns)
            heard = max((turn.offset + turn.seconds for turn in kept if turn.speaker is Speaker.CALLER), default=0.0)
            if length - heard > _UNHEARD_SECONDS and not call.operator:
                kept.append(Turn(len(kept) + 1, Speaker.CALLER, heard, length - heard, recognised=False))
            lasted = max([length, *(turn.offset + turn.seconds for turn in kept)])
            answered = call.answered_at or (call.started_at if lasted else None)
            over = (answered or call.started_at) + timedelta(seconds=lasted)
            closed = replace(
                call, answered_at=answered, ended_at=min(max(over, call.operator_at or over), self.clock.now()),
                end=CallEnd.INTERRUPTED, recording=None if known == 0 else call.id, recording_seconds=length,
                notice_seconds=notice_heard(kept),
            )  # fmt: skip
            local = self.locals.get(call.municipality)
            understand = local.understand if local else self.understand
            await self.close(closed, kept, draft_from_turns(self.draft(call), kept, understand))
        return len(unfinished)


def _length(recordings: Recordings, call: Call) -> float | None:
    """Seconds of its recording; None: the store is away, so it may be there."""
    try:
        return len(recordings.read(call.id)) / 2 / RATE_HZ
    except RecordingsAway:
        return None
    except IvrError:
        return 0.0
