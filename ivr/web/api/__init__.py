"""The REST interface `/api/v1` for the municipality's own programs (clause 15): JSON, keys by role, OpenAPI."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.responses import Response

from ivr.web.api import callbacks, records, reports, webhooks
from ivr.web.api.caller import PREFIX
from ivr.web.rules import public

router = APIRouter(prefix=PREFIX)


@router.get("/openapi.json", include_in_schema=False)
@public
async def openapi() -> Response:
    """The description of the interface; it tells nothing of anybody."""
    return JSONResponse(_described())


for family in (callbacks, records, reports, webhooks):
    router.routes.extend(family.router.routes)


@cache
def _described() -> dict[str, Any]:
    return get_openapi(
        title="Helpline", version="1", routes=router.routes,
        description="Callbacks, messages, calls, recordings, attempts and reports of a municipal helpline.",
    )  # fmt: skip
