"""Letters about notices in a database (fulfils `ports.NoticeLetters`)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, or_, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import Transactions
from ivr.adapters.storage.notices import notice_of
from ivr.domain.letter import LetterState
from ivr.domain.notices import Bundle

_LETTER = tables.notice_letter
_REPLY_AT_MOST = 500


class DatabaseNoticeLetters:
    """A row for each notice and addressee; the rows of one addressee go together."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def claim(self, at: datetime, until: datetime) -> Bundle | None:
        """All that waits for the addressee who has waited longest. What was being handed over when its sender died may
        have arrived: it never goes again."""
        died = and_(_LETTER.c.state == LetterState.HANDING_OVER.value, _LETTER.c.claimed_until <= at)
        due = and_(
            _LETTER.c.state == LetterState.WAITING.value, _LETTER.c.next_try_at <= at,
            or_(_LETTER.c.claim == "", _LETTER.c.claimed_until <= at),
        )  # fmt: skip
        first = select(_LETTER.c.recipient).where(due).order_by(_LETTER.c.next_try_at, _LETTER.c.recipient).limit(1)

        def take(db: Connection) -> Bundle | None:
            recipient, claim = db.execute(first).scalar(), uuid.uuid4().hex
            if recipient is None:
                return None
            mine = and_(due, _LETTER.c.recipient == recipient)
            db.execute(update(_LETTER).where(mine).values(claim=claim, claimed_until=until))
            return _bundle(db, recipient, claim)

        if not await self._transactions.read(
            lambda db: db.execute(select(func.count()).where(or_(due, died))).scalar()
        ):
            return None
        lost = update(_LETTER).where(died).values(state=LetterState.IN_DOUBT.value, claim="")
        await self._transactions.write(lambda db: db.execute(lost))
        return await self._transactions.write(take)

    async def hand_over(self, bundle: Bundle) -> bool:
        """Only while all of it is still in this claim."""

        def write(db: Connection) -> bool:
            change = update(_LETTER).where(_held(bundle, LetterState.WAITING))
            changed = db.execute(change.values(state=LetterState.HANDING_OVER.value)).rowcount
            return bool(changed == len(bundle.notices))

        return await self._transactions.write(write)

    async def settle(self, bundle: Bundle, state: LetterState, reply: str, at: datetime) -> None:
        """Under this claim only."""
        delivered = {"sent_at": at} if state is LetterState.DELIVERED else {"next_try_at": at}
        tries = bundle.tries + (state is LetterState.WAITING)
        news: dict[str, Any] = {"state": state.value, "reply": safe_text(reply)[:_REPLY_AT_MOST], "claim": ""}
        held = _held(bundle, LetterState.WAITING, LetterState.HANDING_OVER)
        change = update(_LETTER).where(held).values(**news, **delivered, tries=tries)
        await self._transactions.write(lambda db: db.execute(change))

    async def waiting(self) -> int:
        """Notices on their way."""
        query = select(func.count()).where(_LETTER.c.state == LetterState.WAITING.value)
        return await self._transactions.read(lambda db: int(db.execute(query).scalar() or 0))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _held(bundle: Bundle, *states: LetterState) -> Any:
    return and_(
        _LETTER.c.recipient == bundle.recipient, _LETTER.c.claim == bundle.claim,
        _LETTER.c.state.in_([state.value for state in states]),
    )  # fmt: skip


def _bundle(db: Connection, recipient: str, claim: str) -> Bundle | None:
    query = select(tables.notice, _LETTER.c.tries).join(_LETTER, _LETTER.c.notice_key == tables.notice.c.key)
    mine = and_(_LETTER.c.recipient == recipient, _LETTER.c.claim == claim)
    rows = db.execute(query.where(mine).order_by(tables.notice.c.at, tables.notice.c.key)).mappings().all()
    if not rows:
        return None
    return Bundle(recipient, tuple(map(notice_of, rows)), claim, max(row["tries"] for row in rows))
