"""`ivr model`: the speech models."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.ui import words
from ivr.adapters.files.word_list import read_word_list

_SHOWN = 12
model_app = typer.Typer(no_args_is_help=True, help=words("help.model"))


def known_models() -> dict[str, dict[str, Any]]:
    """What is said of the models in `config/models.toml`."""
    return tomllib.loads((project_root() / "config" / "models.toml").read_text("utf-8"))


@model_app.command(help=words("help.model_install"))
def install(source: str) -> None:
    """Bring a standard model, by known name or from a local zip."""
    from ivr.adapters.speech.install import install as bring

    known = known_models()
    urls = {name: str(facts["url"]) for name, facts in known.items() if "url" in facts}
    bar = Progress(TextColumn(source), BarColumn(), DownloadColumn(), transient=True)
    with bar:
        task = bar.add_task(source, total=None)
        facts, digest = bring(
            source,
            project_root() / "models",
            urls,
            lambda done, whole: bar.update(task, completed=done, total=whole or None),
        )
    typer.echo(words("model.installed", name=facts.name, digest=digest))
    typer.echo(words("model.use", name=facts.name))


@model_app.command(help=words("help.model_adapt"))
def adapt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar=words("adapt.file"))],
    model: Annotated[Path | None, typer.Option(help=words("adapt.model"))] = None,
    to: Annotated[Path | None, typer.Option(help=words("adapt.to"))] = None,
) -> None:
    """Make a copy of a model that knows a municipality's own words."""
    from ivr.adapters.speech.adapt import adapt as make
    from ivr.adapters.speech.adapt import letters_of
    from ivr.language.local_words import WordKind, said_forms
    from ivr.language.morphology import Morphology

    source: Path = model or context.obj.model
    target = to or source.with_name(f"{source.name}-local")
    headings = {kind.value: words(f"adapt.headings.{kind.value}") for kind in WordKind}
    listed, morphology = read_word_list(file, letters_of(source), headings), Morphology()
    forms: dict[str, str] = {}
    for word, kind in listed:
        for form, place in said_forms(word, kind, morphology).items():
            forms[form] = place or forms.get(form, "")
    with Console(stderr=True).status(words("adapt.working")):
        done = make(source, forms, target)
    typer.echo(words("adapt.done", listed=len(listed), added=len(done.added), known=len(done.known)))
    typer.echo(words("adapt.examples", examples=", ".join(done.added[:_SHOWN]) or "-"))
    typer.echo(words("model.use", name=target.name))
