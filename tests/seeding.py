"""A journal full of invented citizens: a morning's work in detail, and years behind it in bulk.

`morning` makes what a person would see; `bulk` makes rows by the million for measurements.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from ivr.adapters.files import wav
from ivr.adapters.storage import tables
from ivr.adapters.storage.rows import attempt_row, call_row, callback_row, message_row, move_row, turn_row
from ivr.adapters.storage.search_index import keep_words
from ivr.domain.attempt import Attempt, Means
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback, CallbackState, Move
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Found, Message
from ivr.domain.turn import HeardWord, Speaker, Turn
from ivr.domain.vocabulary import AttemptOutcome
from tests.samples import CALENDAR, RULES

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = REPOSITORY / "audio" / "samples" / "everything_1.wav"
_LEAD_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Story:
    """What one citizen left."""

    text: str
    topic: str | None
    name: PersonName | None
    address: Address | None = None
    phone: str = ""
    caller_number: str = ""
    hours_before: float = 9.0
    flags: tuple[str, ...] = ()
    sure: float = 0.91


STORIES = (
    Story("здравствуйте меня зовут иванова мария петровна третий день нет горячей воды улица советская дом пять "
          "квартира двенадцать телефон восемь девятьсот ноль ноль ноль двенадцать тридцать четыре", "hot_water",
          PersonName("Иванова", "Мария", "Петровна"), Address("Тёплое", "ул. Советская", "5", "12"), "+79000001234",
          "+79000001234", 10.5),
    Story("добрый вечер не чистят снег у школы дети идут по проезжей части улица садовая", "snow", None,
          Address(None, "ул. Садовая"), "", "+79000002107", 12.0),
    Story("кузнецов николай ильич яма на дороге у дома семь по улице ленина провалился колесом", "roads",
          PersonName("Кузнецов", "Николай", "Ильич"), Address("Тёплое", "ул. Ленина", "7"), "+74875521145", "", 13.5),
    Story("пахнет газом в подъезде улица победы три приезжайте скорее", "gas",
          PersonName("Сорокина", "Анна", None), Address("Тёплое", "ул. Победы", "3"), "", "+79000000311", 8.0,
          ("emergency",), 0.97),
    Story("сколько можно отопления нет второй день дома плюс двенадцать смирнова ольга викторовна", "heating",
          PersonName("Смирнова", "Ольга", "Викторовна"), Address("Тёплое", "ул. Строителей", "14", "3"), "+79000005643",
          "+79000005642", 11.0),
    Story("у нас стая собак возле детского сада боимся выпускать детей", "stray_animals", None, None, "", "", 9.5, (),
          0.62),
    Story("скажите пожалуйста когда будет приём главы администрации петров сергей", "reception",
          PersonName("Петров", "Сергей", None), None, "+79000000415", "", 7.5, (), 0.7),
    Story("безобразие фонарь не горит третью неделю темнота хоть глаз выколи центральная два", "improvement",
          PersonName("Белова", "Тамара", "Ивановна"), Address("Волово", "ул. Центральная", "2"), "+79000000877",
          "+79000000877", 14.0),
    Story("", None, None, None, "", "+79000000999", 6.0),
)  # fmt: skip


def morning(engine: Engine, now: datetime, town: str, operator: str = "Петрова А. В.",
            recordings: Path | None = None) -> list[str]:  # fmt: skip
    """A morning's list: overdue, soon, a window open, one in work, one passed on, one without number. Ids in order."""
    made = [_left(engine, number, story, now, town, recordings) for number, story in enumerate(STORIES)]
    first, _, window, urgent, mine, *_rest, closed, silent = made
    _change(engine, first, due_at=now - timedelta(minutes=14))
    _tried(engine, window, now - timedelta(minutes=40), operator)
    _change(engine, urgent, urgent=True, due_at=now + timedelta(minutes=25))
    _change(engine, mine, state="taken", holder=operator, touched_at=now, version=1)
    _change(engine, closed, state="closed", is_open=False, version=2)
    _change(engine, silent, calls=2)
    return made


def _left(engine: Engine, number: int, story: Story, now: datetime, town: str, recordings: Path | None) -> str:
    at = now - timedelta(hours=story.hours_before)
    key = f"{0x5EED0000 + number:032x}"
    sound = wav.parse(SAMPLE.read_bytes()) if recordings else None
    seconds = sound.seconds if sound else 18.0
    call = Call(
        key, town, at, Mode.AFTER_HOURS, caller_number=story.caller_number, answered_at=at, engine="engine-1",
        ended_at=at + timedelta(seconds=seconds + 20), end=CallEnd.COMPLETED, recording_seconds=seconds,
        notice_seconds=9.6, notice_whole=9.6, notice_hash="5e" * 32, notice_edition="5e" * 8,
    )  # fmt: skip
    spoken = _spoken(story.text, seconds)
    turns = [
        Turn(1, Speaker.ASSISTANT, 0.0, 0.0, "Здравствуйте! Вы позвонили на телефон доверия…", "after_hours_greeting"),
        Turn(2, Speaker.CALLER, 0.0, seconds, story.text, words=spoken),
    ]
    message = _message(key, town, at, story)
    callback = Callback.promised(message, CALENDAR, RULES)
    with engine.begin() as db:
        db.execute(insert(tables.call), [call_row(call)])
        db.execute(insert(tables.turn), [turn_row(key, turn) for turn in turns])
        db.execute(insert(tables.callback), [callback_row(replace(callback, due_at=max(callback.due_at, now + timedelta(
            minutes=50 + 35 * number))))])  # fmt: skip
        db.execute(insert(tables.message), [message_row(message, key)])
        keep_words(db, [key])
        if recordings and story.text:
            db.execute(insert(tables.recording), [{"name": key, "call_id": key, "seconds": seconds}])
    if recordings and story.text:
        recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(SAMPLE, recordings / f"{key}.wav")
    return key


def _message(key: str, town: str, at: datetime, story: Story) -> Message:
    words = story.text.split()
    found: list[tuple[str, Found]] = []
    if story.topic and words:
        place = min(len(words) - 2, 8)
        why = tuple(words[place : place + 2])
        found.append(("topic", Found(story.sure, 0, place, place + 2, why)))
    if story.name and words:
        start = next((n for n, word in enumerate(words) if word == (story.name.surname or "").lower()), 0)
        found.append(("name", Found(0.98, 0, start, start + 3, tuple(words[start : start + 3]))))
    if story.phone and len(words) > 10:
        found.append(("phone", Found(0.99, 0, len(words) - 8, len(words), ())))
    if story.address and words:
        start = next((n for n, word in enumerate(words) if word.startswith("улиц")), 2)
        found.append(("address", Found(0.86, 0, start, min(start + 4, len(words)), ())))
    return Message(
        key, town, at, story.topic, ((story.topic, story.sure),) if story.topic else (), story.name,
        PhoneNumber(story.phone) if story.phone else None, story.caller_number, story.address,
        gist=" ".join(words[6:18]) or story.text, text=story.text, flags=story.flags, confirmed=bool(story.phone),
        found=tuple(found), edition="2024-12-24",
    )  # fmt: skip


def _spoken(text: str, seconds: float) -> tuple[HeardWord, ...]:
    """Words spread over the recording by their length; every ninth is doubtful."""
    words = text.split()
    total = sum(len(word) + 1 for word in words) or 1
    at, made = _LEAD_SECONDS, []
    for number, word in enumerate(words):
        length = (seconds - 2 * _LEAD_SECONDS) * (len(word) + 1) / total
        made.append(HeardWord(word, round(at, 2), round(at + length, 2), 0.41 if number % 9 == 5 else 0.96))
        at += length
    return tuple(made)


def _tried(engine: Engine, callback: str, at: datetime, operator: str) -> None:
    """Called in vain; the window of the next attempt is open."""
    attempt = Attempt(f"a{callback[1:]}", callback, "+74875521145", at, at + timedelta(hours=2), operator,
                      Means.OTHER_PHONE, at + timedelta(seconds=25), AttemptOutcome.NO_ANSWER)  # fmt: skip
    opens, closes = at + timedelta(minutes=30), at + timedelta(minutes=60)
    moves = [Move(1, CallbackState.PROMISED, CallbackState.TAKEN, at, operator, "taken"),
             Move(2, CallbackState.TAKEN, CallbackState.WAITING, at, operator, "no_answer")]  # fmt: skip
    _change(engine, callback, state="waiting", rests="waiting", failures=1, opens_at=opens, closes_at=closes, version=2,
            act_by=closes)  # fmt: skip
    with engine.begin() as db:
        db.execute(insert(tables.attempt), [attempt_row(attempt)])
        db.execute(insert(tables.callback_move), [move_row(callback, move) for move in moves])


def _change(engine: Engine, callback: str, **news: Any) -> None:
    if "due_at" in news:
        news["act_by"] = news["due_at"]
    with engine.begin() as db:
        db.execute(tables.callback.update().where(tables.callback.c.id == callback).values(news))


_SURNAMES = (
    "Иванова",
    "Кузнецов",
    "Смирнова",
    "Попов",
    "Соколова",
    "Лебедев",
    "Новикова",
    "Морозов",
    "Павлова",
    "Зайцев",
)
_NAMES = (("Мария", "Петровна"), ("Николай", "Ильич"), ("Ольга", "Викторовна"), ("Сергей", "Иванович"))
_TEXTS = tuple(story.text for story in STORIES if story.text)
_TOPICS = ("hot_water", "snow", "roads", "gas", "heating", "stray_animals", "improvement", "other")
_STREETS = ("ул. Советская", "ул. Ленина", "пер. Садовый", "ул. Победы")


def bulk(
    engine: Engine, count: int, until: datetime, town: str, *, open_rows: int = 300, after: int = 0
) -> None:  # fmt: skip
    """So many calls, messages and promises over five years before `until`; only the latest `open_rows` are open.

    Args:
        after: how many rows there are already; those of another town have numbers of their own.
    """
    step = timedelta(days=5 * 365) / max(count, 1)
    closed = max(count - open_rows, 0)
    by_sql = closed > _PATTERNS
    if by_sql:
        _multiply(engine, closed, until - count * step, step, town, until, after)
    for page in _pages(closed if by_sql else 0, count, 10_000):
        rows = [
            _bulk_row(after + number, until - (count - number) * step, town, number >= closed, until) for number in page
        ]
        _put(engine, rows)
    with engine.begin() as db:
        db.exec_driver_sql("ANALYZE")


def _put(engine: Engine, rows: Sequence[tuple[dict[str, Any], ...]]) -> None:
    with engine.begin() as db:
        for place, table in enumerate((tables.call, tables.callback, tables.message, tables.attempt)):
            if made := [row[place] for row in rows if row[place]]:
                db.execute(insert(table), made)
        keep_words(db, [row[2]["id"] for row in rows])


def _pages(first: int, last: int, size: int) -> Iterator[range]:
    for start in range(first, last, size):
        yield range(start, min(start + size, last))


_PATTERNS = 40
_FROM = 0xF0000000
_STAMP = "%Y-%m-%d %H:%M:%S"


def _multiply(
    engine: Engine, count: int, first: datetime, step: timedelta, town: str, until: datetime, after: int
) -> None:  # fmt: skip
    """Closed rows made of some patterns by the database itself."""
    _put(engine, [_bulk_row(_FROM + number, first, town, False, until) for number in range(_PATTERNS)])
    lite, seconds = engine.dialect.name == "sqlite", step.total_seconds()
    key, digits, whole, place = (
        ("printf('%032x', {})", "printf('%04d', {})", "CAST({} AS INTEGER)", "rowid") if lite else
        ("lpad(to_hex({}), 32, '0')", "lpad(({})::text, 4, '0')", "floor({})::bigint", "place")
    )  # fmt: skip
    since = f"(s.n - {after}) * {seconds}"

    def at(hours: int = 0) -> str:
        later = f"({since} + {hours * 3600})"
        if lite:
            return f"strftime('%Y-%m-%d %H:%M:%f', '{first:{_STAMP}}', '+' || {later} || ' seconds') || '000'"
        return f"timestamptz '{first:{_STAMP}}+00' + {later} * interval '1 second'"

    own, phone = key.format("s.n"), f"'+7900000' || {digits.format('s.n % 10000')}"
    placed = f"(({int(first.timestamp())} + {whole.format(since)}) << 30) | (s.n & {(1 << 30) - 1})"
    dates = {"started_at": at(), "ended_at": at()}
    news = {
        "call": {"id": own, **dates, "answered_at": at(), "caller_number": phone},
        "callback": {"id": own, "created_at": at(), "due_at": at(14), "act_by": at(14), "number": phone},
        "message": {
            "id": own, "callback_id": own, "received_at": at(), "phone": phone, "caller_number": phone, "place": placed,
        },
        "attempt": {"id": own, "callback_id": own, **dates, "due_by": at(14), "number": phone},
    }  # fmt: skip
    series = f"WITH RECURSIVE s(n) AS (SELECT {after} UNION ALL SELECT n + 1 FROM s WHERE n < {after + count - 1}) "
    pattern = f"p.id = {key.format(f'{_FROM} + s.n % {_PATTERNS}')}"
    statements = []
    for name, changed in news.items():
        names = [column.name for column in tables.metadata.tables[name].c]
        columns = ", ".join(f'"{one}"' for one in names)
        values = ", ".join(changed.get(one, f'p."{one}"') for one in names)
        statements.append(
            f'INSERT INTO "{name}" ({columns}) {series}SELECT {values} FROM s JOIN "{name}" p ON {pattern}'
        )
    statements.append(
        f"INSERT INTO message_index ({place}, words) {series}SELECT {placed}, i.words FROM s "
        f"JOIN message p ON {pattern} JOIN message_index i ON i.{place} = p.place"
    )
    statements += [f'DELETE FROM "{name}" WHERE id >= {key.format(_FROM)}' for name in reversed(news)]
    with engine.begin() as db:
        for statement in statements:
            db.exec_driver_sql(statement if lite else statement.replace("%", "%%"))


def _bulk_row(number: int, at: datetime, town: str, is_open: bool, until: datetime) -> tuple[dict[str, Any], ...]:
    chance = random.Random(number)
    key = f"{number:032x}"
    phone = f"+7900000{number % 10_000:04d}"
    state = CallbackState.PROMISED if is_open else CallbackState.CLOSED
    due = until + timedelta(minutes=number % 600 - 120) if is_open else at + timedelta(hours=14)
    call = Call(
        key, town, at, Mode.AFTER_HOURS, caller_number=phone, answered_at=at, ended_at=at, end=CallEnd.COMPLETED
    )
    text = _TEXTS[number % len(_TEXTS)]
    message = Message(
        key, town, at, _TOPICS[number % len(_TOPICS)], (),
        PersonName(_SURNAMES[chance.randrange(10)], *_NAMES[number % 4]),
        PhoneNumber(phone), phone, Address("Тёплое", _STREETS[number % 4], str(number % 90 + 1)), gist=text[:80],
        text=text, status="new" if is_open else "answered", edition="2024-12-24",
    )  # fmt: skip
    callback = Callback(key, town, phone, at, due, state=state, version=0 if is_open else 3)
    tried = Attempt(key, key, phone, at, due, "Петрова А. В.", ended_at=at, outcome=AttemptOutcome.ANSWERED)
    return call_row(call), callback_row(callback), message_row(message, key), {} if is_open else attempt_row(tried)
