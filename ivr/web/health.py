"""For those who watch the service: is it alive, can it work, how much does it do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ivr.web.rooms import Rooms
from ivr.web.rules import public
from ivr.web.security import within
from ivr.web.visit import source_of

router = APIRouter()


@router.get("/health")
@public
async def health() -> Response:
    """The process answers."""
    return JSONResponse({"alive": True})


@router.get("/ready")
@public
async def ready(request: Request) -> Response:
    """It can work: each thing it needs, and whether it is there."""
    rooms: Rooms = request.app.state.rooms
    found = await rooms.ready()
    return JSONResponse(dict(found), 200 if all(found.values()) else 503)


@router.get("/metrics")
@public
async def metrics(request: Request) -> Response:
    """Figures for Prometheus, for whom the settings name."""
    rooms: Rooms = request.app.state.rooms
    if not within(source_of(request), rooms.manners.metrics_from):
        raise HTTPException(404)
    counts = await rooms.workplace.open_counts()
    gauge = request.app.state.metrics.open_callbacks
    for which in ("all", "overdue", "window", "no_number", "urgent"):
        gauge.labels(which).set(getattr(counts, which))
    return PlainTextResponse(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")
