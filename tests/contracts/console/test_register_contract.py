"""What the register promises, on both databases: word forms, columns, days, pages, one walk through all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.register import DatabaseRegister
from ivr.language.morphology import shared_morphology
from ivr.language.search_words import SearchWords, mark
from ivr.ports.console import Wanted
from tests.samples import FRIDAY_NIGHT, a_call, a_callback, a_message, ended, turns

ALL = Wanted("demo")


@dataclass(frozen=True, slots=True)
class Books:
    """Both upon one database."""

    journal: DatabaseJournal
    register: DatabaseRegister


@pytest.fixture
async def books(journal_url: str) -> Iterator[Books]:  # type: ignore[misc]
    engine = connect(journal_url)
    made = Books(DatabaseJournal(engine), DatabaseRegister(engine))
    for number, (text, topic, town) in enumerate(
        [("нет горячей воды", "hot_water", "demo"), ("собаки у школы", "stray_animals", "demo"),
         ("вода в подвале", None, "demo"), ("нет воды", "hot_water", "elsewhere")], start=1,
    ):  # fmt: skip
        call = replace(a_call(number, FRIDAY_NIGHT + timedelta(days=number)), municipality=town)
        message = a_message(call, phone=f"+7900000000{number}", text=text, topic=topic)
        await made.journal.close(ended(call), turns(), message, a_callback(message) if number != 2 else None)
    yield made
    made.journal.dispose()
    made.register.dispose()


def asked(words: str, *marks: str) -> Wanted:
    """What the service asks for."""
    groups = list(SearchWords(shared_morphology()).asked(words))
    return Wanted("demo", [*groups, *(frozenset({one}) for one in marks)])


async def numbers(books: Books, wanted: Wanted) -> list[int]:
    """The rows found, by number."""
    return [int(entry.message.id, 16) for entry in await books.register.page(wanted)]


async def test_the_newest_come_first_and_another_towns_never(books: Books) -> None:
    assert await numbers(books, ALL) == [3, 2, 1]
    assert await books.register.count(ALL, 100) == 3
    assert await books.register.count(ALL, 2) == 2
    first, *_ = await books.register.page(ALL)
    assert (first.mode, first.has_sound, bool(first.callback)) == ("after_hours", True, True)


async def test_a_word_is_found_in_any_form(books: Books) -> None:
    assert await numbers(books, asked("водой")) == [3, 1]
    assert await numbers(books, asked("горячая вода")) == [1]
    assert await numbers(books, asked("собака")) == [2]
    assert await numbers(books, asked("0002")) == [2]
    assert await numbers(books, asked("снег")) == []


async def test_columns_are_searched_like_words(books: Books) -> None:
    assert await numbers(books, asked("", mark("topic", "hot_water"))) == [1]
    assert await numbers(books, asked("вода", mark("topic", "none"))) == [3]
    assert await numbers(books, asked("", mark("promise", "none"))) == [2]


@pytest.mark.parametrize("wanted", [ALL, asked("", mark("mode", "after_hours"))], ids=["all", "filtered"])
async def test_days_and_pages(books: Books, wanted: Wanted) -> None:
    second = FRIDAY_NIGHT + timedelta(days=2)
    assert await numbers(books, replace(wanted, begins=second)) == [3, 2]
    assert await numbers(books, replace(wanted, ends=second)) == [1]
    (newest,) = await books.register.page(wanted, limit=1)
    assert [int(one.message.id, 16) for one in await books.register.page(wanted, newest.place)] == [2, 1]
    assert [int(one.id, 16) for one in books.register.walk(wanted)] == [1, 2, 3]
