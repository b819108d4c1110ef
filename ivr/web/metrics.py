"""Figures for Prometheus: how many requests, how quickly answered; no names, no numbers, no ids."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EDGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """What is counted.

    Attributes:
        paths: the pattern of each route by its function.
    """

    def __init__(self) -> None:
        self.paths: Mapping[Any, str] = {}
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ivr_web_requests", "Requests answered", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "ivr_web_seconds", "Time to the answer's first byte", ("route",), buckets=_EDGES, registry=self.registry
        )
        self.open_callbacks = Gauge(
            "ivr_callbacks_open", "Open promises, counted up to 1000", ("which",), registry=self.registry
        )

    def text(self) -> bytes:
        """In the format of Prometheus."""
        return generate_latest(self.registry)


class Measured:
    """Counts every request under the pattern of its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                other = "static" if scope["path"].startswith("/static/") else "none"
                route = self._metrics.paths.get(scope.get("endpoint"), other)
                self._metrics.seconds.labels(route).observe(time.perf_counter() - began)
                self._metrics.requests.labels(route, scope["method"], str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, answer)
