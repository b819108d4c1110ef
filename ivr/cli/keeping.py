"""`ivr person`, `ivr hold`, `ivr act`, `ivr recordings`: what is kept of citizens, and its end (clause 6.3, 152-FZ)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.bootstrap.access import at_the_command_line
from ivr.bootstrap.files import calendar_of
from ivr.bootstrap.keeping import KeepingRoom, act_text, open_keeping_room
from ivr.domain.access import Actor
from ivr.errors import SettingsError
from ivr.ports.keeping import Belongings

person_app = typer.Typer(no_args_is_help=True, help=words("keeping.person_help"))
hold_app = typer.Typer(no_args_is_help=True, help=words("keeping.hold_help"))
act_app = typer.Typer(no_args_is_help=True, help=words("keeping.act_help"))
recordings_app = typer.Typer(no_args_is_help=True, help=words("keeping.recordings_help"))

_Work = Callable[[KeepingRoom, Actor], Awaitable[None]]
Why = Annotated[str, typer.Option("--why", help=words("keeping.why"))]


@person_app.command(help=words("keeping.find_help"))
def find(context: typer.Context, number: str) -> None:
    """How much there is."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        found = await room.citizens.find(actor, number)
        typer.echo(_counted(found))
        for key, name in (("held", found.held), ("owed", found.owed)):
            if name:
                typer.echo(words(f"keeping.{key}", ids=", ".join(name)))

    _in_room(context, do)


@person_app.command(help=words("keeping.export_help"))
def export(
    context: typer.Context,
    number: str,
    to: Annotated[Path, typer.Option(help=words("keeping.to"))] = Path("person.zip"),
) -> None:
    """Everything, as an archive."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        unfinished = to.with_name(f"{to.name}.unfinished")
        try:
            with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                found = await room.citizens.export(actor, number, file)
            unfinished.replace(to)
        except OSError as fault:
            raise SettingsError(f"{to}: {fault.strerror}") from fault
        finally:
            unfinished.unlink(missing_ok=True)
        typer.echo(words("keeping.exported", path=to, rows=_counted(found)))

    _in_room(context, do)


@person_app.command(help=words("keeping.erase_help"))
def erase(
    context: typer.Context,
    number: str,
    why: Why,
    yes: Annotated[bool, typer.Option("--yes", help=words("keeping.yes"))] = False,
) -> None:
    """For ever."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        found = await room.citizens.find(actor, number)
        typer.echo(_counted(found))
        if not yes and not typer.confirm(words("keeping.sure")):
            raise typer.Exit(1)
        act = await room.citizens.erase(actor, number, why)
        typer.echo(words("keeping.erased", act=act.id[:8], digest=act.digest))

    _in_room(context, do)


@hold_app.command(help=words("keeping.put_help"))
def put(context: typer.Context, subject: str, why: Why) -> None:
    """Nothing of it is destroyed."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        hold = await room.keeping.hold(actor, subject, why)
        typer.echo(words("keeping.put", hold=hold.id[:8], subject=subject))

    _in_room(context, do)


@hold_app.command(help=words("keeping.release_help"))
def release(context: typer.Context, hold: str) -> None:
    """From now on it protects nothing."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        released = await room.keeping.release(actor, hold)
        typer.echo(words("keeping.released", subject=released.subject))

    _in_room(context, do)


@hold_app.command("list", help=words("keeping.holds_help"))
def holds(context: typer.Context) -> None:
    """Those that stand."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        found = await room.keeping.standing(actor)
        zone = calendar_of(context.obj).zone
        rows = [(one.id[:8], f"{one.at.astimezone(zone):%d.%m.%Y %H:%M}", one.by, one.subject, one.why)
                for one in found]  # fmt: skip
        _table(rows, "keeping.no_holds")

    _in_room(context, do)


@act_app.command("list", help=words("keeping.acts_help"))
def acts(context: typer.Context, count: int = 30) -> None:
    """The newest first."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        zone = calendar_of(context.obj).zone
        rows = []
        for act in await room.keeping.destructions(actor, count):
            told = ", ".join(f"{words(f'keeping.thing.{name}')}: {number}" for name, number in act.counts.items())
            at = f"{act.begun_at.astimezone(zone):%d.%m.%Y %H:%M}"
            rows.append((act.id[:8], at, words(f"keeping.rule.{act.rule}"), told, act.digest[:16]))
        _table(rows, "keeping.no_acts")

    _in_room(context, do)


@act_app.command("export", help=words("keeping.act_export_help"))
def export_act(
    context: typer.Context,
    act: str,
    to: Annotated[Path | None, typer.Option(help=words("keeping.act_to"))] = None,
) -> None:
    """The paper, with all that was destroyed under it."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        found, rows = await room.keeping.paper(actor, act)
        text = act_text(context.obj, found, rows)
        if to is None:
            typer.echo(text)
            return
        to.write_text(text, "utf-8")
        typer.echo(words("keeping.act_written", path=to))

    _in_room(context, do)


@recordings_app.callback()
def _recordings() -> None:
    """Commands on the archive of voices."""


@recordings_app.command(help=words("keeping.withheld_help"))
def withheld(context: typer.Context) -> None:
    """Recordings without a proof of consent."""

    async def do(room: KeepingRoom, actor: Actor) -> None:
        zone = calendar_of(context.obj).zone
        rows = [(f"{one.at.astimezone(zone):%d.%m.%Y %H:%M}", one.name, words(f"keeping.because.{one.why}"),
                 f"{one.seconds:.0f}") for one in await room.listening.withheld(actor)]  # fmt: skip
        _table(rows, "keeping.nothing_withheld")

    _in_room(context, do)


def _counted(found: Belongings) -> str:
    return ", ".join(f"{words(f'keeping.thing.{name}')}: {len(keys)}" for name, keys in found.keys.items() if keys)


def _table(rows: list[tuple[Any, ...]], empty: str) -> None:
    if not rows:
        typer.echo(words(empty))
        return
    table = Table(show_header=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)


def _in_room(context: typer.Context, work: _Work) -> None:
    settings: Settings = context.obj
    room = open_keeping_room(settings)
    try:
        asyncio.run(work(room, at_the_command_line(settings)))  # type: ignore[arg-type]
    finally:
        room.dispose()
