"""A house whose terms can be watched: a journal with recordings, its keeping room, a clock that is set by hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, select, text, update

from ivr.adapters.files import wav
from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.settings_tables import MunicipalityTable, StorageTable
from ivr.adapters.storage import tables
from ivr.adapters.storage.curator_tables import review
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.ledger import enter
from ivr.adapters.storage.outbox import delivery, webhook
from ivr.adapters.storage.rows import (
    attempt_row,
    call_row,
    callback_row,
    correction_row,
    message_row,
    referral_row,
    talk_row,
    turn_row,
)
from ivr.adapters.storage.search_index import keep_words
from ivr.bootstrap.keeping import KeepingRoom, build_keeping_room
from ivr.domain.attempt import Attempt, Ring
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.contact import Address, PersonName
from ivr.domain.correction import Correction
from ivr.domain.leg import leg_of_attempt, legs_of_call
from ivr.domain.message import Found
from ivr.domain.referral import Referral
from ivr.domain.turn import HeardWord, Speaker, Turn
from ivr.domain.vocabulary import AttemptOutcome
from tests.samples import CALENDAR, RULES, SetClock, a_call, a_message, ended

MARKS = ("приметнов", "меткина", "улица-метка", "запаска", "4711", "суть-метка", "ответ-метка", "kennzeichen")
"""Nothing of these may be found anywhere when the term is over."""
NUMBER = "+79000004711"
PROOF = {"notice_seconds": 9.0, "notice_whole": 9.0, "notice_hash": "a" * 64, "notice_edition": "b" * 16}


@dataclass
class Kept:
    """The house."""

    folder: Path
    engine: Engine
    room: KeepingRoom
    clock: SetClock
    recordings: WavRecordings
    settings: Settings

    def left(
        self, number: int, at: datetime, *, phone: str = NUMBER, is_open: bool = False, town: str = "demo"
    ) -> str:  # fmt: skip
        """A citizen's whole case: a call with its message, corrections, a question passed on, a call back."""
        call = replace(ended(a_call(number, at)), caller_number=phone, caller_name="Kennzeichen", sip_call_id="4711@x",
                       source="10.0.0.9:4711", municipality=town, **PROOF)  # fmt: skip
        word = HeardWord("приметнов", 0.1, 0.6, 0.9)
        message = a_message(
            call, phone, name=PersonName("Приметнов", "Меткина", None), address=Address(None, "Улица-Метка", "1", "2"),
            gist="суть-метка", text="приметнов запаска", comment="суть-метка", reason="ответ-метка",
            incomplete_phone="4711", found=(("name", Found(0.9, 1, 0, 1, ("приметнов",))),),
        )  # fmt: skip
        state = CallbackState.PROMISED if is_open else CallbackState.CLOSED
        callback = replace(Callback.promised(message, CALENDAR, RULES), state=state, touched_at=call.ended_at)
        tried = at + timedelta(minutes=30)
        attempt = Attempt(
            f"{number + 0xA0000000:032x}", callback.id, phone, tried, callback.due_at, "Петрова А. В.",
            ended_at=tried + timedelta(minutes=2), outcome=AttemptOutcome.ANSWERED, recording_seconds=1.0,
            rings=(Ring(phone, tried, tried, tried, tried, 200),), **PROOF,
        )  # fmt: skip
        turns = [Turn(1, Speaker.CALLER, 0.0, 1.0, "приметнов запаска", keys="4711", words=(word,))]
        passed = Referral(f"{number + 0xB0000000:032x}", callback.id, "ЖКХ", "суть-метка", "Петрова А. В.", tried,
                          tried, "ответ-метка", "Петрова А. В.", tried)  # fmt: skip
        wrong = Correction(f"{number + 0xC0000000:032x}", call.id, "gist", "запаска", "суть-метка", "Петрова", tried)
        with self.engine.begin() as db:
            db.execute(insert(tables.call), [call_row(call)])
            db.execute(insert(tables.turn), [turn_row(call.id, turn) for turn in turns])
            db.execute(insert(tables.callback), [callback_row(callback)])
            db.execute(insert(tables.message), [message_row(message, callback.id)])
            keep_words(db, [call.id])
            db.execute(insert(review), [_review(call.id, at)])
            db.execute(insert(tables.correction), [correction_row(wrong)])
            db.execute(insert(tables.recording), [{"name": call.id, "call_id": call.id, "seconds": 1.0}])
            db.execute(insert(tables.attempt), [attempt_row(attempt)])
            db.execute(insert(tables.talk), [talk_row(attempt.id, turn) for turn in turns])
            db.execute(insert(tables.referral), [referral_row(passed)])
            legs = [*legs_of_call(call), leg_of_attempt(attempt, "demo")]
            enter(db, [leg for leg in legs if leg])
            hook = {"id": "w", "municipality": "demo", "url": "https://example.org/", "secret": "s", "made_by": "x"}
            if not db.execute(select(webhook.c.id)).first():
                db.execute(insert(webhook), [hook | {"made_at": at}])
            letter = {"webhook_id": "w", "event": "e", "body": call.id, "tries": 1, "claim": "", "reply": ""}
            db.execute(insert(delivery), [letter | {"id": call.id, "created_at": at}])
            notice = {"key": f"overdue:{call.id}", "kind": "overdue", "municipality": "demo", "subject": call.id}
            db.execute(insert(tables.notice), [notice | {"at": at, "posted_at": at}])
        for name in (call.id, attempt.id):
            self.sound(name, at)
        return call.id

    def sound(self, name: str, at: datetime) -> Path:
        """A recording's file as old as that."""
        path = self.folder / "recordings" / f"{name}.wav"
        path.write_bytes(wav.write(b"4711" * 40))
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def files(self) -> set[str]:
        """Recordings on the disk."""
        return {path.stem for path in (self.folder / "recordings").rglob("*.wav")}

    def close(self, callback: str) -> None:
        """Nothing more is owed."""
        table = tables.callback
        with self.engine.begin() as db:
            db.execute(update(table).where(table.c.id == callback).values(state="closed", is_open=False))

    def erased(self) -> set[str]:
        """Calls that are bare figures."""
        with self.engine.connect() as db:
            return set(db.execute(select(tables.call.c.id).where(tables.call.c.erased_at.is_not(None))).scalars())

    def found(self, marks: Sequence[str] = MARKS) -> set[str]:
        """Marks that stand anywhere in the database, its files, or the files beside it."""
        if self.engine.dialect.name == "sqlite":
            blobs = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
            texts = [blob.decode("utf-8", "replace").lower() for blob in blobs]
        else:
            with self.engine.connect() as db:
                texts = [str(row).lower() for table in tables.metadata.sorted_tables
                         for row in db.execute(text(f'SELECT * FROM "{table.name}"'))]  # fmt: skip
        return {mark for mark in marks if any(mark in text for text in texts)}

    def dispose(self) -> None:
        """Let go of everything."""
        self.room.dispose()
        self.recordings.close()
        self.engine.dispose()


def _review(message: str, at: datetime) -> dict[str, object]:
    said = {"note": "суть-метка", "question": "приметнов", "answer": "запаска", "grades": {}, "why": "random"}
    who = {"operator": "Петрова А. В.", "chosen_by": "", "reviewed_by": ""}
    return {"id": message, "municipality": "demo", "message": message, "chosen_at": at, **said, **who}


def make_kept(folder: Path, now: datetime, url: str = "", neighbours: Sequence[MunicipalityTable] = ()) -> Kept:
    """An empty one."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(url or f"sqlite:///{folder / 'journal.db'}")
    upgrade(engine)
    recordings, clock = WavRecordings(folder / "recordings"), SetClock(now)
    (folder / "spool").mkdir()
    settings = Settings(storage=StorageTable(data=folder), municipalities=tuple(neighbours))
    room = build_keeping_room(settings, engine, clock, recordings)
    return Kept(folder, engine, room, clock, recordings, settings)
