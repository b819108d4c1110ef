"""The lamps of the live board: the trunk, the engines, the recogniser, the disk, the mail, the calendar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from ivr.adapters.files.calendar import production_table
from ivr.adapters.files.disk import free_share
from ivr.adapters.files.production import known_until
from ivr.adapters.files.settings import Settings
from ivr.adapters.intercom import is_well
from ivr.adapters.speech.client import VoskRecognizer
from ivr.bootstrap.files import intercoms
from ivr.domain.board import Glow, Lamp
from ivr.ports import Clock
from ivr.ports.storage import Troubles

_LEAST_FREE, _LITTLE_FREE = 0.05, 0.15
_SOON = timedelta(days=60)
_PATIENCE_SECONDS, _LINE_SECONDS = 1.0, 1.5


def lamps_of(settings: Settings, troubles: Troubles, clock: Clock) -> Callable[[str], Awaitable[Sequence[Lamp]]]:
    """Looks at all of them; nothing is written, and nobody is asked but our own lines and recognisers."""

    async def look(municipality: str) -> Sequence[Lamp]:
        standing, now = await troubles.standing(municipality), clock.now()
        watched = bool(settings.phone.trunk or settings.phone.registration) and settings.phone.watch_trunk
        return [
            _by_trouble("trunk", standing, is_watched=watched),
            await _engines(settings),
            await _recogniser(settings),
            _disk(settings),
            _by_trouble("mail", standing, is_watched=settings.mail is not None),
            _calendar(now),
        ]

    return look


def _by_trouble(key: str, standing: Mapping[str, datetime], *, is_watched: bool) -> Lamp:
    since = [at for name, at in standing.items() if name.partition(":")[0] == key]
    if since:
        return Lamp(key, Glow.BAD, min(since))
    return Lamp(key, Glow.GOOD if is_watched else Glow.DARK)


async def _engines(settings: Settings) -> Lamp:
    """Each is asked by intercom; a socket that a dead one has left behind, or a hanging one holds, does not answer."""
    places = intercoms(settings)
    asked = (is_well(place, _LINE_SECONDS) for place in places)
    return _some("engine", sum(await asyncio.gather(*asked)), len(places))


async def _recogniser(settings: Settings) -> Lamp:
    addresses = settings.speech_addresses
    asked = (VoskRecognizer(address).healthy(seconds=_PATIENCE_SECONDS) for address in addresses)
    return _some("recogniser", sum(await asyncio.gather(*asked)), len(addresses))


def _some(key: str, there: int, of: int) -> Lamp:
    glow = Glow.GOOD if there == of else Glow.WARN if there else Glow.BAD
    return Lamp(key, glow, number=there, of=of)


def _disk(settings: Settings) -> Lamp:
    free = free_share(settings.data)
    glow = Glow.BAD if free < _LEAST_FREE else Glow.WARN if free < _LITTLE_FREE else Glow.GOOD
    return Lamp("disk", glow, number=free)


def _calendar(now: datetime) -> Lamp:
    left = (known_until(production_table()) - now.date()).days
    glow = Glow.BAD if left < 0 else Glow.WARN if left < _SOON.days else Glow.GOOD
    return Lamp("calendar", glow, number=left)
