"""One process of the service, started by `ivr serve` or by systemd: `python -m ivr.cli.child PART [--config FILE]`.

It imports no more than its part needs: a recogniser that died is back at once, and calls are answered soon after a
start.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.watchdog import watched
from ivr.cli.logs import set_up_log
from ivr.errors import IvrError, SettingsError

PARTS = ("engine", "recogniser", "timetable", "web")
_SETTINGS_EXIT = 2


def _engine(settings: Settings, number: int) -> None:
    from ivr.adapters.sip.native import one_heap

    one_heap()
    from ivr.bootstrap.house import build
    from ivr.cli.engine import run_engine

    asyncio.run(watched(run_engine(build(settings), number)))


def _recogniser(settings: Settings, number: int) -> None:
    from ivr.adapters.speech.server import run

    place = settings.speech_socket(number)
    asyncio.run(watched(run(settings.model, path=place, most=settings.speech.utterances)))


def _timetable(settings: Settings) -> None:
    from ivr.cli.timetable import run_timetable

    asyncio.run(watched(run_timetable(settings)))


def _web(settings: Settings, config: Path | None) -> None:
    from ivr.cli.web import run_console

    asyncio.run(watched(run_console(settings, config)))


def main() -> None:
    """Run the part until it is asked to end; exit status 2: its settings are wrong; 1: it is worth another try."""
    parser = argparse.ArgumentParser(prog="ivr.cli.child")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--number", type=int, default=1)
    chosen = parser.parse_args()
    try:
        settings = read_settings(chosen.config)
        set_up_log(settings.log.format, settings.log.level)
        if chosen.part == "engine":
            _engine(settings, chosen.number)
        elif chosen.part == "recogniser":
            _recogniser(settings, chosen.number)
        elif chosen.part == "timetable":
            _timetable(settings)
        else:
            _web(settings, chosen.config)
    except SettingsError as fault:
        for mistake in fault.mistakes:
            print(mistake, file=sys.stderr)
        leave(_SETTINGS_EXIT)
    except IvrError as fault:  # most often the database is away: whoever supervises starts the part anew
        print(fault, file=sys.stderr)
        leave(1)
    leave(0)


def leave(status: int) -> None:
    """End the process at once: the SIP library may crash while Python takes itself apart."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
