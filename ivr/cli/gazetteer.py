"""`ivr gazetteer`: the municipality's places and streets, by which addresses are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.files.gazetteer_csv import read_places
from ivr.adapters.files.gazetteers import Places, read_gazetteer, write_gazetteer
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.tables import read_table
from ivr.adapters.files.ui import words
from ivr.errors import SettingsError

gazetteer_app = typer.Typer(no_args_is_help=True, help=words("gazetteer.help"))


def _file() -> Path:
    return project_root() / "config" / "gazetteer.ru.toml"


def _present() -> Places:
    mistakes: list[str] = []
    places = read_gazetteer(read_table(_file()), _file(), mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    return places


@gazetteer_app.command("import", help=words("gazetteer.import_help"))
def bring(
    file: Path,
    replace: Annotated[bool, typer.Option("--replace", help=words("gazetteer.replace"))] = False,
    check: Annotated[bool, typer.Option("--check", help=words("gazetteer.check"))] = False,
) -> None:
    """Take names out of a table; one bad line, and nothing is changed."""
    found = read_places(file)
    present = Places() if replace else _present()
    places = present.with_more(found)
    typer.echo(
        words(
            "gazetteer.found", localities=len(found.localities), streets=len(found.streets),
            new=len(places.localities) + len(places.streets) - len(present.localities) - len(present.streets),
        )
    )  # fmt: skip
    if check:
        typer.echo(words("gazetteer.unchanged"))
        return
    before = write_gazetteer(_file(), places)
    typer.echo(words("gazetteer.written", file=_file(), before=before.name))


@gazetteer_app.command(help=words("gazetteer.undo_help"))
def undo() -> None:
    """Put the names back that were there before the last import."""
    before = _file().with_suffix(".before.toml")
    if not before.exists():
        raise SettingsError(words("gazetteer.nothing_to_undo", file=before))
    mistakes: list[str] = []
    places = read_gazetteer(read_table(before), before, mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    write_gazetteer(_file(), places)
    typer.echo(words("gazetteer.undone", localities=len(places.localities), streets=len(places.streets)))
