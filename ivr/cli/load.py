"""`ivr load`: the load of appendix 1 on the screen, against the norms of clauses 10 and 11."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.cdr import read_cdr, read_layouts
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.storage.ledger import take_in_legs
from ivr.bootstrap.office import build_report_desk
from ivr.domain.counting import CountedBy
from ivr.domain.load import LoadHour, mean, percentile
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, Period
from ivr.services.exchange_records import take_in
from ivr.services.ringing import extension

load_app = typer.Typer(no_args_is_help=True, help=words("help.load"))

_SHARES = ("lost_share", "availability", "productivity")
_COLUMNS = (
    "day", "received", "lost", "lost_share", "accepted", "availability", "made", "reached", "productivity",
    "ring", "handling", "by_machine", "after_hours", "refused",
)  # fmt: skip
_BY_HOUR = _COLUMNS[:9]
Whose = Annotated[str | None, typer.Option("--municipality", help=words("report.municipality"))]


@load_app.command(help=words("load.show_help"))
def show(
    context: typer.Context,
    week: Annotated[str, typer.Option(metavar="WEEK", help=words("report.period"))] = "",
    municipality: Whose = None,
    by_hour: Annotated[bool, typer.Option("--hours", help=words("load.hours_help"))] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Day by day: received, lost, accepted, made, reached; times against clause 11 (interpretations 9 to 11)."""
    try:
        period = Period.parse(week) if week else Period.week_of(datetime.now(UTC).date())
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=week, why=fault)) from fault
    desk = build_report_desk(context.obj, range(period.first.year, period.last.year + 1), municipality or "")
    weeks = desk.reports().load(municipality or context.obj.municipality.key, period)
    days = [day for each in weeks for day in each.days]
    total = LoadDay.total(period.last, tuple(days))
    if as_json:
        facts = {"first": str(period.first), "last": str(period.last), "days": [facts_of(day) for day in days]}
        typer.echo(json.dumps({**facts, "total": {**facts_of(total), "day": None}}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    if by_hour and not total.hours:
        typer.echo(words("load.no_calls"))
        return
    console.print(_hours(total) if by_hour else _table(days, total, desk.rules))


@load_app.command("import", help=words("load.import_help"))
def take_in_records(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=words("load.import_file"))],
    layout: Annotated[str, typer.Option(help=words("load.layout"))] = "asterisk",
    municipality: Whose = None,
) -> None:
    """The exchange's own call records into the ledger."""
    layouts = read_layouts()
    if layout not in layouts:
        raise typer.BadParameter(words("load.no_layout", layout=layout, known=", ".join(layouts)))
    settings: Settings = context.obj
    year = datetime.now(UTC).year
    desk = build_report_desk(settings, range(year, year + 1), municipality or "")
    names = {extension(address): who for who, address in settings.desk.phones.items()}
    lines = read_cdr(file, layouts[layout], desk.calendar.zone)
    with Console(stderr=True).status(words("report.reading")):
        taken = take_in(
            lines, municipality or settings.municipality.key, names, lambda legs: take_in_legs(desk.engine, legs)
        )
    for number, why in taken.broken:
        typer.echo(words("load.broken_line", file=file.name, line=number, why=why), err=True)
    typer.echo(
        words(
            "load.taken", lines=taken.lines, fresh=taken.fresh, known=taken.legs - taken.fresh,
            internal=taken.internal, broken=len(taken.broken),
        )
    )  # fmt: skip
    if settings.load.counted_by is not CountedBy.EXCHANGE:
        typer.echo(words("load.not_counted"))


def facts_of(day: LoadDay) -> dict[str, Any]:
    """A day as data; shares are 0 to 1, times in seconds, None where there is nothing to divide by."""
    return {
        "day": str(day.day),
        **_counts(day),
        "by_machine": day.by_machine,
        "after_hours": day.after_hours,
        "ring_seconds": day.ring_seconds,
        "ring_seconds_p95": percentile(day.rings, 95),
        "machine_ring_seconds": mean(day.machine_rings),
        "handling_seconds": mean(day.talks),
        "refused": day.refused,
        "hours": [{"hour": hour.hour, **_counts(hour)} for hour in day.hours],
        "note": day.note,
    }


def _counts(one: LoadDay | LoadHour) -> dict[str, Any]:
    return {
        "received": one.received,
        "lost": one.lost,
        "lost_share": one.lost_share,
        "accepted": one.accepted,
        "availability": one.availability,
        "made": one.outgoing,
        "reached": one.reached,
        "productivity": one.productivity,
    }


def _table(days: list[LoadDay], total: LoadDay, rules: Regulation) -> Table:
    norms = words(
        "load.norms", lost=f"{rules.lost_share_below:.0%}", availability=f"{rules.availability_above:.0%}",
        productivity=f"{rules.productivity_above:.0%}", ring=f"{rules.answer_seconds:g}",
        handling=f"{rules.handling_minutes:g}",
    )  # fmt: skip
    table = Table(title=words("load.title"), caption=norms)
    for column in _COLUMNS:
        table.add_column(words(f"load.{column}"), justify="left" if column == "day" else "right")
    for day in days:
        table.add_row(f"{day.day:%d.%m.%Y}", *_cells(day))
    table.add_section()
    table.add_row(words("load.total"), *_cells(total))
    return table


def _hours(total: LoadDay) -> Table:
    table = Table(title=words("load.hours_title"))
    for column in _BY_HOUR:
        name = "hour" if column == "day" else column
        table.add_column(words(f"load.{name}"), justify="left" if column == "day" else "right")
    for hour in total.hours:
        facts = _counts(hour)
        table.add_row(f"{hour.hour:02}–{hour.hour + 1:02}", *(_cell(name, facts[name]) for name in _BY_HOUR[1:]))
    return table


def _cells(day: LoadDay) -> list[str]:
    facts = facts_of(day)
    ring = "/".join(_seconds(value) for value in (day.ring_seconds, facts["ring_seconds_p95"]) if value is not None)
    facts |= {"ring": ring, "handling": _minutes(facts["handling_seconds"])}
    return [_cell(name, facts[name]) for name in _COLUMNS[1:]]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    return _share(value) if name in _SHARES else str(value)


def _share(value: float) -> str:
    return f"{value:.1%}".replace(".", ",")


def _seconds(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{int(seconds // 60)}:{int(seconds % 60):02}"
