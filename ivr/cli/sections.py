"""The sections of the command line; each is imported when somebody asks for it, for together they take seconds."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

_SECTIONS = {
    "act": "keeping",
    "audit": "audit",
    "calendar": "calendar",
    "callbacks": "callbacks",
    "db": "db",
    "gazetteer": "gazetteer",
    "hold": "keeping",
    "load": "load",
    "model": "model",
    "notices": "notices",
    "people": "people",
    "person": "keeping",
    "phone": "phone",
    "prompts": "prompts",
    "recordings": "keeping",
    "report": "report",
    "shift": "shift",
}


class Sections(TyperGroup):
    """The commands of `main`, and the sections, whose commands are in modules of their own."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Sections by name, then commands."""
        return [*_SECTIONS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command or a section; None where there is none of this name."""
        if cmd_name not in _SECTIONS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"ivr.cli.{_SECTIONS[cmd_name]}")
        section = typer.main.get_command(getattr(module, f"{cmd_name}_app"))
        section.name = cmd_name
        return section
