"""Letters to the municipality's own programs: who gets them, and sending them until they are taken (clause 15)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.webhook import TRIES_AT_MOST, Delivery, Webhook, checked_url, pause_after, signature
from ivr.errors import PostError, RuleBroken
from ivr.ports import Clock
from ivr.ports.webhooks import Courier, Outbox
from ivr.services.audit import AccessLog

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)
_AT_ONCE = 100


@dataclass(slots=True)
class Webhooks:
    """Receivers, for whoever may manage them."""

    outbox: Outbox
    log: AccessLog
    clock: Clock

    async def add(self, actor: Actor, url: str) -> Webhook:
        """A new receiver; its secret is shown to the one who adds it.

        Raises:
            Forbidden: not for this role.
            RuleBroken: letters may not go there.
        """
        actor.require(Deed.MANAGE, Thing.WEBHOOK)
        made = Webhook(
            uuid.uuid4().hex, actor.account.municipality, checked_url(url), secrets.token_urlsafe(32),
            actor.account.name, self.clock.now(),
        )  # fmt: skip
        await self.log.note(actor, Deed.MANAGE, Thing.WEBHOOK, made.id, {"change": "added"})
        await self.outbox.add(made)
        return made

    async def remove(self, actor: Actor, webhook: str) -> None:
        """No more letters.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such receiver in this town.
        """
        actor.require(Deed.MANAGE, Thing.WEBHOOK)
        if not await self.outbox.remove(actor.account.municipality, webhook):
            raise RuleBroken("3", "there is no such receiver", "unknown_webhook")
        await self.log.note(actor, Deed.MANAGE, Thing.WEBHOOK, webhook, {"change": "removed"})

    async def receivers(self, actor: Actor) -> Sequence[Webhook]:
        """All of the town.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.WEBHOOK)
        return await self.outbox.receivers(actor.account.municipality)

    async def letters(self, actor: Actor, webhook: str) -> Sequence[Delivery]:
        """The latest letters of a receiver, with what became of them.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such receiver in this town.
        """
        if webhook not in [one.id for one in await self.receivers(actor)]:
            raise RuleBroken("3", "there is no such receiver", "unknown_webhook")
        return await self.outbox.letters(webhook)


@dataclass(slots=True)
class Letters:
    """Sends what waits; made by the timetable."""

    outbox: Outbox
    courier: Courier
    clock: Clock

    async def sweep(self) -> int:
        """Send every letter whose time has come; how many were taken."""
        taken = 0
        for _ in range(_AT_ONCE):
            now = self.clock.now()
            letter = await self.outbox.claim(now, now + _CLAIM)
            if letter is None:
                break
            taken += await self._send(letter)
        return taken

    async def _send(self, letter: Delivery) -> bool:
        timestamp = int(self.clock.now().timestamp())
        headers = {
            "Content-Type": "application/json", "User-Agent": "ivr-webhooks", "X-Ivr-Event": letter.event,
            "X-Ivr-Delivery": letter.id, "X-Ivr-Timestamp": str(timestamp),
            "X-Ivr-Signature": f"v1={signature(letter.webhook.secret, timestamp, letter.body)}",
        }  # fmt: skip
        try:
            status = await asyncio.to_thread(self.courier.post, letter.webhook.url, headers, letter.body.encode())
            why = f"status {status}"
        except PostError as fault:
            status, why = 0, str(fault)
        now = self.clock.now()
        if 200 <= status < 300:
            await self.outbox.delivered(letter, why, now)
            return True
        tries = letter.tries + 1
        again = now + pause_after(tries) if tries < TRIES_AT_MOST else None
        await self.outbox.put_off(letter, why, again, now)
        log.warning("a letter was not taken", extra={"action": "webhook_refused", "status": status})
        return False
