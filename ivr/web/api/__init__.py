"""The REST interface `/api/v1` for the municipality's own programs (clause 15): JSON, keys by role, OpenAPI."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.responses import Response

from ivr.web.api import callbacks, records, reports, webhooks
from ivr.web.api.caller import PREFIX
from ivr.web.rules import public

api = APIRouter(prefix=PREFIX)
for family in (callbacks, records, reports, webhooks):
    api.include_router(family.router)


@api.get("/openapi.json", include_in_schema=False)
@public
async def openapi(request: Request) -> Response:
    """The description of the interface; it tells nothing of anybody."""
    app = request.app
    if not hasattr(app.state, "openapi"):
        described: dict[str, Any] = get_openapi(
            title="Helpline", version="1", routes=app.routes,
            description="Callbacks, messages, calls, recordings, attempts and reports of a municipal helpline.",
        )  # fmt: skip
        app.state.openapi = described
    return JSONResponse(app.state.openapi)
