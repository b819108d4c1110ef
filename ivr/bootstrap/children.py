"""The processes of the service, each with how it is started and how it is known to be well."""

from __future__ import annotations

import sys
from pathlib import Path

from ivr.adapters.files.settings import Settings
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.supervision import Child

_ANSWER_SECONDS = 1.0


def telephone_children(settings: Settings, config: Path | None) -> list[Child]:
    """The recognisers (unless others' are used) and the engines."""
    engines = [
        _child(f"engine-{number}", config, "engine", "--number", str(number)) for number in settings.engine_numbers
    ]
    if settings.speech.url:
        return engines
    return [*(_recogniser(settings, config, number) for number in range(1, settings.speech.processes + 1)), *engines]


def console_child(config: Path | None) -> Child:
    """The web console."""
    return _child("web", config, "web")


def timetable_child(config: Path | None) -> Child:
    """The sweeps over the journal."""
    return _child("timetable", config, "timetable")


def _recogniser(settings: Settings, config: Path | None, number: int) -> Child:
    probe = VoskRecognizer(settings.speech_socket(number))

    async def healthy() -> bool:
        return await probe.healthy(seconds=_ANSWER_SECONDS)

    part = ("recogniser",) if number == 1 else ("recogniser", "--number", str(number))
    return Child("-".join(part[:1] + part[2:]), _command(config, *part), healthy)


def _child(name: str, config: Path | None, *part: str) -> Child:
    return Child(name, _command(config, *part))


def _command(config: Path | None, *part: str) -> list[str]:
    named = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "ivr.cli.child", *named, *part]
