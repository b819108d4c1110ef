"""`ivr gazetteer`: the municipality's places and streets, by which addresses are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.files.gazetteer_csv import read_places
from ivr.adapters.files.gazetteers import Places, read_gazetteer, write_gazetteer
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.files.tables import read_table
from ivr.adapters.files.ui import words
from ivr.bootstrap.files import TOWNS, is_own, key_of
from ivr.errors import SettingsError

gazetteer_app = typer.Typer(no_args_is_help=True, help=words("gazetteer.help"))


Town = Annotated[str, typer.Option("--municipality", help=words("gazetteer.municipality"))]


def _file(settings: Settings, municipality: str) -> Path:
    """The installer's list of a municipality; without a key, that of the house's own, which is common to all."""
    folder = project_root() / "config"
    if not is_own(settings, municipality):
        folder = folder / TOWNS / key_of(settings, municipality)
    return folder / "gazetteer.ru.toml"


def _present(file: Path) -> Places:
    mistakes: list[str] = []
    places = read_gazetteer(read_table(file), file, mistakes) if file.exists() else Places()
    if mistakes:
        raise SettingsError(mistakes)
    return places


@gazetteer_app.command("import", help=words("gazetteer.import_help"))
def bring(
    context: typer.Context,
    file: Path,
    replace: Annotated[bool, typer.Option("--replace", help=words("gazetteer.replace"))] = False,
    check: Annotated[bool, typer.Option("--check", help=words("gazetteer.check"))] = False,
    municipality: Town = "",
) -> None:
    """Take names out of a table; one bad line, and nothing is changed."""
    found, target = read_places(file), _file(context.obj, municipality)
    present = Places() if replace else _present(target)
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
    before = write_gazetteer(target, places)
    typer.echo(words("gazetteer.written", file=target, before=before.name))


@gazetteer_app.command(help=words("gazetteer.undo_help"))
def undo(context: typer.Context, municipality: Town = "") -> None:
    """Put the names back that were there before the last import."""
    file = _file(context.obj, municipality)
    before = file.with_suffix(".before.toml")
    if not before.exists():
        raise SettingsError(words("gazetteer.nothing_to_undo", file=before))
    mistakes: list[str] = []
    places = read_gazetteer(read_table(before), before, mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    write_gazetteer(file, places)
    typer.echo(words("gazetteer.undone", localities=len(places.localities), streets=len(places.streets)))
