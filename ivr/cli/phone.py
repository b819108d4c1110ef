"""`ivr phone`: what a PBX or a distributor of calls has to be told of the engines."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ivr.adapters.files.ui import words
from ivr.errors import SettingsError

phone_app = typer.Typer(no_args_is_help=True, help=words("phone.help"))


@phone_app.callback()
def _phone() -> None:
    """Several commands may follow."""


@phone_app.command("engines-list", help=words("phone.engines_help"))
def engines_list(context: typer.Context, host: Annotated[str, typer.Option(help=words("phone.host"))]) -> None:
    """The engines of this machine for Kamailio's dispatcher, each with the legs that this build really has."""
    from ivr.bootstrap.house import build
    from ivr.cli.child import leave

    house = build(context.obj)
    if not house.settings.phone.port:
        raise SettingsError(words("phone.no_port"))
    legs = asyncio.run(_legs())
    for number in house.settings.engine_numbers:
        port = house.sip(number).port
        typer.echo(f"1 sip:{host}:{port} 0 0 duid={host}:{port};maxload={legs}")
    leave(0)


async def _legs() -> int:
    """How many calls an engine of this build holds, found out by starting one."""
    from ivr.adapters.sip.engine import Engine
    from ivr.adapters.sip.settings import SipSettings

    engine = Engine(SipSettings(port=0, tcp=False))
    await engine.start()
    legs = engine.capacity
    await engine.stop()
    return legs
