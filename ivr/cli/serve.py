"""`ivr serve`: the engines, the recogniser, the timetable and the console as supervised children."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.files.ui import words
from ivr.adapters.supervision import Supervisor
from ivr.bootstrap.access import build_access_room
from ivr.bootstrap.children import console_child, telephone_children, timetable_child
from ivr.bootstrap.files import overlay_file, regulation_of
from ivr.bootstrap.house import build
from ivr.domain.regulation import Regulation
from ivr.errors import SettingsError

log = logging.getLogger(__name__)

_STOP_SECONDS = 110.0
_LOOK_SECONDS = 1.0


async def run_service(settings: Settings, config: Path | None) -> None:
    """Keep all processes alive until SIGTERM or Ctrl-C.

    Raises:
        JournalError: the database is away.
        SettingsError: the settings are wrong, or a child refused them.
    """
    house = build(settings)
    house.journal().dispose()
    house.recordings().close()
    await _show_console(settings)
    children = [*telephone_children(settings, config), timetable_child(config)]
    web = [console_child(config)] if settings.web.enabled else []
    supervisor = Supervisor([*children, *web], _STOP_SECONDS)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    supervisor.start()
    names = [child.name for child in children]
    watch = asyncio.create_task(_follow_settings(settings, config, supervisor, names))
    refused = asyncio.create_task(supervisor.failed.wait())
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({refused, asked}, return_when=asyncio.FIRST_COMPLETED)
    watch.cancel()
    await supervisor.stop()
    if refused.done():
        raise SettingsError("a process of the service cannot work with these settings; its own lines above say why")
    asked.cancel()
    refused.cancel()


async def _show_console(settings: Settings) -> None:
    """Where the console is; at the first start with the one-time key."""
    if not settings.web.enabled:
        return
    web, room = settings.web, build_access_room(settings)
    scheme = "https" if web.certificate else "http"
    address = f"{scheme}://{web.hosts[0] if web.hosts else web.host}:{web.port}/"
    if await room.people.has_administrator():
        print(words("serve.console", address=address), flush=True)
    else:
        print(words("serve.first_start", address=f"{address}setup?key={room.setup_key.make()}"), flush=True)
    room.dispose()


async def _follow_settings(
    settings: Settings, config: Path | None, supervisor: Supervisor, names: Sequence[str]
) -> None:
    """Processes start anew when people have changed the settings they work with."""
    file = overlay_file(settings)

    def stamp() -> float:
        return file.stat().st_mtime if file.exists() else 0.0

    seen, before = stamp(), (read_settings(config), regulation_of(settings))
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if (now := stamp()) == seen:
            continue
        try:
            after = read_settings(config), regulation_of(settings)
        except SettingsError:
            continue  # a hand is in the middle of writing it
        seen, touched, before = now, _touched(before, after, names), after
        if touched:
            log.info("the settings have changed", extra={"action": "settings_changed", "children": len(touched)})
            supervisor.renew(touched)


def _touched(before: tuple[Settings, Regulation], now: tuple[Settings, Regulation], names: Sequence[str]) -> list[str]:
    """Which processes work with what has changed. Hours are followed by the processes themselves."""
    differ = {name for name in Settings.model_fields if getattr(before[0], name) != getattr(now[0], name)}
    rules = before[1] != now[1]
    of_engines = bool(differ - {"mail", "web", "sign_in"}) or rules
    by_kind = {"recogniser": "speech" in differ, "timetable": bool(differ - {"web", "sign_in"}) or rules}
    return [name for name in names if by_kind.get(name.partition("-")[0], of_engines)]
