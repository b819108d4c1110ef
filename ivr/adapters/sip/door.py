"""The door of the TCP and TLS listeners: the kernel itself turns strangers away, and everybody while too many are in.

The library has room for 64 sockets, keeps the place of a closed one for another half second, and aborts the process
when there is no room: sixty connections within that time would end every call. A filter on the listening socket
(classic BPF, which needs no privilege) drops the SYN before the library hears of it; an honest peer's system knocks
again a second later.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from pathlib import Path

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER
_SOURCE_ADDRESS = (-0x100000 + 12) & 0xFFFFFFFF  # SKF_NET_OFF, and the place of the source in an IPv4 header
_LOAD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALL, _NOTHING = 0xFFFFFFFF, 0
_ROOM = 24
_LINGER_SECONDS = 0.8


def _program(networks: Sequence[IPv4Network]) -> bytes:
    """A filter that lets packets from these networks pass and no others."""
    steps = []
    for network in networks:
        steps += [
            (_LOAD, 0, 0, _SOURCE_ADDRESS), (_AND, 0, 0, int(network.netmask)),
            (_JUMP_IF_EQUAL, 0, 1, int(network.network_address)), (_RETURN, 0, 0, _ALL),
        ]  # fmt: skip
    steps.append((_RETURN, 0, 0, _NOTHING))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _attach(listener: socket.socket, program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, described)


def _listeners(port: int) -> Iterator[socket.socket]:
    """This process's sockets that listen for connections on this port."""
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            number = int(entry.name)
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            found = socket.socket(fileno=os.dup(number))
            listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if listens and found.family == socket.AF_INET and found.getsockname()[1] == port:
                yield found
            else:
                found.close()


class Door:
    """Kept by the engine's thread.

    Args:
        networks: who may connect.
    """

    def __init__(self, networks: Sequence[IPv4Network]) -> None:
        self._open, self._shut = _program(networks), _program(())
        self._listeners: list[socket.socket] = []
        self._inside = 0
        self._leaving: deque[float] = deque()
        self.is_open = True

    def guard(self, port: int) -> None:
        """Stand before the listener of this port.

        Raises:
            OSError: the system knows no such filters.
        """
        for listener in _listeners(port):
            _attach(listener, self._open)
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
                _attach(listener, self._open if has_room else self._shut)

    def close(self) -> None:
        """Leave the listeners to themselves."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
