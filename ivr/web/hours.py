"""Hours and calendar: the week, local days, «closed today», and what follows from them (clauses 8, 12, 13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import RuleBroken
from ivr.services.hours import CLOSED, Day
from ivr.web.moments import day_of
from ivr.web.rules import needs
from ivr.web.settings import settings_page
from ivr.web.visit import Known, Visit

router = APIRouter()

Line = Annotated[str, Form(max_length=200)]
_WEEKS = 6
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SAID = ("week", "day", "order", "undone")


@router.get("/settings/hours")
@needs(Deed.VIEW, Thing.CALENDAR)
async def hours(visit: Known, said: str = "", from_day: str = "") -> Response:
    """The whole page."""
    return _page(visit, said=said, from_day=from_day)


@router.post("/settings/hours/week")
@needs(Deed.MANAGE, Thing.CALENDAR)
async def set_week(visit: Known) -> Response:
    """Keep the hours of the week; an empty day is closed."""
    form = await visit.request.form()
    week = {day: hours_of(str(form.get(day, ""))[:40]) for day in _WEEKDAYS}
    try:
        await visit.town.administration.hours.set_week(visit.actor, week)
    except RuleBroken as fault:
        return _page(visit, 409, fault=fault, given=week)
    return _done(visit, "week")


@router.post("/settings/hours/days")
@needs(Deed.MANAGE, Thing.CALENDAR)
async def set_day(visit: Known, day: Line, day_hours: Line = "") -> Response:
    """Keep a local day; without hours it is closed."""
    try:
        await visit.town.administration.hours.set_local_day(visit.actor, _date(day), hours_of(day_hours))
    except RuleBroken as fault:
        return _page(visit, 409, fault=fault, given={"day": day, "day_hours": day_hours})
    return _done(visit, "day")


@router.post("/settings/hours/days/{day}/remove")
@needs(Deed.MANAGE, Thing.CALENDAR)
async def remove_day(visit: Known, day: str) -> Response:
    """The day is as its weekday again."""
    await visit.town.administration.hours.set_local_day(visit.actor, _date(day), None)
    return _done(visit, "undone")


@router.post("/settings/hours/orders")
@needs(Deed.MANAGE, Thing.CALENDAR)
async def order(visit: Known, order_day: Line, why: Line = "", order_hours: Line = "") -> Response:
    """Order a day closed, or open with these hours."""
    try:
        await visit.town.administration.hours.order(visit.actor, _date(order_day), hours_of(order_hours), why)
    except RuleBroken as fault:
        given = {"order_day": order_day, "order_hours": order_hours, "why": why}
        return _page(visit, 409, fault=fault, given=given)
    return _done(visit, "order")


@router.post("/settings/hours/orders/{day}/undo")
@needs(Deed.MANAGE, Thing.CALENDAR)
async def undo(visit: Known, day: str) -> Response:
    """Take an order back."""
    await visit.town.administration.hours.undo(visit.actor, _date(day))
    return _done(visit, "undone")


def hours_of(text: str) -> str:
    """ "9-18" and the like as the calendar reads them; nothing: closed."""
    opens, dash, closes = text.replace("\u2013", "-").replace("\u2014", "-").replace(" ", "").partition("-")
    if not dash:
        return text.strip() or CLOSED
    return "-".join(part.zfill(5) if ":" in part else f"{part.zfill(2)}:00" for part in (opens, closes))


def _date(text: str) -> date:
    if (day := day_of(text)) is None:
        raise RuleBroken("8", f"{text!r} is no date", "bad_day")
    return day


def _done(visit: Visit, said: str) -> Response:
    visit.town.administration.follow()
    return visit.go(f"/settings/hours?said={said}")


def _page(
    visit: Visit, status: int = 200, *, fault: RuleBroken | None = None, given: dict[str, str] | None = None,
    said: str = "", from_day: str = "",
) -> Response:  # fmt: skip
    hours, zone, now = visit.town.administration.hours, visit.town.zone, visit.rooms.clock.now()
    today = now.astimezone(zone).date()
    first = _first_monday(from_day, today)
    days = hours.days(visit.actor, first, 7 * _WEEKS)
    deadline = hours.deadline(visit.actor, now)
    orders = hours.orders.orders()
    typed = {day: given[day] for day in _WEEKDAYS if given and day in given}
    return settings_page(
        visit, "hours", "hours", status, week=dict(hours.week(visit.actor)) | typed,
        weekdays=_WEEKDAYS, local=hours.local_days(visit.actor), today=today, weeks=_weeks(days),
        orders=[(day, orders[day]) for day in sorted(orders) if day >= today],
        over=[(day, orders[day]) for day in sorted(orders, reverse=True) if day < today][:20],
        previous=first - timedelta(weeks=_WEEKS), next=first + timedelta(weeks=_WEEKS), first=first,
        due=deadline.at, because=_because(deadline.because), now=now, given=given or {},
        fault=visit.rooms.refusal(fault, zone) if fault else "", code=fault.code if fault else "",
        said=said if said in _SAID else "", manages=visit.actor.may(Deed.MANAGE, Thing.CALENDAR),
    )  # fmt: skip


def _first_monday(from_day: str, today: date) -> date:
    try:
        wanted = date.fromisoformat(from_day) if from_day else today
    except ValueError:
        wanted = today
    wanted = min(max(wanted, today - timedelta(days=366)), today + timedelta(days=730))
    return wanted - timedelta(days=wanted.weekday())


def _weeks(days: Any) -> list[list[Day]]:
    return [list(days[start : start + 7]) for start in range(0, len(days), 7)]


def _because(codes: tuple[str, ...]) -> list[tuple[str, date]]:
    """Reasons of a deadline, each with its day."""
    parts = [code.partition(":") for code in codes]
    return [(kind, datetime.fromisoformat(day).date()) for kind, _, day in parts]
