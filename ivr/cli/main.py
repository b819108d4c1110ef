"""The command line: people start here."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.files.ui import refusal, words
from ivr.cli.logs import set_up_log
from ivr.cli.sections import Sections
from ivr.errors import IvrError, RuleBroken, SettingsError

app = typer.Typer(
    cls=Sections, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=words("help.app")
)
_SETTINGS_EXIT = 2


class _Chosen:
    config: Path | None = None
    settings: Settings = Settings()


@app.callback()
def _choose(
    context: typer.Context, config: Annotated[Path | None, typer.Option(help=words("help.config"))] = None
) -> None:
    _Chosen.config = config
    _Chosen.settings = context.obj = read_settings(config)
    set_up_log(_Chosen.settings.log.format, _Chosen.settings.log.level)


@app.command(help=words("help.serve"))
def serve(part: Annotated[str, typer.Argument(help=words("help.serve_part"))] = "all") -> None:
    """Run the service, or its web console alone, until it is asked to end."""
    if part == "web":
        from ivr.cli.web import run_console

        asyncio.run(run_console(_Chosen.settings, _Chosen.config))
        return
    if part != "all":
        raise typer.BadParameter(words("help.serve_part"))
    from ivr.cli.serve import run_service

    asyncio.run(run_service(_Chosen.settings, _Chosen.config))


@app.command(help=words("help.demo"))
def demo(once: Annotated[bool, typer.Option("--once", help=words("help.once"))] = False) -> None:
    """Let sample citizens call, show the conversations and the callbacks."""
    from ivr.cli.child import leave
    from ivr.cli.demo import run_demo

    set_up_log("text", "error")
    leave(asyncio.run(run_demo(_Chosen.settings, once=once)))


@app.command(help=words("help.understand"))
def understand(
    text: str,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    alternative: Annotated[list[str] | None, typer.Option(help=words("understand.alternative"))] = None,
    learned: Annotated[bool, typer.Option("--learned", help=words("understand.learned"))] = False,
) -> None:
    """Show what is understood of a text, and why."""
    from ivr.bootstrap.house import build
    from ivr.cli.understand import show_understanding

    house = build(_Chosen.settings)
    if learned:
        house.journal().dispose()
        asyncio.run(house.learn())
    show_understanding(house, text, alternative or (), as_json=as_json)


@app.command(help=words("learning.help"))
def learning(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show what the confirmed topics change."""
    from ivr.bootstrap.house import build
    from ivr.cli.learning import show_learning

    show_learning(build(_Chosen.settings), as_json=as_json)


@app.command(help=words("help.evaluate"))
def evaluate(
    file: Annotated[Path | None, typer.Argument()] = None,
    audio: Annotated[Path | None, typer.Option(help=words("evaluate.audio"))] = None,
    model: Annotated[Path | None, typer.Option(help=words("evaluate.model"))] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    errors: Annotated[bool, typer.Option("--errors", help=words("evaluate.errors"))] = False,
) -> None:
    """Measure the understanding on phrases with known meaning, or the recogniser on recordings."""
    from ivr.bootstrap.house import build
    from ivr.cli.evaluate import evaluate_texts
    from ivr.cli.evaluate_audio import evaluate_recordings

    if (file is None) == (audio is None):
        raise SettingsError(words("evaluate.one_of"))
    house = build(_Chosen.settings)
    if file is not None:
        evaluate_texts(house, file, as_json=as_json, errors=errors)
    elif audio is not None:
        chosen = model or _Chosen.settings.model
        evaluate_recordings(chosen, audio, house.understand, as_json=as_json, errors=errors)


@app.command(help=words("help.rehearse"))
def rehearse(
    microphone: Annotated[bool, typer.Option("--microphone", help=words("help.microphone"))] = False,
) -> None:
    """Hold the conversation without a telephone."""
    from ivr.bootstrap.house import build
    from ivr.cli.rehearse import rehearse_aloud, rehearse_in_writing

    house = build(_Chosen.settings)
    asyncio.run(rehearse_aloud(house) if microphone else rehearse_in_writing(house))


@app.command(help=words("help.doctor"))
def doctor(cluster: Annotated[bool, typer.Option("--cluster", help=words("doctor.cluster_help"))] = False) -> None:
    """Look at everything and say what to do."""
    if cluster:
        from ivr.cli.doctor_cluster import run_cluster_doctor

        raise typer.Exit(run_cluster_doctor(_Chosen.settings))
    from ivr.cli.doctor import run_doctor

    raise typer.Exit(run_doctor(_Chosen.settings))


@app.command(help=words("backup.help"))
def backup(
    target: Annotated[Path | None, typer.Argument(help=words("backup.target"))] = None,
    to: Annotated[str, typer.Option(help=words("backup.to"))] = "",
    new_key: Annotated[Path | None, typer.Option("--new-key", help=words("backup.new_key"))] = None,
) -> None:
    """Everything that is kept, in one file."""
    from ivr.cli.backup import back_up, make_key

    if new_key:
        make_key(new_key)
        return
    back_up(_Chosen.settings, target, to)


@app.command(help=words("backup.restore_help"))
def restore(
    source: Path,
    identity: Annotated[Path | None, typer.Option(help=words("backup.identity"))] = None,
    check: Annotated[bool, typer.Option("--check", help=words("backup.check"))] = False,
) -> None:
    """Put a backup back into an empty place."""
    from ivr.cli import backup

    backup.restore(_Chosen.settings, source, identity, check)


def _complain(fault: IvrError) -> None:
    lines = fault.mistakes if isinstance(fault, SettingsError) else (str(fault),)
    for line in lines:
        typer.echo(line, err=True)


def main() -> None:
    """Run a command; the installer's mistakes end with status 2 and a list, never with a traceback."""
    try:
        app()
    except SettingsError as fault:
        _complain(fault)
        sys.exit(_SETTINGS_EXIT)
    except RuleBroken as fault:
        from ivr.bootstrap.files import calendar_of

        typer.echo(refusal(fault, calendar_of(_Chosen.settings).zone), err=True)
        sys.exit(1)
    except IvrError as fault:
        _complain(fault)
        sys.exit(1)


if __name__ == "__main__":
    main()
