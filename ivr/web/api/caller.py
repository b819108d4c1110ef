"""The program that calls: its key, and the faults it is told."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from ivr.domain.access import Actor
from ivr.errors import NotSignedIn
from ivr.web.moments import moment_of
from ivr.web.rooms import Rooms, Town
from ivr.web.visit import source_of

PREFIX = "/api/v1"
_bearer = HTTPBearer(auto_error=False, description="A key made by `ivr people token`")


class Problem(BaseModel):
    """What went wrong.

    Attributes:
        code: for programs.
        sentence: for people, Russian.
        clause: of the regulation, where one is broken.
    """

    code: str
    sentence: str
    clause: str | None = None


class Refused(BaseModel):
    """The body of every refusal."""

    error: Problem


FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": text}
    for status, text in (
        (400, "The request cannot be read"), (401, "No key, or one that opens nothing"),
        (403, "The key's role does not allow it"), (404, "There is no such object in this municipality"),
        (409, "The regulation forbids it now"), (413, "Too long"), (422, "A value will not do"),
        (503, "The database or the telephone engine is away"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a program."""

    request: Request
    rooms: Rooms
    actor: Actor

    @property
    def town(self) -> Town:
        """Theirs."""
        return self.rooms.town(self.actor.account.municipality)


async def calling(request: Request, key: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> Call:
    """Whose key it is.

    Raises:
        NotSignedIn: none, or one that opens nothing.
    """
    rooms: Rooms = request.app.state.rooms
    if key is None:
        raise NotSignedIn("a key is needed")
    return Call(request, rooms, await rooms.door.program(key.credentials, source_of(request)))


Program = Annotated[Call, Depends(calling)]


def mark(moment: datetime, key: str) -> str:
    """Where a page ends, as one word."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {key}".encode()).decode().rstrip("=")


def unmark(word: str) -> tuple[datetime, str] | None:
    """The place again; what was never ours is the beginning."""
    try:
        moment, key = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode().split(" ")
        return moment_of(moment), key
    except (ValueError, binascii.Error):
        return None
