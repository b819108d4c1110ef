"""The door of the TCP and TLS listeners: the kernel itself turns strangers away, and everybody while too many are in.

The library has room for 64 sockets, keeps the place of a closed one for another half second, and aborts the process
when there is no room: sixty connections within that time would end every call. A filter on the listening socket
drops the SYN before the library hears of it; an honest peer's system knocks again a second later.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from ipaddress import IPv4Network

from ivr.adapters.sip import filters

_ROOM = 24
_LINGER_SECONDS = 0.8


class Door:
    """Kept by the engine's thread.

    Args:
        networks: who may connect.
    """

    def __init__(self, networks: Sequence[IPv4Network]) -> None:
        self._open, self._shut = filters.from_networks(networks), filters.from_networks(())
        self._listeners: list[socket.socket] = []
        self._inside = 0
        self._leaving: deque[float] = deque()
        self.is_open = True

    def guard(self, port: int) -> None:
        """Stand before the listener of this port.

        Raises:
            OSError: the system knows no such filters.
        """
        for listener in filters.listeners(port):
            filters.attach(listener, self._open)
            self._listeners.append(listener)

    def entered(self) -> None:
        """A connection was made."""
        self._inside += 1

    def left(self, now: float) -> None:
        """A connection is gone; the library keeps its place a little longer."""
        self._inside -= 1
        self._leaving.append(now)

    def turn(self, now: float) -> None:
        """Shut the door while there is little room, open it when there is room again."""
        while self._leaving and now - self._leaving[0] > _LINGER_SECONDS:
            self._leaving.popleft()
        has_room = self._inside + len(self._leaving) < _ROOM
        if has_room is not self.is_open:
            self.is_open = has_room
            for listener in self._listeners:
                filters.attach(listener, self._open if has_room else self._shut)

    def close(self) -> None:
        """Leave the listeners to themselves."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
