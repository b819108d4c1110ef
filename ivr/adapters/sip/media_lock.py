"""Whose sound a leg takes: only the negotiated peer's (fault F11).

The library turns to whoever sends most: a burst of ten packets from a stranger silences the caller. A filter in the
kernel on the leg's RTP socket lets only the address and port of the session description pass (RFC 3264, RFC 4566).
A peer that sends from another port than it names (RFC 3550 allows it), or from behind an address translator, is not
heard by that rule: where nothing comes at all, the lock is widened, first to the peer's address, then to the trusted
networks. A peer that was heard once is never widened for again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from ivr.adapters.sip import filters

log = logging.getLogger(__name__)

_WIDEN_SECONDS = 1.5


class MediaLock:
    """Kept by a leg, on the engine's thread.

    Args:
        trusted: networks that any sound must come from.
    """

    def __init__(self, trusted: Sequence[IPv4Network]) -> None:
        self._trusted = trusted
        self._peer, self._port = "", 0
        self._wider: list[bytes] = []
        self._since = 0.0

    def close_upon(self, peer: str, own_port: int, now: float) -> None:
        """Let only this peer be heard; called again when sound is agreed on anew.

        Args:
            peer: "address:port" of the session description.
            own_port: where the leg takes RTP.
        """
        if (peer, own_port) == (self._peer, self._port):
            return
        self._peer, self._port, self._since = peer, own_port, now
        host, _, port = peer.rpartition(":")
        try:
            address = IPv4Address(host)
        except ValueError:
            self._wider = []
            return
        self._wider = [filters.from_networks(self._trusted), filters.from_networks([IPv4Network(host)])]
        self._set(filters.from_peer(address, int(port)))

    def turn(self, packets: int, now: float) -> None:
        """Widen the lock when nothing has come through it for a while; `packets` have come so far."""
        if packets > 0:
            self._wider = []
        elif self._wider and now - self._since > _WIDEN_SECONDS:
            self._since = now
            log.warning("no sound from where it was agreed on", extra={"action": "media_lock_widened"})
            self._set(self._wider.pop())

    def _set(self, program: bytes) -> None:
        for found in filters.datagram_sockets(self._port):
            with found:
                try:
                    filters.attach(found, program)
                except OSError as fault:
                    log.warning("sound is not locked: %s", fault.strerror, extra={"action": "media_unlocked"})
