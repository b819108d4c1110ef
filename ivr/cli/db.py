"""`ivr db move`: the whole journal into another database, verified."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.engine import make_url

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.storage.move import Moved, move_journal

db_app = typer.Typer(no_args_is_help=True, help=words("db.help"))


@db_app.callback()
def _db() -> None:
    """Commands on the database."""


@db_app.command(help=words("db.move_help"))
def move(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help=words("db.target"))],
    source: Annotated[str, typer.Option("--from", help=words("db.source"))] = "",
    while_running: Annotated[bool, typer.Option("--while-running", help=words("db.while_running"))] = False,
) -> None:
    """Copy everything, compare both sides, say what to write into the settings."""
    settings: Settings = context.obj
    moved = _with_progress(source or settings.database_url, target, while_running)
    for name, rows in moved.tables.items():
        if rows:
            typer.echo(f"  {name}: {rows}")
    typer.echo(words("db.moved", rows=moved.rows))
    typer.echo(words("db.next", url=make_url(target).render_as_string(hide_password=True)))
    if while_running:
        typer.echo(words("db.moved_while_running"))


def _with_progress(source: str, target: str, in_use: bool) -> Moved:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(words("db.preparing"), total=None)

        def told(table: str, rows: int) -> None:
            progress.update(task, advance=rows, description=words("db.moving", table=table))

        return move_journal(
            source, target, in_use=in_use, total=lambda rows: progress.update(task, total=rows), told=told
        )
