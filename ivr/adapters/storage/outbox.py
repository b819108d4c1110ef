"""Receivers and their letters in a database (fulfils `ports.webhooks.Outbox`)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    delete,
    or_,
    select,
    update,
)

from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import Transactions, insert_once
from ivr.adapters.storage.personal import PLAIN, STAFF, ages
from ivr.adapters.storage.tables import Moment, metadata
from ivr.domain.webhook import Delivery, Webhook

webhook = Table(
    "webhook", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, index=True, info=PLAIN),
    Column("url", Text, nullable=False, info=PLAIN),
    Column("secret", String(100), nullable=False, info=PLAIN),
    Column("made_by", Text, nullable=False, info=STAFF),
    Column("made_at", Moment, nullable=False),
)  # fmt: skip

delivery = Table(
    "delivery", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("webhook_id", String(32), ForeignKey("webhook.id"), nullable=False, info=PLAIN),
    Column("event", String(32), nullable=False, info=PLAIN),
    Column("body", Text, nullable=False, info=PLAIN),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("claim", String(32), nullable=False, info=PLAIN),
    Column("claimed_until", Moment),
    Column("next_try_at", Moment),
    Column("reply", Text, nullable=False, info=PLAIN),
    Column("delivered_at", Moment),
    Column("given_up_at", Moment),
    Index("ix_delivery_due", "next_try_at"),
    Index("ix_delivery_webhook", "webhook_id", "created_at"),
    info=ages("created_at", whole=True),
)  # fmt: skip

_REPLY_AT_MOST = 300


def enqueue(db: Connection, event: str, municipality: str, key: str, at: datetime, facts: Mapping[str, str]) -> None:
    """Write a letter for each receiver of this town, in the transaction of what happened.

    Args:
        key: the same for the same happening; it is written once however often this is called.
    """
    known = db.execute(select(webhook.c.id).where(webhook.c.municipality == municipality)).scalars().all()
    if known:
        insert_once(db, delivery, *(_row(one, event, municipality, key, at, facts) for one in known))


def _row(
    receiver: str, event: str, municipality: str, key: str, at: datetime, facts: Mapping[str, str]
) -> dict[str, Any]:
    identity = hashlib.sha256(f"{receiver} {event} {key}".encode()).hexdigest()[:32]
    said = {"id": identity, "event": event, "at": at.astimezone(UTC).isoformat(), "municipality": municipality, **facts}
    return {
        "id": identity, "webhook_id": receiver, "event": event, "body": json.dumps(said, separators=(",", ":")),
        "created_at": at, "tries": 0, "claim": "", "next_try_at": at, "reply": "",
    }  # fmt: skip


class DatabaseOutbox:
    """A row a letter and receiver."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def add(self, hook: Webhook) -> None:
        """Insert it."""
        row = {name: getattr(hook, name) for name in Webhook.__dataclass_fields__}
        await self._transactions.write(lambda db: db.execute(webhook.insert().values(row)))

    async def remove(self, municipality: str, hook: str) -> bool:
        """Delete it with its letters."""

        def write(db: Connection) -> bool:
            mine = and_(webhook.c.id == hook, webhook.c.municipality == municipality)
            if not db.execute(select(webhook.c.id).where(mine)).first():
                return False
            db.execute(delete(delivery).where(delivery.c.webhook_id == hook))
            db.execute(delete(webhook).where(mine))
            return True

        return await self._transactions.write(write)

    async def receivers(self, municipality: str) -> Sequence[Webhook]:
        """Oldest first."""
        query = select(webhook).where(webhook.c.municipality == municipality).order_by(webhook.c.made_at)
        return await self._transactions.read(lambda db: [_webhook(row, "id") for row in db.execute(query).mappings()])

    async def letters(self, hook: str, limit: int = 50) -> Sequence[Delivery]:
        """The newest first."""
        query = _letters().where(webhook.c.id == hook).order_by(delivery.c.created_at.desc()).limit(limit)
        return await self._transactions.read(lambda db: [_delivery(row) for row in db.execute(query).mappings()])

    async def claim(self, at: datetime, until: datetime) -> Delivery | None:
        """The one that waits longest."""
        due = and_(
            delivery.c.next_try_at <= at, or_(delivery.c.claim == "", delivery.c.claimed_until <= at),
        )  # fmt: skip

        def write(db: Connection) -> Delivery | None:
            known = db.execute(select(delivery.c.id).where(due).order_by(delivery.c.next_try_at).limit(1)).scalar()
            change = update(delivery).where(delivery.c.id == known, due)
            change = change.values(claim=uuid.uuid4().hex, claimed_until=until)
            if known is None or not db.execute(change).rowcount:
                return None
            return _delivery(db.execute(_letters().where(delivery.c.id == known)).mappings().one())

        return await self._transactions.write(write)

    async def delivered(self, letter: Delivery, reply: str, at: datetime) -> None:
        """It waits no more."""
        await self._settle(letter, reply, delivered_at=at, next_try_at=None)

    async def put_off(self, letter: Delivery, why: str, next_try_at: datetime | None, at: datetime) -> None:
        """It waits for its next time, or is given up."""
        await self._settle(letter, why, next_try_at=next_try_at, given_up_at=None if next_try_at else at)

    async def _settle(self, letter: Delivery, reply: str, **news: Any) -> None:
        mine = and_(delivery.c.id == letter.id, delivery.c.claim == letter.claim)
        news |= {"reply": safe_text(reply)[:_REPLY_AT_MOST], "tries": letter.tries + 1, "claim": ""}
        await self._transactions.write(lambda db: db.execute(update(delivery).where(mine).values(news)))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _letters() -> Any:
    columns = [column for column in webhook.c if column.name != "id"]
    return select(delivery, *columns).join_from(delivery, webhook)


def _webhook(row: RowMapping, key: str) -> Webhook:
    facts = {name: row[name] for name in Webhook.__dataclass_fields__ if name != "id"}
    return Webhook(id=row[key], **facts)


def _delivery(row: RowMapping) -> Delivery:
    facts = {name: row[name] for name in Delivery.__dataclass_fields__ if name != "webhook"}
    return Delivery(webhook=_webhook(row, "webhook_id"), **facts)
