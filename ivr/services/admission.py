"""Admission: who is answered, and by which of the line's voices (clauses 7, 9, 12, 14). Pure: no clock, no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Invite, Mode
from ivr.domain.municipality import Municipalities, Municipality
from ivr.domain.presence import Presence
from ivr.domain.traffic import Verdict

_DECLINE, _BUSY, _FORBIDDEN = 603, 486, 403
_RETRY_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this call.

    Attributes:
        mode: the voice that meets the caller.
        why: code of the reason, shown as "why this mode now"; a remark may follow it, "open,unknown_number".
        marked: so many calls came from this number that its rows are marked (fault F19).
    """

    municipality: Municipality
    mode: Mode
    why: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse this call with a SIP status and, where given, Retry-After (RFC 3261 §20.33)."""

    municipality: Municipality
    why: str
    status: int
    retry_after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class ShortCode:
    """An operator's telephone has dialled a short code (clause 9)."""

    municipality: Municipality
    who: str
    state: Presence


Decision = Answer | Refuse | ShortCode


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else holds at the moment of a call.

    Attributes:
        present: operators at their place; None: nobody keeps count.
        free_legs: legs left to ring operators with; None: as many as one likes.
        verdict: what the traffic of the last minutes says of the caller.
    """

    present: int | None = None
    free_legs: int | None = None
    verdict: Verdict = field(default_factory=Verdict)


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules of admission.

    Attributes:
        forced_mode: answer so whatever the hour (a line that serves after hours only; the demo).
        operators_at_least: fewer at their place ring for nobody (clause 9).
        codes: short codes and what they say of who dials them.
        telephones: operators by the extension of their telephone: nobody else's short codes are heeded.
    """

    municipalities: Municipalities
    forced_mode: Mode | None = None
    operators_at_least: int = 2
    codes: Mapping[str, Presence] = field(default_factory=dict)
    telephones: Mapping[str, str] = field(default_factory=dict)

    def decide(self, invite: Invite, now: datetime, holds: Circumstances = Circumstances()) -> Decision:
        """Which municipality is meant, whether the call is answered, and by whom. An unknown dialled number belongs to
        the first municipality: nobody is turned away for a mistake of the exchange."""
        known = next((one for number in invite.numbers if (one := self.municipalities.dialled(number))), None)
        municipality = known or self.municipalities.first
        if code := next((number for number in invite.numbers if number in self.codes), None):
            return self._short_code(invite, municipality, self.codes[code])
        if holds.verdict.refused:
            return _refusal(municipality, holds.verdict)
        mode, why = self._mode(municipality, invite, now, holds)
        unknown = known is None and bool(municipality.numbers)
        return Answer(municipality, mode, f"{why},unknown_number" if unknown else why, holds.verdict.marked)

    def _short_code(self, invite: Invite, municipality: Municipality, state: Presence) -> Decision:
        who = self.telephones.get(invite.caller_extension)
        if who is None:
            return Refuse(municipality, "unknown_telephone", _FORBIDDEN)
        return ShortCode(municipality, who, state)

    def _mode(self, whose: Municipality, invite: Invite, now: datetime, holds: Circumstances) -> tuple[Mode, str]:
        if self.forced_mode:
            return self.forced_mode, "settings"
        if not whose.calendar.is_open(now):
            return Mode.AFTER_HOURS, why_closed(whose.calendar, now)
        if invite.overflowed:
            return Mode.OVERFLOW, f"diverted_{invite.diverted_because}"
        if any(whose.is_overflow(number) for number in invite.numbers):
            return Mode.OVERFLOW, "overflow_number"
        if not whose.operators:
            return Mode.OVERFLOW, "no_operators"
        if holds.present is not None and holds.present < self.operators_at_least:
            return Mode.OVERFLOW, "few_operators"
        if holds.free_legs is not None and holds.free_legs < 1:
            return Mode.OVERFLOW, "no_leg"
        return Mode.FRONT_DESK, "open"


def _refusal(municipality: Municipality, verdict: Verdict) -> Refuse:
    """A robot is told not to come again, who comes in a crowd to come a little later."""
    if verdict.refused == "too_many":
        return Refuse(municipality, verdict.refused, _BUSY, _RETRY_AFTER_SECONDS)
    return Refuse(municipality, verdict.refused, _DECLINE)


def why_closed(calendar: WorkingCalendar, now: datetime) -> str:
    """Code of the reason why nobody works at this moment."""
    local = now.astimezone(calendar.zone)
    hours, rule = calendar.hours(local.date()), calendar.days.get(local.date())
    if hours is None:
        return rule.reason if rule else "weekend"
    return "before_opening" if local.time() < hours.opens else "after_closing"
