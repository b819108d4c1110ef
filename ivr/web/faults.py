"""What goes wrong, as people read it: a page, a part of one, or JSON for programs. Never a traceback, never a name."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ivr.errors import Forbidden, JournalError, LineError, NotSignedIn, RuleBroken, TooManyTries
from ivr.web.visit import Visit, sign_in_path

log = logging.getLogger(__name__)

API = "/api/"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is told.

    Attributes:
        code: for programs.
        clause: of the regulation, where one is broken.
    """

    status: int
    code: str
    sentence: str
    clause: str = ""


def install(app: FastAPI) -> None:
    """Every fault has its answer."""
    for kind in (RuleBroken, Forbidden, NotSignedIn, TooManyTries, JournalError, LineError, HTTPException,
                 RequestValidationError, Exception):  # fmt: skip
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, fault: Exception) -> Response:
    found = told(request, fault)
    if request.url.path.startswith(API):
        error = {"code": found.code, "sentence": found.sentence}
        if found.clause:
            error["clause"] = found.clause
        headers = {"WWW-Authenticate": "Bearer"} if found.status == 401 else {}
        return JSONResponse({"error": error}, found.status, headers)
    if isinstance(fault, NotSignedIn) and request.url.path != "/sign-in":
        return _to_the_door(request)
    visit = Visit(request, request.app.state.rooms, None, secrets.token_urlsafe(16))
    if visit.is_partial:
        response = visit.page("parts/told.html", found.status, fault=found)
        response.headers.update({"HX-Retarget": "#told", "HX-Reswap": "innerHTML"})
    else:
        response = visit.page("fault.html", found.status, fault=found)
    if "set-cookie" in response.headers:
        del response.headers["set-cookie"]
    if isinstance(fault, TooManyTries):
        response.headers["Retry-After"] = str(int(fault.seconds) + 1)
    return response


def told(request: Request, fault: Exception) -> Fault:
    """The fault as it is told."""
    words = request.app.state.rooms.words
    if isinstance(fault, RuleBroken):
        status = 404 if fault.code.startswith("unknown") else 409
        rooms = request.app.state.rooms
        return Fault(status, fault.code or "refused", rooms.refusal(fault, rooms.town("").zone), fault.clause)
    if isinstance(fault, TooManyTries):
        return Fault(429, "too_many_tries", words("console.faults.too_many_tries", seconds=int(fault.seconds) + 1))
    for kind, status, code in (
        (NotSignedIn, 401, "not_signed_in"), (Forbidden, 403, "forbidden"), (JournalError, 503, "database_away"),
        (LineError, 503, "engine_away"), (RequestValidationError, 422, "not_understood"),
    ):  # fmt: skip
        if isinstance(fault, kind):
            return Fault(status, code, words(f"console.faults.{code}"))
    if isinstance(fault, HTTPException):
        known = {404: "not_found", 405: "not_found", 416: "not_found", 413: "too_long"}
        code = known.get(fault.status_code, "not_understood")
        return Fault(fault.status_code, code, words(f"console.faults.{code}"))
    mark = secrets.token_hex(4)
    log.error("a page broke", exc_info=fault, extra={"action": "page_broke", "code": mark})
    return Fault(500, "broken", words("console.faults.broken", mark=mark))


def _to_the_door(request: Request) -> Response:
    path = sign_in_path(request)
    if request.headers.get("HX-Request"):
        return Response(status_code=401, headers={"HX-Redirect": path})
    return Response(status_code=303, headers={"Location": path})
