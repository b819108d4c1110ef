"""A short code dialled from an operator's telephone: on shift, away, off (clause 9); it is confirmed by a phrase."""

from __future__ import annotations

import logging

from ivr.dialogue.prompts import Prompts
from ivr.domain.presence import Told
from ivr.errors import IvrError, JournalError
from ivr.ports import HungUp, Leg, PlaybackEnded
from ivr.services.admission import ShortCode
from ivr.services.presence import Shift

log = logging.getLogger(__name__)


async def heed(leg: Leg, code: ShortCode, shift: Shift, say: Prompts) -> bool:
    """Keep what the operator says of himself and confirm it; False when it could not be kept. No fault escapes."""
    try:
        await leg.answer()
    except IvrError:
        leg.hang_up()
        return False
    try:
        await shift.mark(code.municipality.key, code.who, code.state, Told.CODE)
        kept, phrase = True, say.presence(code.state)
    except JournalError as fault:
        log.error("presence not kept", extra={"action": "presence_failed", "why": type(fault).__name__})
        kept, phrase = False, say.presence_failed
    number = leg.play(phrase.pcm)
    while (event := await leg.next_event()) != PlaybackEnded(number):
        if isinstance(event, HungUp):
            return kept
    leg.hang_up()
    return kept
