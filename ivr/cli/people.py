"""`ivr people`: who may sign in, with which roles and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import refusal, words
from ivr.bootstrap.access import AccessRoom, at_the_command_line, build_access_room
from ivr.domain.access import Actor
from ivr.domain.people import Role
from ivr.errors import RuleBroken

people_app = typer.Typer(no_args_is_help=True, help=words("people.help"))

_Work = Callable[[AccessRoom, Actor], Awaitable[None]]
_Town = Annotated[str, typer.Option(help=words("people.municipality_help"))]


@people_app.command(help=words("people.add_help"))
def add(
    context: typer.Context,
    login: str,
    name: str,
    role: Annotated[list[Role], typer.Option(help=words("people.role_help"))],
    telephone: Annotated[str, typer.Option("--phone", help=words("people.phone_help"))] = "",
    program: Annotated[bool, typer.Option("--program", help=words("people.program_help"))] = False,
    municipality: _Town = "",
) -> None:
    """A new person, or a program."""
    password = None if program else _ask_password()

    async def do(room: AccessRoom, actor: Actor) -> None:
        account = await room.people.add(actor, login, name, role, password, telephone, municipality)
        typer.echo(words("people.added", name=account.name, login=account.login))

    _in_room(context, do)


@people_app.command("list", help=words("people.list_help"))
def list_them(context: typer.Context, municipality: _Town = "") -> None:
    """Everybody."""

    async def do(room: AccessRoom, actor: Actor) -> None:
        found = await room.people.everybody(actor, municipality)
        if not found:
            typer.echo(words("people.empty"))
            return
        table = Table()
        for column in ("login", "name", "part", "standing"):
            table.add_column(words(f"people.{column}"))
        for one in found:
            roles = ", ".join(words(f"people.roles.{role}") for role in sorted(one.roles))
            standing = words("people.off" if one.disabled_at else "people.active")
            table.add_row(one.login, escape(one.name), roles, standing)
        Console().print(table)

    _in_room(context, do)


@people_app.command(help=words("people.password_help"))
def password(context: typer.Context, login: str) -> None:
    """Another password."""
    given = _ask_password()

    async def do(room: AccessRoom, actor: Actor) -> None:
        await room.people.reset_password(actor, login, given)
        typer.echo(words("people.password_set"))

    _in_room(context, do)


@people_app.command(help=words("people.disable_help"))
def disable(context: typer.Context, login: str) -> None:
    """From now on nothing is allowed."""

    async def do(room: AccessRoom, actor: Actor) -> None:
        typer.echo(words("people.disabled", name=(await room.people.disable(actor, login)).name))

    _in_room(context, do)


@people_app.command(help=words("people.enable_help"))
def enable(context: typer.Context, login: str) -> None:
    """Allowed again."""

    async def do(room: AccessRoom, actor: Actor) -> None:
        typer.echo(words("people.enabled", name=(await room.people.disable(actor, login, disabled=False)).name))

    _in_room(context, do)


@people_app.command(help=words("people.token_help"))
def token(
    context: typer.Context,
    login: str,
    title: Annotated[str, typer.Option(help=words("people.title_help"))] = "REST",
    days: Annotated[int, typer.Option(help=words("people.days_help"))] = 365,
) -> None:
    """A key for a program."""

    async def do(room: AccessRoom, actor: Actor) -> None:
        key = await room.people.give_token(actor, login, title, timedelta(days=days))
        typer.echo(words("people.token", token=key))

    _in_room(context, do)


def _ask_password() -> str:
    return str(typer.prompt(words("people.ask_password"), hide_input=True, confirmation_prompt=words("people.again")))


def _in_room(context: typer.Context, work: _Work) -> None:
    """Do the work; a refusal is one sentence that says what to do, and status 1."""
    settings: Settings = context.obj
    room = build_access_room(settings)

    async def run() -> None:
        await work(room, at_the_command_line(settings))

    try:
        asyncio.run(run())
    except RuleBroken as fault:
        typer.echo(refusal(fault, ZoneInfo("UTC")), err=True)
        raise typer.Exit(1) from None
    finally:
        room.dispose()
