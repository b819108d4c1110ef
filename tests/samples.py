"""Invented calls, messages and promises for the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from ivr.domain.calendar import Hours, WorkingCalendar
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback
from ivr.domain.contact import PersonName, PhoneNumber
from ivr.domain.message import Message
from ivr.domain.regulation import Regulation
from ivr.domain.turn import Speaker, Turn

FRIDAY_NIGHT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 23:00 in Moscow
RULES = Regulation()
CALENDAR = WorkingCalendar(
    {**{day: Hours(time(9), time(18)) for day in range(1, 5)}, 5: Hours(time(9), time(17))},
)


def a_call(number: int, started_at: datetime = FRIDAY_NIGHT) -> Call:
    """An after-hours call; the number makes its id."""
    return Call(
        id=f"{number:032x}", municipality="demo", started_at=started_at, mode=Mode.AFTER_HOURS,
        answered_at=started_at + timedelta(seconds=1), engine="engine-1",
    )  # fmt: skip


def ended(call: Call) -> Call:
    """The same call a minute later."""
    return replace(
        call, ended_at=call.started_at + timedelta(minutes=1), end=CallEnd.COMPLETED,
        recording=call.id, recording_seconds=42.5,
    )  # fmt: skip


def a_message(call: Call, phone: str = "", **facts: Any) -> Message:
    """What the caller left."""
    message = Message(
        id=call.id, municipality=call.municipality, received_at=call.started_at, topic="hot_water",
        topics=(("hot_water", 0.91),), name=PersonName("Иванова", "Мария", "Петровна"),
        phone=PhoneNumber(phone) if phone else None, caller_number=call.caller_number,
        text="нет горячей воды", edition="2024-12-24",
    )  # fmt: skip
    return replace(message, **facts)


def a_callback(message: Message) -> Callback:
    """The promise of clause 13."""
    return Callback.promised(message, CALENDAR, RULES)


def turns() -> list[Turn]:
    """A short conversation."""
    return [
        Turn(1, Speaker.ASSISTANT, 0.0, 4.2, "Здравствуйте!", prompt="after_hours_greeting"),
        Turn(2, Speaker.CALLER, 4.2, 6.0, "нет горячей воды", keys="1#"),
    ]


class SetClock:
    """The port `Clock`: stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it is set to."""
        return self.moment

    def pass_minutes(self, minutes: float) -> None:
        """Let time go by."""
        self.moment += timedelta(minutes=minutes)
