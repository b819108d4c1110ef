"""Receivers of signed letters: `X-Ivr-Signature: v1=HMAC-SHA256(secret, "timestamp.body")`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import Field

from ivr.domain.access import Deed, Thing
from ivr.domain.webhook import Delivery, Webhook
from ivr.web.api.caller import FAULTS, PREFIX, Program
from ivr.web.api.shapes import Shape
from ivr.web.rules import needs

router = APIRouter(prefix=f"{PREFIX}/webhooks", tags=["webhooks"], responses=FAULTS)

Id = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]


class NewWebhook(Shape):
    """Where letters go: HTTPS, or HTTP on this machine."""

    url: str = Field(max_length=500)


class WebhookShape(Shape):
    """A receiver; `secret` is told once, when it is made."""

    id: str
    url: str
    made_by: str
    made_at: datetime
    secret: str | None = None

    @classmethod
    def of(cls, webhook: Webhook, *, secret: bool = False) -> Self:
        """The receiver as JSON."""
        facts = {name: getattr(webhook, name) for name in ("id", "url", "made_by", "made_at")}
        return cls(**facts, secret=webhook.secret if secret else None)


class DeliveryShape(Shape):
    """One letter and what became of it."""

    id: str
    event: str
    created_at: datetime
    tries: int
    reply: str
    delivered_at: datetime | None
    given_up_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The letter as JSON."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


@router.get("")
@needs(Deed.LIST, Thing.WEBHOOK)
async def receivers(call: Program) -> list[WebhookShape]:
    """All receivers, oldest first."""
    return [WebhookShape.of(one) for one in await call.rooms.webhooks.receivers(call.actor)]


@router.post("", status_code=201)
@needs(Deed.MANAGE, Thing.WEBHOOK)
async def add(call: Program, given: NewWebhook) -> WebhookShape:
    """A new receiver of what happens from now on."""
    return WebhookShape.of(await call.rooms.webhooks.add(call.actor, given.url), secret=True)


@router.delete("/{webhook}", status_code=204)
@needs(Deed.MANAGE, Thing.WEBHOOK)
async def remove(call: Program, webhook: Id) -> None:
    """No more letters; those that wait are dropped."""
    await call.rooms.webhooks.remove(call.actor, webhook)


@router.get("/{webhook}/deliveries")
@needs(Deed.VIEW, Thing.WEBHOOK)
async def letters(call: Program, webhook: Id) -> list[DeliveryShape]:
    """Its latest letters."""
    return [DeliveryShape.of(one) for one in await call.rooms.webhooks.letters(call.actor, webhook)]
