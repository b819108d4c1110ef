"""Filters in the kernel on sockets that the library has opened (classic BPF, which needs no privilege)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
import struct
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER
_SOURCE_ADDRESS = (-0x100000 + 12) & 0xFFFFFFFF  # SKF_NET_OFF, and the place of the source in an IPv4 header
_SOURCE_PORT = 0  # a UDP socket's filter sees the datagram from its UDP header on
_LOAD, _LOAD_HALF, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x28, 0x54, 0x15, 0x06
_ALL, _NOTHING = 0xFFFFFFFF, 0

Step = tuple[int, int, int, int]


def from_networks(networks: Sequence[IPv4Network]) -> bytes:
    """A filter that lets packets from these networks pass and no others."""
    steps: list[Step] = []
    for network in networks:
        steps += [
            (_LOAD, 0, 0, _SOURCE_ADDRESS), (_AND, 0, 0, int(network.netmask)),
            (_JUMP_IF_EQUAL, 0, 1, int(network.network_address)), (_RETURN, 0, 0, _ALL),
        ]  # fmt: skip
    return _program([*steps, (_RETURN, 0, 0, _NOTHING)])


def from_peer(address: IPv4Address, port: int) -> bytes:
    """A filter for a UDP socket that lets the datagrams of one address and port pass and no others."""
    return _program([
        (_LOAD, 0, 0, _SOURCE_ADDRESS), (_JUMP_IF_EQUAL, 0, 3, int(address)),
        (_LOAD_HALF, 0, 0, _SOURCE_PORT), (_JUMP_IF_EQUAL, 0, 1, port),
        (_RETURN, 0, 0, _ALL), (_RETURN, 0, 0, _NOTHING),
    ])  # fmt: skip


def _program(steps: Sequence[Step]) -> bytes:
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def attach(guarded: socket.socket, program: bytes) -> None:
    """Put a filter on a socket, in the place of the one it has.

    Raises:
        OSError: the system knows no such filters.
    """
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    guarded.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, described)


def listeners(port: int) -> Iterator[socket.socket]:
    """This process's sockets that listen for connections on this port; to be closed by the caller."""
    return _own_sockets(port, socket.SOCK_STREAM, listens=True)


def datagram_sockets(port: int) -> Iterator[socket.socket]:
    """This process's UDP sockets bound to this port; to be closed by the caller."""
    return _own_sockets(port, socket.SOCK_DGRAM, listens=False)


def _own_sockets(port: int, kind: int, *, listens: bool) -> Iterator[socket.socket]:
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            number = int(entry.name)
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            found = socket.socket(fileno=os.dup(number))
            is_ours = found.family == socket.AF_INET and found.type == kind and found.getsockname()[1] == port
            if is_ours and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)) is listens:
                yield found
            else:
                found.close()
