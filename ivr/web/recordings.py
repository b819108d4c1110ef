"""Recordings: the file by pieces (RFC 9110 §14, Range), and the shape of its sound."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from ivr.domain.access import Actor, Deed, Thing
from ivr.services.listening import Listening
from ivr.web.rules import needs
from ivr.web.visit import Known

router = APIRouter()

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@router.get("/recordings/{name}")
@needs(Deed.HEAR, Thing.RECORDING)
async def sound(visit: Known, name: str) -> Response:
    """A piece of the file; which seconds it holds is written down."""
    return await ranged(visit.request, visit.rooms.listening, visit.actor, name)


@router.get("/recordings/{name}/shape")
@needs(Deed.HEAR, Thing.RECORDING)
async def shape(visit: Known, name: str) -> Response:
    """What its waveform is drawn from."""
    drawn = await visit.rooms.listening.shape(visit.actor, name)
    return JSONResponse({"seconds": drawn.seconds, "channels": drawn.channels})


async def ranged(request: Request, listening: Listening, actor: Actor, name: str) -> Response:
    """The asked bytes, or the first ones; one range only, never more than a piece. Where a browser asks for the whole,
    it is given the beginning and asks on."""
    found = _RANGE.fullmatch(request.headers.get("range", "bytes=0-"))
    first, last = found.groups() if found else ("0", "")
    start = int(first) if first else -int(last or 1)
    end = int(last) + 1 if first and last else None
    if end is not None and end <= start:
        return Response(status_code=416)
    try:
        piece = await listening.piece(actor, name, start, end)
    except ValueError:
        return Response(status_code=416)
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {piece.start}-{piece.end - 1}/{piece.size}"}
    whole = piece.start == 0 and piece.end == piece.size and "range" not in request.headers
    return Response(piece.content, 200 if whole else 206, {} if whole else headers, "audio/wav")
