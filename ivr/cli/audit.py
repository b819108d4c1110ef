"""`ivr audit`: the access log, and the proof that nobody changed it (fault F36)."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.bootstrap.access import AccessRoom, build_access_room
from ivr.domain.audit import LogQuery

audit_app = typer.Typer(no_args_is_help=True, help=words("audit.help"))


@audit_app.command(help=words("audit.verify_help"))
def verify(
    context: typer.Context,
    known: Annotated[list[str] | None, typer.Option(help=words("audit.known_help"))] = None,
) -> None:
    """Walk the whole chain; status 1 and the row's number when it is broken."""
    anchors = dict(_anchor(text) for text in known or ())
    room = build_access_room(context.obj)
    found = asyncio.run(room.log.verify(anchors))
    room.dispose()
    if found.broken is not None:
        why = words(f"audit.why.{found.why}")
        typer.echo(words("audit.broken", number=found.broken, why=why, rows=found.rows), err=True)
        raise typer.Exit(1)
    typer.echo(words("audit.whole", rows=found.rows, head=found.head) if found.rows else words("audit.empty"))


@audit_app.command(help=words("audit.show_help"))
def show(context: typer.Context, count: int = 30, who: str = "") -> None:
    """The newest rows."""
    room = build_access_room(context.obj)

    async def read(room: AccessRoom) -> None:
        table = Table(show_header=False)
        for entry in await room.log.book.page(LogQuery(context.obj.municipality.key, who), limit=count):
            facts = " ".join(f"{name}={value}" for name, value in entry.facts.items())
            said = (entry.who, entry.source, f"{entry.deed} {entry.thing}", entry.subject, facts)
            table.add_row(str(entry.number), f"{entry.at:%Y-%m-%d %H:%M:%S}", *map(escape, said))
        Console().print(table)

    asyncio.run(read(room))
    room.dispose()


def _anchor(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if found is None:
        raise typer.BadParameter(words("audit.wrong_known", known=text))
    return int(found[1]), found[2]
