"""Letters to programs: who gets them, the outbox, the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ivr.domain.webhook import Delivery, Webhook


class Outbox(Protocol):
    """Receivers and letters. What happens writes its letters in its own transaction; here they are sent."""

    async def add(self, webhook: Webhook) -> None:
        """A new receiver; it gets what happens from now on."""

    async def remove(self, municipality: str, webhook: str) -> bool:
        """No more letters, waiting ones are dropped; False when there is none."""

    async def receivers(self, municipality: str) -> Sequence[Webhook]:
        """All receivers, oldest first."""

    async def letters(self, webhook: str, limit: int = 50) -> Sequence[Delivery]:
        """Its letters, the newest first."""

    async def claim(self, at: datetime, until: datetime) -> Delivery | None:
        """A letter whose time has come, for the one who asks and nobody else until then."""

    async def delivered(self, delivery: Delivery, reply: str, at: datetime) -> None:
        """The receiver has taken it."""

    async def put_off(self, delivery: Delivery, why: str, next_try_at: datetime | None, at: datetime) -> None:
        """It was not taken; try again then, None: never."""


class Courier(Protocol):
    """The way out. May take seconds: never on the loop's thread."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send it; the status of the answer. Redirections are not followed.

        Raises:
            PostError: nobody was reached.
        """
