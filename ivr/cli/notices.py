"""`ivr notices`: what people are told of (clauses 5, 9, 13, 15, 21)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.notice_words import notice_line
from ivr.adapters.files.ui import words
from ivr.adapters.storage.notice_letters import DatabaseNoticeLetters
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.bootstrap.office import CallbackRoom, build_callback_room
from ivr.bootstrap.watch import notice_sender
from ivr.domain.notices import Bundle
from ivr.errors import PostError

notices_app = typer.Typer(no_args_is_help=True, help=words("notices.help"))


@notices_app.command("list", help=words("notices.list_help"))
def list_them(context: typer.Context) -> None:
    """What nobody has marked as seen."""

    async def show(room: CallbackRoom) -> None:
        found = await DatabaseNoticeBook(room.engine).unseen(room.settings.municipality.key)
        waiting = await DatabaseNoticeLetters(room.engine).waiting()
        if not found:
            typer.echo(words("notices.nothing"))
        else:
            table = Table()
            table.add_column(words("notices.key"), overflow="fold")
            table.add_column(words("notices.what"))
            for notice in found:
                table.add_row(notice.key, notice_line(notice, room.rulebook.calendar.zone))
            Console().print(table)
        if waiting:
            typer.echo(words("notices.letters", count=waiting))

    _in_room(context, show)


@notices_app.command(help=words("notices.seen_help"))
def seen(
    context: typer.Context,
    who: Annotated[str, typer.Option("--as", envvar="IVR_OPERATOR", help=words("notices.who_help"))],
    key: Annotated[str, typer.Argument()] = "",
    everything: Annotated[bool, typer.Option("--all", help=words("notices.all_help"))] = False,
) -> None:
    """Mark one, or all, as seen."""

    async def mark(room: CallbackRoom) -> None:
        book = DatabaseNoticeBook(room.engine)
        unseen = [notice.key for notice in await book.unseen(room.settings.municipality.key)]
        wanted = [one for one in unseen if everything or one == key]
        done = [await book.seen(one, who, SystemClock().now()) for one in wanted]
        if not any(done) and not everything:
            typer.echo(words("notices.not_there"), err=True)
            raise typer.Exit(1)
        typer.echo(words("notices.seen", count=sum(done)))

    _in_room(context, mark)


@notices_app.command(help=words("notices.test_help"))
def test(context: typer.Context, address: str) -> None:
    """A letter without a notice, to try the mail server."""

    async def send(room: CallbackRoom) -> None:
        sender = notice_sender(room)
        if sender is None:
            typer.echo(words("notices.no_mail"), err=True)
            raise typer.Exit(1)
        try:
            reply = await asyncio.to_thread(sender.send, Bundle(address, ()), lambda: None)
        except PostError as fault:
            typer.echo(words("notices.test_refused", why=str(fault)), err=True)
            raise typer.Exit(1) from fault
        typer.echo(words("notices.test_sent", reply=reply))

    _in_room(context, send)


def _in_room(context: typer.Context, work: Callable[[CallbackRoom], Awaitable[None]]) -> None:
    room = build_callback_room(context.obj)

    async def run() -> None:
        await work(room)

    try:
        asyncio.run(run())
    finally:
        room.dispose()
