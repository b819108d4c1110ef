"""`ivr load`: the load of appendix 1 on the screen, against the norms of clauses 10 and 11."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.bootstrap import build_report_desk
from ivr.domain.report import LoadDay, Period

load_app = typer.Typer(no_args_is_help=True, help=words("help.load"))

_SHARES = ("lost_share", "availability", "productivity")
_COLUMNS = (
    "day", "received", "lost", "lost_share", "accepted", "availability", "made", "reached", "productivity",
    "by_machine", "after_hours",
)  # fmt: skip


@load_app.callback()
def _load() -> None:
    """Several commands may follow."""


@load_app.command(help=words("load.show_help"))
def show(
    context: typer.Context,
    week: Annotated[str, typer.Option(metavar="WEEK", help=words("report.period"))] = "",
    municipality: Annotated[str | None, typer.Option(help=words("report.municipality"))] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Day by day: received, lost, accepted, made, reached (interpretations 9 to 11)."""
    try:
        period = Period.parse(week) if week else Period.week_of(datetime.now(UTC).date())
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=week, why=fault)) from fault
    desk = build_report_desk(context.obj, range(period.first.year, period.last.year + 1), municipality or "")
    weeks = desk.reports().load(municipality or context.obj.municipality.key, period)
    days = [day for each in weeks for day in each.days]
    total = LoadDay.total(period.last, tuple(days))
    if as_json:
        facts = {"first": str(period.first), "last": str(period.last), "days": [_facts(day) for day in days]}
        typer.echo(json.dumps({**facts, "total": {**_facts(total), "day": None}}, ensure_ascii=False))
        return
    Console(highlight=False).print(_table(days, total))


def _facts(day: LoadDay) -> dict[str, Any]:
    """A day as data; shares are 0 to 1, None where there is nothing to divide by."""
    return {
        "day": str(day.day),
        "received": day.received,
        "lost": day.lost,
        "lost_share": day.lost_share,
        "accepted": day.accepted,
        "availability": day.availability,
        "made": day.outgoing,
        "reached": day.reached,
        "productivity": day.productivity,
        "by_machine": day.by_machine,
        "after_hours": day.after_hours,
        "ring_seconds": day.ring_seconds,
        "note": day.note,
    }


def _table(days: list[LoadDay], total: LoadDay) -> Table:
    table = Table(title=words("load.title"), caption=words("load.norms"))
    for column in _COLUMNS:
        table.add_column(words(f"load.{column}"), justify="left" if column == "day" else "right")
    for day in days:
        table.add_row(f"{day.day:%d.%m.%Y}", *_cells(day))
    table.add_section()
    table.add_row(words("load.total"), *_cells(total))
    return table


def _cells(day: LoadDay) -> list[str]:
    facts = _facts(day)
    return [_share(facts[name]) if name in _SHARES else _count(facts[name]) for name in _COLUMNS[1:]]


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}".replace(".", ",")
