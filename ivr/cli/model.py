"""`ivr model`: the speech models."""

from __future__ import annotations

import tomllib
from typing import Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.ui import words

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
