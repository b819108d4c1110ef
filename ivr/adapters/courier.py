"""Letters by HTTP (fulfils `ports.webhooks.Courier`)."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from ivr.errors import PostError

_SECONDS = 10.0


class _Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nowhere else than where it was meant to go."""


class HttpCourier:
    """Without proxies and redirections; certificates are verified."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Straight())

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send it."""
        request = urllib.request.Request(url, body, dict(headers), method="POST")
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as fault:
            with fault:
                return int(fault.code)
        except (OSError, ValueError, http.client.HTTPException) as fault:
            raise PostError(f"not reached: {type(fault).__name__}") from fault
