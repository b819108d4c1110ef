"""The HTTP server: uvicorn, with limits that slow or greedy clients cannot lift (fault F37)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS_AT_MOST = 400
HEADER_SECONDS = 10.0
_KEEP_ALIVE_SECONDS = 30
_GRACE_SECONDS = 3


class PatientProtocol(H11Protocol):
    """HTTP/1.1, but who has not sent a whole request head within some seconds is let go.

    Of a first request they are counted from the connection, of a later one from its first byte: until that comes,
    uvicorn's own patience holds.
    """

    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody connects."""
        super().connection_made(transport)
        self._hurry()

    def handle_events(self) -> None:
        """Something of a request has come."""
        super().handle_events()
        if not self._awaits_head:
            self._rest()
        elif self._slow is None and self.conn.trailing_data[0]:
            self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        """He has left."""
        self._rest()
        super().connection_lost(exc)

    @property
    def _awaits_head(self) -> bool:
        """No request has come whole since the last answer."""
        return self.conn.their_state is h11.IDLE

    def _hurry(self) -> None:
        self._slow = asyncio.get_running_loop().call_later(HEADER_SECONDS, self._let_go)

    def _rest(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _let_go(self) -> None:
        if self._awaits_head and not self.transport.is_closing():
            self.transport.close()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; TLS when there is a certificate."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


def server(app: FastAPI, address: Address) -> uvicorn.Server:
    """A server that is ready to `serve()`."""
    config = uvicorn.Config(
        app, host=address.host, port=address.port, http=PatientProtocol, ws="none", loop="asyncio", log_config=None,
        access_log=False, server_header=False, date_header=True, proxy_headers=False,
        limit_concurrency=CONNECTIONS_AT_MOST, timeout_keep_alive=_KEEP_ALIVE_SECONDS, backlog=256,
        timeout_graceful_shutdown=_GRACE_SECONDS, h11_max_incomplete_event_size=32 * 1024, lifespan="on",
        ssl_certfile=address.certificate, ssl_keyfile=address.key,
    )  # fmt: skip
    return uvicorn.Server(config)
