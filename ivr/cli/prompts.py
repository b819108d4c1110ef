"""`ivr prompts`: the assistant's recorded phrases."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import track

from ivr.adapters.files import wav
from ivr.adapters.files.catalog import PromptCatalog, polish
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.ui import words
from ivr.bootstrap.files import catalog_of, key_of
from ivr.ports import RATE_HZ

prompts_app = typer.Typer(no_args_is_help=True, help=words("help.prompts"))
Town = Annotated[str, typer.Option("--municipality", help=words("gazetteer.municipality"))]


def _bundled() -> PromptCatalog:
    """The installer's voice alone."""
    return PromptCatalog(project_root() / "config" / "prompts.ru.toml", project_root() / "audio" / "prompts")


@prompts_app.command(help=words("help.prompts_check"))
def check(context: typer.Context, municipality: Town = "") -> None:
    """Name what is missing, stale, too quiet, clipped or of a wrong rate; exit status 1 when anything is."""
    catalog = catalog_of(context.obj, key_of(context.obj, municipality))
    faults = catalog.check()
    for fault in faults:
        typer.echo(f"{fault.name}: {words(f'prompts.{fault.kind}')} {fault.detail}".rstrip())
    typer.echo(words("prompts.checked", count=len(catalog.texts), faults=len(faults)))
    raise typer.Exit(1 if faults else 0)


@prompts_app.command(help=words("help.prompts_build"))
def build(voice: Annotated[str, typer.Option(help=words("help.voice"))] = "anna") -> None:
    """Render what is missing or no longer says its text."""
    from ivr.adapters.sound.tts import find_synthesizer

    synthesizer = find_synthesizer(voice)
    catalog = _bundled()
    wanted = catalog.wanting()
    for name in track(wanted, words("prompts.building", voice=synthesizer.name), disable=not wanted):
        catalog.render(name, synthesizer.speak, synthesizer.name)
    typer.echo(words("prompts.built", count=len(wanted)))


@prompts_app.command(help=words("help.prompts_record"))
def record(context: typer.Context, name: str, municipality: Town = "") -> None:
    """Take the municipality's own voice for a phrase."""
    from ivr.adapters.sound import microphone

    catalog = catalog_of(context.obj, key_of(context.obj, municipality))
    typer.echo(words("prompts.say", text=catalog.text(name)))
    typer.prompt(words("prompts.press_to_begin"), default="", show_default=False)
    pcm = microphone.record(lambda: typer.prompt(words("prompts.press_to_end"), default="", show_default=False))
    catalog.keep_recording(name, pcm)
    typer.echo(words("prompts.kept", name=name))


@prompts_app.command(help=words("help.prompts_play"))
def play(context: typer.Context, name: str, municipality: Town = "") -> None:
    """Listen to a phrase."""
    from ivr.adapters.sound import microphone

    catalog = catalog_of(context.obj, key_of(context.obj, municipality))
    typer.echo(catalog.text(name))
    microphone.play(catalog.read(name))


@prompts_app.command(help=words("help.prompts_samples"))
def samples() -> None:
    """Render anew the voices of the sample citizens that the demo calls with."""
    from ivr.adapters.sound.tts import find_synthesizer
    from ivr.cli.demo import sample_callers

    folder = project_root() / "audio" / "samples"
    for caller in sample_callers(folder):
        for number, turn in enumerate(caller.turns, start=1):
            if "say" in turn:
                pcm = polish(find_synthesizer(caller.voice).speak(turn["say"]))
                (folder / f"{caller.name}_{number}.wav").write_bytes(wav.write(pcm, RATE_HZ))
