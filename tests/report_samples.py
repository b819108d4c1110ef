"""Invented messages and loads for the tests and measurements of the reports."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from sqlalchemy import Engine, insert

from ivr.adapters.storage import tables
from ivr.adapters.storage.day_tables import leg
from ivr.adapters.storage.rows import call_row, callback_row, message_row
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.leg import legs_of_call
from ivr.domain.message import Message
from ivr.domain.report import LoadDay

TOWN = "teplo-ogarevsky"
MONDAY = date(2026, 11, 16)

_NAMES = [("Иванова", "Мария", "Петровна"), ("Кузнецов", "Николай", "Ильич"), ("Орлова", "Анна", "Сергеевна")]
_STREETS = ["улица Советская", "улица Ленина", "переулок Садовый"]
_GISTS = [
    "Третий день нет горячей воды, в управляющей компании трубку не берут",
    "Не убран снег у школы, дети идут по дороге",
    "Бегает стая собак возле детского сада, просят принять меры",
    "Не горит фонарь на углу, темно уже неделю",
]
_TOPICS = ["hot_water", "snow", "stray_animals", "roads", "other", None]


def messages(
    count: int, first: datetime = datetime(2026, 11, 16, 5, tzinfo=UTC), *, days: int = 7
) -> Iterator[Message]:
    """So many invented messages, spread evenly over the days."""
    chance = random.Random(8)
    step = timedelta(days=days) / max(count, 1)
    for number in range(count):
        house = str(chance.randint(1, 90))
        yield Message(
            id=f"{number:032x}",
            municipality=TOWN,
            received_at=first + number * step,
            topic=chance.choice(_TOPICS),
            name=PersonName(*chance.choice(_NAMES)) if number % 7 else None,
            phone=PhoneNumber(f"+7900000{number % 10000:04d}") if number % 5 else None,
            caller_number="+79000000001" if number % 3 else "",
            address=Address("Тёплое", chance.choice(_STREETS), house, str(number % 50) if number % 2 else None),
            gist=chance.choice(_GISTS),
            repeated=chance.choice([True, False, None]),
            outcome=chance.choice(["consulted", "informed", "passed_on", None]),
            operator=chance.choice(["Петрова А. В.", None]),
            executor=chance.choice(["отдел ЖКХ", None]),
            result=chance.choice(["satisfied", "explained", "call_again", "dissatisfied", None]),
            comment=chance.choice(["", "перезвонить 25.11.2026 в 10:00"]),
            status=chance.choice(["new", "in_work", "closed"]),
        )


def keep(engine: Engine, rows: Iterable[Message], *, due_after: timedelta | None = None) -> None:
    """Put messages into the journal, each with its call, and with a callback due so long after when asked."""
    waiting = iter(rows)
    while page := list(islice(waiting, 5000)):
        with engine.begin() as db:
            calls = [_call(message) for message in page]
            db.execute(insert(tables.call), [call_row(call) for call in calls])
            db.execute(insert(leg), [asdict(record) for call in calls for record in legs_of_call(call)])
            if due_after is not None:
                db.execute(insert(tables.callback), [callback_row(_promise(one, due_after)) for one in page])
            kept = [message_row(one, one.id if due_after is not None else None) for one in page]
            db.execute(insert(tables.message), kept)


def _call(message: Message) -> Call:
    at = message.received_at
    return Call(
        message.id, message.municipality, at, Mode.AFTER_HOURS, answered_at=at, ended_at=at, end=CallEnd.COMPLETED
    )


def _promise(message: Message, due_after: timedelta) -> Callback:
    at = message.received_at
    return Callback(
        message.id, message.municipality, message.number_to_call, at, at + due_after, state=CallbackState.PROMISED
    )


def load() -> list[LoadDay]:
    """A week's load with its edges: exactly the norms, no calls, no calls made, one short of the norm."""
    figures = [(100, 5, 20, 9), (100, 4, 20, 10), (0, 0, 0, 0), (40, 3, 0, 0), (7, 7, 3, 1)]
    return [
        LoadDay(MONDAY + timedelta(days=ahead), *counts, by_machine=counts[1], after_hours=ahead)
        for ahead, counts in enumerate(figures)
    ]
