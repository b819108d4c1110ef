"""When somebody is on duty: the week, local days, orders about single days (clauses 8, 12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.calendar import DayRule, Deadline, Hours, Order
from ivr.domain.card import Rulebook
from ivr.errors import RuleBroken, SettingsError
from ivr.ports import Clock
from ivr.ports.house import HouseBook, OrderBook
from ivr.services.audit import AccessLog

CLOSED = "closed"
_WHY_AT_MOST = 200
_FAR = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar.

    Attributes:
        hours: None: closed.
        rule: what makes it differ from its weekday, None: nothing.
    """

    day: date
    hours: Hours | None
    rule: DayRule | None
    order: Order | None = None


@dataclass(slots=True)
class WorkingHours:
    """The working calendar, looked at and changed.

    Attributes:
        rulebook: as it is now.
    """

    book: HouseBook
    orders: OrderBook
    log: AccessLog
    clock: Clock
    rulebook: Callable[[], Rulebook]

    def week(self, actor: Actor) -> Mapping[str, str]:
        """Hours by weekday, "monday" first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.CALENDAR)
        return self.book.week()

    def local_days(self, actor: Actor) -> Mapping[str, str]:
        """Local days that people have set, by date.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.CALENDAR)
        return self.book.days()

    def days(self, actor: Actor, first: date, count: int) -> Sequence[Day]:
        """So many days from the first, as they will be worked.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.CALENDAR)
        calendar, orders = self.rulebook().calendar, self.orders.orders()
        days = (first + timedelta(days=ahead) for ahead in range(count))
        return [Day(day, calendar.hours(day), calendar.days.get(day), orders.get(day)) for day in days]

    def deadline(self, actor: Actor, called_at: datetime) -> Deadline:
        """By when somebody who calls at this moment is called back, and why (clause 13).

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.CALENDAR)
        book = self.rulebook()
        return book.calendar.callback_deadline(called_at, book.rules)

    async def set_week(self, actor: Actor, week: Mapping[str, str]) -> None:
        """When somebody is on duty (clause 8).

        Raises:
            Forbidden: not for this role.
            RuleBroken: they are no hours, or no day is left.
        """
        actor.require(Deed.MANAGE, Thing.CALENDAR)
        await self.log.note(actor, Deed.MANAGE, Thing.CALENDAR, "week")
        try:
            self.book.change_week(actor.account.name, week)
        except SettingsError as fault:
            raise RuleBroken("8", str(fault), "bad_hours") from fault

    async def set_local_day(self, actor: Actor, day: date, hours: str | None) -> None:
        """A day that differs every time it is looked at: "closed", hours, or None: as its weekday.

        Raises:
            Forbidden: not for this role.
            RuleBroken: they are no hours.
        """
        actor.require(Deed.MANAGE, Thing.CALENDAR)
        await self.log.note(actor, Deed.MANAGE, Thing.CALENDAR, f"day {day}")
        days = {known: kept for known, kept in self.book.days().items() if known != day.isoformat()}
        try:
            self.book.change_days(actor.account.name, days | ({day.isoformat(): hours} if hours else {}))
        except SettingsError as fault:
            raise RuleBroken("8", str(fault), "bad_day_hours") from fault

    async def order(self, actor: Actor, day: date, hours: str, why: str) -> None:
        """Order a day closed, or open with these hours; who and why stand beside it.

        Raises:
            Forbidden: not for this role.
            RuleBroken: no reason, no hours, or the day is over or too far away.
        """
        actor.require(Deed.MANAGE, Thing.CALENDAR)
        why = " ".join(why.split())
        if not why or len(why) > _WHY_AT_MOST:
            raise RuleBroken("8", "say why", "needs_why")
        self._refuse_past(day)
        await self.log.note(actor, Deed.MANAGE, Thing.CALENDAR, f"order {day}", {"hours": hours[:20]})
        at = self.clock.now().replace(microsecond=0)
        try:
            self.orders.keep(day, Order(hours, actor.account.name, why, at))
        except SettingsError as fault:
            raise RuleBroken("8", str(fault), "bad_day_hours") from fault

    async def undo(self, actor: Actor, day: date) -> None:
        """Take an order back.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is none about this day.
        """
        actor.require(Deed.MANAGE, Thing.CALENDAR)
        if day not in self.orders.orders():
            raise RuleBroken("8", "there is no order about this day", "unknown_order")
        await self.log.note(actor, Deed.MANAGE, Thing.CALENDAR, f"undo {day}")
        self.orders.keep(day, None)

    def _refuse_past(self, day: date) -> None:
        today = self.clock.now().astimezone(self.rulebook().calendar.zone).date()
        if not today <= day <= today + _FAR:
            raise RuleBroken("8", "an order is about today or a day of the next two years", "day_out_of_reach")
