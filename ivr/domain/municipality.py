"""The municipalities that are served: whose helpline was dialled, when it is staffed, who answers it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.dial_plan import same_number


@dataclass(frozen=True, slots=True)
class Municipality:
    """Whose line was dialled.

    Attributes:
        key: short Latin name used in settings and rows.
        title: full name as reports print it.
        calendar: its own hours, local days and time zone (clause 8).
        numbers: dialled numbers that belong to it; empty = every number.
        overflow_numbers: extensions to which the PBX sends whom no operator answered.
        operators: SIP addresses that are rung for it.
    """

    key: str
    title: str
    calendar: WorkingCalendar
    numbers: tuple[str, ...] = ()
    overflow_numbers: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()

    def is_dialled(self, number: str) -> bool:
        """This number is one of its own, however it is written."""
        return any(same_number(number, own) for own in (*self.numbers, *self.overflow_numbers))

    def is_overflow(self, number: str) -> bool:
        """The PBX sends whom no operator answered to this extension."""
        return any(same_number(number, own) for own in self.overflow_numbers)


@dataclass(frozen=True, slots=True)
class Municipalities:
    """All that are served here.

    Attributes:
        served: at least one; the first answers for calls that dialled no known number.
    """

    served: tuple[Municipality, ...]

    def __post_init__(self) -> None:
        if not self.served:
            raise ValueError("nobody is served")

    @property
    def first(self) -> Municipality:
        """The one that answers for the unknown."""
        return self.served[0]

    def named(self, key: str) -> Municipality:
        """The one with this key; the first for a key of old rows that is served no longer."""
        return next((one for one in self.served if one.key == key), self.first)

    def dialled(self, number: str) -> Municipality | None:
        """Whose number was dialled; None: nobody's."""
        return next((one for one in self.served if one.is_dialled(number)), None)
