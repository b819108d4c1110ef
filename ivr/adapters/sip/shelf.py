"""What the library's own threads call: destroyed on the engine's thread only, and never while they are in it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from ivr.adapters.sip.media import Player, Tap

if TYPE_CHECKING:
    from ivr.adapters.sip.leg import SipLeg

_KEPT_SECONDS = 1.0


class Shelf:
    """Taps that nobody uses now, and players that are over; on the engine's thread."""

    def __init__(self) -> None:
        self._taps: list[Tap] = []
        self._players: deque[tuple[float, Player]] = deque()

    def lend(self, leg: SipLeg) -> Tap:
        """A tap for a leg."""
        tap = self._taps.pop() if self._taps else Tap()
        tap.leg = leg
        return tap

    def take_back(self, tap: Tap) -> None:
        """Its leg is over. The media clock calls a tap at all times, so it lives as long as the engine."""
        tap.leg = None
        self._taps.append(tap)

    def retire(self, player: Player) -> None:
        """Its sound is over: keep it until the library's event thread has surely left its callback.

        Who lets go of it last destroys it, and destroying locks the library: on that thread it is a deadlock with the
        engine's.
        """
        player.leg = None
        self._players.append((time.monotonic(), player))

    def clear_old(self, now: float) -> None:
        """Let go of players that have been over for a while."""
        while self._players and now - self._players[0][0] > _KEPT_SECONDS:
            self._players.popleft()

    def clear(self) -> None:
        """The engine ends."""
        self._players.clear()
        self._taps.clear()
