"""Click to call: an attempt made on the line, written down from SIP's own facts (clause 13)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.dialogue.call_back import call_back
from ivr.dialogue.prompts import Prompts
from ivr.domain.attempt import Attempt, Side
from ivr.domain.case import Case
from ivr.domain.dial_plan import DialLimits, may_be_dialled, may_be_rung
from ivr.domain.people import Person
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import CallerHungUp, IvrError, LineError, NotReached, RuleBroken
from ivr.ports import Announce, Dialler, HungUp, Leg, LegEvent, PlaybackEnded, Recognizer, Recordings, TalkBook
from ivr.services.callbacks import CallbackDesk
from ivr.services.desk import FrontDeskLine
from ivr.services.local import Locals
from ivr.services.stereo import StereoRecording
from ivr.services.two_legs import OPERATOR_SECONDS, TwoLegs, outcome_of

log = logging.getLogger(__name__)

_NUMBERS_AT_MOST = 3
_LEGS = 2  # the operator's and the citizen's


@dataclass(slots=True)
class CallOut:
    """Makes attempts on the line.

    Attributes:
        trunk: host and port that citizens are called through, "" when nobody can be called from here.
        talks: where the text of both sides is kept.
        engine: name of this engine, kept with its attempts so that the next start can end what a crash left open.
        per_person, per_day: how many calls one person, and all together, may place in a day.
        locals: voices of other municipalities than the house's own.
    """

    desk: CallbackDesk
    dialler: Dialler
    trunk: str
    say: Prompts
    recognizer: Recognizer
    recordings: Recordings
    talks: TalkBook
    announce: Announce
    engine: str = "engine-1"
    per_person: int = 200
    per_day: int = 1000
    locals: Locals = field(default_factory=dict)

    async def call(self, callback: str, who: Person, telephone: str, number: str = "") -> tuple[AttemptOutcome, Case]:
        """Ring the operator's telephone, then the citizen; the attempt is written whatever happens.

        Args:
            number: one of the citizen's numbers; "": the dictated one, and the caller ID where that is not to be had.

        Raises:
            RuleBroken: not taken, no number, a number that may not be dialled, dialled already, before its window, or
                enough calls for a day.
        """
        case = await self.desk.case(callback)
        numbers, town = self._numbers(case, number), case.callback.municipality
        if not telephone:
            raise RuleBroken("13", "no telephone of this operator is known", "no_phone")
        _refuse_telephone(telephone)
        if self.dialler.free < _LEGS:
            raise RuleBroken("13", "all lines are taken: try again in a minute", "no_free_line")
        attempt = await self.desk.dial(callback, who, numbers[0], self.engine, self._limits())
        line = TwoLegs(
            attempt, self.dialler, telephone, numbers, self.trunk, lambda leg: self._meet(leg, attempt),
            self.desk.clock.now, self.desk.progress,
            lambda step: self.announce("call_out", {"callback": callback, "step": step, "municipality": town}),
        )  # fmt: skip
        outcome = AttemptOutcome.ABANDONED
        try:
            local = self.locals.get(town)
            outcome = await call_back(line, local.say if local else self.say)
        except CallerHungUp:
            outcome = AttemptOutcome.ANSWERED  # he lifted the handset and left during the notice
            if line.line:
                line.line.ended_by = Side.CITIZEN
        finally:
            case = await asyncio.shield(self._written(line, outcome))
        return outcome, case

    def _numbers(self, case: Case, wanted: str) -> Sequence[str]:
        """Whom to ring: numbers that the journal holds for this citizen, and that may be dialled at all."""
        if not self.trunk:
            raise RuleBroken("13", "no line for outgoing calls is set up", "no_trunk")
        known = case.numbers
        if wanted and wanted not in known:
            raise RuleBroken("13", "only numbers that the journal holds for this citizen are dialled", "not_in_journal")
        if not known:
            raise RuleBroken("13", "no number is known: close it with a comment", "no_number")
        allowed = [number for number in ((wanted,) if wanted else known) if may_be_dialled(number)]
        if not allowed:
            raise RuleBroken("13", "this number may not be dialled: only Russian city and mobile ones", "not_in_plan")
        return allowed[:_NUMBERS_AT_MOST]

    def _limits(self) -> DialLimits:
        """A day begins at midnight."""
        local = self.desk.clock.now().astimezone(self.desk.rulebook.calendar.zone)
        midnight = datetime(local.year, local.month, local.day, tzinfo=local.tzinfo)
        return DialLimits(midnight, self.per_person, self.per_day)

    async def _written(self, line: TwoLegs, outcome: AttemptOutcome) -> Case:
        """The attempt is over: its facts, and what was said."""
        attempt = await line.end()
        outcome = AttemptOutcome.ANSWERED if attempt.answered_at else outcome
        if line.line and line.line.turns:
            try:
                await self.talks.keep_talk(attempt.id, line.line.turns)
            except IvrError:  # the recording has it all the same
                log.error("the text of a talk is lost", extra={"action": "talk_lost", "call": attempt.id})
        case = await self.desk.hang_up(attempt, outcome)
        over = {"callback": attempt.callback, "step": "over", "outcome": outcome.value, "failing": str(attempt.failing)}
        self.announce("call_out", {**over, "municipality": case.callback.municipality})
        return case

    async def try_line(self, address: str) -> AttemptOutcome:
        """Ring an address, speak the line's last phrase to whoever answers, and hang up: a trial of the line.

        Raises:
            RuleBroken: this address is not to be rung.
        """
        _refuse_telephone(address)
        try:
            async with asyncio.timeout(OPERATOR_SECONDS):
                leg = await self.dialler.call(address)
        except NotReached as fault:
            return outcome_of(fault.code)
        except TimeoutError:
            return AttemptOutcome.NO_ANSWER
        except LineError:
            return AttemptOutcome.UNAVAILABLE
        playing = leg.play(self.say.goodbye.pcm)
        event: LegEvent | None = None
        while event != PlaybackEnded(playing) and not isinstance(event, HungUp):
            event = await leg.next_event()
        leg.hang_up()
        return AttemptOutcome.ANSWERED

    def _meet(self, leg: Leg, attempt: Attempt) -> FrontDeskLine:
        def tell(action: str, facts: Mapping[str, object]) -> None:
            self.announce(action, {"callback": attempt.callback, **facts})

        return FrontDeskLine(leg, self.recognizer, StereoRecording(self.recordings.create(attempt.id, 2)), tell)


def _refuse_telephone(address: str) -> None:
    if not may_be_rung(address):
        raise RuleBroken("13", "this is no telephone of an operator that may be rung", "not_in_plan")
