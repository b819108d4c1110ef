"""`ivr calendar`: working hours, deadlines with their reasons, orders about single days."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.calendar import CLOSED, WEEKDAYS, keep_order, read_orders
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.bootstrap.files import calendar_for, orders_file, regulation_of
from ivr.domain.calendar import Hours, Order, WorkingCalendar
from ivr.domain.report import Period

calendar_app = typer.Typer(no_args_is_help=True, help=words("help.calendar"))

Why = Annotated[str, typer.Option("--why", help=words("calendar.why"))]
Who = Annotated[str, typer.Option("--who", help=words("calendar.who"))]
Whose = Annotated[str, typer.Option("--municipality", help=words("report.municipality"))]


def _calendar(settings: Settings, around: date, municipality: str) -> WorkingCalendar:
    return calendar_for(settings, range(around.year - 1, around.year + 2), municipality)


def _day(text: str) -> date:
    if text.casefold() in ("today", words("calendar.today")):
        return datetime.now(UTC).astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter(words("calendar.wrong_day", day=text)) from fault


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter(words("calendar.wrong_moment", moment=text)) from fault


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=text, why=fault)) from fault


@calendar_app.command(help=words("calendar.show_help"))
def show(
    context: typer.Context, week: Annotated[str, typer.Argument(metavar="WEEK")] = "", municipality: Whose = ""
) -> None:
    """The days of a week (or any period) with their hours and what makes them differ."""
    period = _period(week) if week else Period.week_of(datetime.now(UTC).date())
    calendar = _calendar(context.obj, period.first, municipality)
    table = Table()
    for column in ("day", "hours", "reason"):
        table.add_column(words(f"calendar.{column}"))
    for day in period:
        hours, rule = calendar.hours(day), calendar.days.get(day)
        reason = words(f"calendar.because.{rule.reason}") if rule else ""
        table.add_row(
            f"{words(f'calendar.{WEEKDAYS[day.weekday()]}')} {day:%d.%m.%Y}",
            _shown(hours),
            f"{reason} {rule.note}".strip() if rule else reason,
        )
    Console(highlight=False).print(table)


@calendar_app.command(help=words("calendar.deadline_help"))
def deadline(
    context: typer.Context,
    moment: Annotated[datetime, typer.Argument(parser=_moment, metavar="MOMENT")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    municipality: Whose = "",
) -> None:
    """By when a citizen who called at this moment is called back, and why (clauses 12, 13)."""
    calendar = _calendar(context.obj, moment.date(), municipality)
    called_at = moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)
    found = calendar.callback_deadline(called_at, regulation_of(context.obj))
    due = found.at.astimezone(calendar.zone)
    because = [_sentence(code) for code in found.because]
    if as_json:
        typer.echo(json.dumps({"deadline": due.isoformat(), "because": because}, ensure_ascii=False))
        return
    typer.echo(words("calendar.due", day=words(f"calendar.{WEEKDAYS[due.weekday()]}"), moment=f"{due:%d.%m.%Y %H:%M}"))
    for sentence in because:
        typer.echo(f"  {sentence}")


@calendar_app.command(help=words("calendar.close_help"))
def close(context: typer.Context, day: str, why: Why, who: Who = "", municipality: Whose = "") -> None:
    """Order a day closed."""
    _order(context.obj, _day(day), CLOSED, who, why, municipality)


@calendar_app.command("open", help=words("calendar.open_help"))
def open_day(context: typer.Context, day: str, hours: str, why: Why, who: Who = "", municipality: Whose = "") -> None:
    """Order a day open."""
    _order(context.obj, _day(day), hours, who, why, municipality)


@calendar_app.command(help=words("calendar.undo_help"))
def undo(context: typer.Context, day: str, municipality: Whose = "") -> None:
    """Take an order back."""
    wanted = _day(day)
    file = _orders(context.obj, wanted, municipality)
    if wanted not in read_orders(file):
        raise typer.BadParameter(words("calendar.no_order", day=day))
    keep_order(file, wanted, None)
    hours = _calendar(context.obj, wanted, municipality).hours(wanted)
    typer.echo(words("calendar.undone", day=f"{wanted:%d.%m.%Y}", hours=_shown(hours)))


def _orders(settings: Settings, day: date, municipality: str) -> Path:
    """The file of a municipality's orders, once it is sure that such a one is served."""
    _calendar(settings, day, municipality)
    return orders_file(settings, municipality)


def _order(settings: Settings, day: date, hours: str, who: str, why: str, municipality: str) -> None:
    if not why.strip():
        raise typer.BadParameter(words("calendar.needs_why"))
    order = Order(hours, who or getpass.getuser(), why, datetime.now(UTC).replace(microsecond=0))
    keep_order(_orders(settings, day, municipality), day, order)
    shown = _shown(_calendar(settings, day, municipality).hours(day))
    typer.echo(words("calendar.ordered", day=f"{day:%d.%m.%Y}", hours=shown, who=order.who, why=why))


def _shown(hours: Hours | None) -> str:
    return f"{hours.opens:%H:%M}–{hours.closes:%H:%M}" if hours else words("calendar.closed")


def _sentence(code: str) -> str:
    reason, _, day = code.partition(":")
    when = date.fromisoformat(day)
    weekday = words(f"calendar.{WEEKDAYS[when.weekday()]}")
    return f"{weekday} {when:%d.%m.%Y}: {words(f'calendar.because.{reason}')}"
