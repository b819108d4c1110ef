"""Admission: who is answered, and by which of the line's voices (clauses 7, 12, 14). Pure: no clock, no sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Invite, Mode
from ivr.domain.municipality import Municipality


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this call.

    Attributes:
        mode: the voice that meets the caller.
        why: code of the reason, shown as "why this mode now".
    """

    municipality: Municipality
    mode: Mode
    why: str


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules of admission.

    Attributes:
        has_operators: somebody can be rung in working hours.
        forced_mode: answer so whatever the hour (a line that serves after hours only; the demo).
    """

    municipalities: Sequence[Municipality]
    calendar: WorkingCalendar
    forced_mode: Mode | None = None
    has_operators: bool = False

    def decide(self, invite: Invite, now: datetime) -> Answer:
        """Which municipality is meant and who answers. An unknown dialled number belongs to the first municipality."""
        municipality = next((m for m in self.municipalities if invite.dialled in m.numbers), self.municipalities[0])
        if self.forced_mode:
            return Answer(municipality, self.forced_mode, "settings")
        if self.calendar.is_open(now):
            if invite.diversion:
                return Answer(municipality, Mode.OVERFLOW, "diverted")
            if self.has_operators:
                return Answer(municipality, Mode.FRONT_DESK, "open")
            return Answer(municipality, Mode.OVERFLOW, "no_operators")
        local = now.astimezone(self.calendar.zone).date()
        rule = self.calendar.days.get(local)
        return Answer(municipality, Mode.AFTER_HOURS, rule.reason if rule and not rule.hours else "closed")
