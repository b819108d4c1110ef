"""`ivr shift`: who is at work, and who answers a call now, and why (clauses 8, 9)."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.bootstrap.admission import admission_of
from ivr.bootstrap.files import municipalities_of
from ivr.bootstrap.office import CallbackRoom, build_callback_room
from ivr.domain.call import Invite
from ivr.domain.municipality import Municipality
from ivr.domain.presence import Presence, Standing, Told
from ivr.services.admission import Answer, Circumstances

shift_app = typer.Typer(no_args_is_help=True, help=words("shift.help"))
Whose = Annotated[str, typer.Option("--municipality", help=words("report.municipality"))]


@shift_app.command(help=words("shift.show_help"))
def show(
    context: typer.Context,
    dialled: Annotated[str, typer.Option(help=words("shift.dialled"))] = "",
    municipality: Whose = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Who is at work, who would answer a call now, and why."""
    settings: Settings = context.obj
    room = build_callback_room(settings)
    served = municipalities_of(settings)
    town = served.named(municipality or settings.municipality.key)
    try:
        known = asyncio.run(room.shift().standings(town))
        present = room.shift().present(known)
    finally:
        room.dispose()
    number = dialled or next(iter(town.numbers), "")
    decision = admission_of(settings, served, room.rulebook.rules).decide(
        Invite(0, "", "", dialled=number), datetime.now(UTC), Circumstances(present)
    )
    answer = decision if isinstance(decision, Answer) else None
    if as_json:
        facts = {"mode": answer.mode if answer else None, "why": answer.why if answer else None, "present": present}
        people = [_facts(one, town) for one in known.values()]
        typer.echo(json.dumps({**facts, "operators": people}, ensure_ascii=False, default=str))
        return
    if answer:
        typer.echo(words("shift.now", mode=words(f"shift.modes.{answer.mode}"), why=why(answer.why)))
    _show_people(known, town, counts=present is not None)


@shift_app.command("set", help=words("shift.set_help"))
def set_state(
    context: typer.Context,
    state: Annotated[Presence, typer.Argument(help=words("shift.state_help"))],
    who: Annotated[str, typer.Option(help=words("callbacks.who_help"), envvar="IVR_OPERATOR")],
    municipality: Whose = "",
) -> None:
    """An operator is on shift, away, writes a card, or has gone home."""
    settings: Settings = context.obj
    room = build_callback_room(settings)
    known = set(settings.desk.phones)
    if known and who not in known:
        raise typer.BadParameter(words("shift.unknown", who=who, known=", ".join(sorted(known))))
    key = municipality or settings.municipality.key
    asyncio.run(_mark(room, key, who, state))
    typer.echo(f"{who}: {words(f'shift.states.{state}')}")
    if not settings.desk.presence:
        typer.echo(words("shift.not_counted"))


async def _mark(room: CallbackRoom, municipality: str, who: str, state: Presence) -> None:
    try:
        await room.shift().mark(municipality, who, state, Told.CONSOLE, by=getpass.getuser())
    finally:
        room.dispose()


def why(codes: str) -> str:
    """The reason of a mode in words: a code, perhaps with a remark behind it."""
    return ", ".join(words(f"why.{code}") for code in codes.split(","))


def _facts(one: Standing, town: Municipality) -> Mapping[str, object]:
    since = one.since.astimezone(town.calendar.zone).isoformat(timespec="seconds")
    return {"who": one.who, "state": one.state, "since": since, "told": one.told}


def _show_people(known: Mapping[str, Standing], town: Municipality, *, counts: bool) -> None:
    if not counts:
        typer.echo(words("shift.not_counted"))
    if not known:
        typer.echo(words("shift.nobody"))
        return
    table = Table()
    for column in ("who", "state", "since", "told"):
        table.add_column(words(f"shift.{column}"))
    for one in known.values():
        since = f"{one.since.astimezone(town.calendar.zone):%d.%m %H:%M}"
        table.add_row(one.who, words(f"shift.states.{one.state}"), since, words(f"shift.ways.{one.told}"))
    Console(highlight=False).print(table)
