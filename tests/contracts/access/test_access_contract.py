"""What the books of people, sessions and the access log promise, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from ivr.adapters.storage.access_log import DatabaseAccessBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.identities import DatabaseIdentityBook
from ivr.adapters.storage.people import DatabasePeopleBook
from ivr.adapters.storage.sessions import DatabaseSessionBook
from ivr.domain.access import Session, Token, Tries
from ivr.domain.audit import Entry, LogQuery, verify
from ivr.domain.identity import Identity
from ivr.domain.people import Account, Role
from ivr.ports.access import AccessBook, IdentityBook, PeopleBook, SessionBook
from tests.access_samples import an_account

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Books:
    """All three."""

    people: PeopleBook
    sessions: SessionBook
    log: AccessBook


@pytest.fixture
def books(journal_url: str) -> Iterator[Books]:
    engine = connect(journal_url)
    found = DatabasePeopleBook(engine), DatabaseSessionBook(engine), DatabaseAccessBook(engine)
    yield Books(*found)
    for book in found:
        book.dispose()


async def test_a_person_is_found_by_login_and_by_id(books: Books) -> None:
    anna = an_account("petrova", Role.CURATOR, Role.AUDITOR)
    assert await books.people.add(anna)
    assert await books.people.find(anna.id) == anna
    assert await books.people.named("petrova") == (anna, "")
    await books.people.set_password(anna.id, "$argon2id$…")
    assert await books.people.named("petrova") == (anna, "$argon2id$…")
    assert await books.people.named("nobody") is None


@pytest.fixture
async def bindings(books: Books, journal_url: str) -> AsyncIterator[tuple[IdentityBook, Account, Account]]:
    """The book of identities, and two people who are in it by none."""
    anna, boris = an_account("petrova"), an_account("sidorov")
    for one in (anna, boris):
        await books.people.add(one)
    book = DatabaseIdentityBook(connect(journal_url))
    yield book, anna, boris
    book.dispose()


async def test_an_identity_of_another_system_is_one_persons_for_ever(
    bindings: tuple[IdentityBook, Account, Account],
) -> None:
    book, anna, boris = bindings
    hers = Identity("https://sso.example.org", "42", "petrova", "Петрова А. В.")
    assert await book.account_of(hers) is None
    assert await book.bind(hers, anna.id, NOW)
    assert await book.bind(hers, anna.id, NOW)
    assert not await book.bind(hers, boris.id, NOW)
    assert await book.account_of(replace(hers, login="other", name="Другая")) == anna.id
    assert await book.account_of(replace(hers, source="https://other.example.org")) is None


async def test_an_account_is_one_identitys_of_a_system(books: Books, journal_url: str) -> None:
    """Whoever binds at the same moment."""
    anna = an_account("petrova")
    await books.people.add(anna)
    found = [DatabaseIdentityBook(connect(journal_url)) for _ in range(6)]
    several = [Identity("https://sso.example.org", str(number), "petrova", "Петрова А. В.") for number in range(6)]
    bound = await asyncio.gather(*(book.bind(one, anna.id, NOW) for book, one in zip(found, several, strict=True)))
    assert bound.count(True) == 1
    assert [await found[0].account_of(one) for one in several] == [anna.id if mine else None for mine in bound]
    assert await found[0].bind(several[bound.index(True)], anna.id, NOW)
    assert await found[0].bind(replace(several[0], source="https://other.example.org"), anna.id, NOW)
    for book in found:
        book.dispose()


async def test_an_account_that_is_released_is_bound_anew(bindings: tuple[IdentityBook, Account, Account]) -> None:
    book, anna, boris = bindings
    old, new = (Identity("https://sso.example.org", key, "petrova", "Петрова А. В.") for key in ("42", "43"))
    his = Identity("https://sso.example.org", "7", "sidorov", "Сидоров Б.")
    assert await book.bind(old, anna.id, NOW)
    assert await book.bind(his, boris.id, NOW)
    assert await book.bound(anna.id) == 1
    assert not await book.bind(new, anna.id, NOW)
    assert await book.release(anna.id) == 1
    assert await book.bound(anna.id) == 0
    assert await book.bind(new, anna.id, NOW)
    assert [await book.account_of(one) for one in (old, new, his)] == [None, anna.id, boris.id]


async def test_a_login_and_a_name_have_one_owner(books: Books) -> None:
    anna = an_account("petrova")
    await books.people.add(anna)
    assert not await books.people.add(replace(an_account("petrova", town="other"), id="2"))
    assert not await books.people.add(an_account("second", name=anna.name))
    assert await books.people.add(an_account("second", name=anna.name, town="other"))
    boris = an_account("sidorov")
    await books.people.add(boris)
    assert not await books.people.change(replace(boris, name=anna.name))
    assert await books.people.change(replace(boris, name="Сидоров Б.", disabled_at=NOW, trained_at=NOW))
    assert [one.name for one in await books.people.everybody("demo")] == [anna.name, "Сидоров Б."]
    assert len(await books.people.everybody()) == 3


async def test_sessions_begin_are_seen_and_end(books: Books) -> None:
    anna = an_account("petrova")
    await books.people.add(anna)
    first = Session("a" * 64, anna.id, NOW, NOW, "10.0.0.7", "Firefox")
    await books.sessions.begin(first)
    await books.sessions.begin(replace(first, key="b" * 64))
    await books.sessions.begin(replace(first, key="c" * 64))
    later = NOW + timedelta(minutes=5)
    await books.sessions.seen("a" * 64, later)
    assert await books.sessions.find("a" * 64) == (replace(first, seen_at=later), anna)
    assert (await books.sessions.of(anna.id))[0].key == "a" * 64
    await books.sessions.end("c" * 64)
    assert await books.sessions.end_all(anna.id, but="a" * 64) == 1
    assert await books.sessions.find("b" * 64) is None
    assert await books.sessions.end_old(NOW - timedelta(hours=1), NOW) == 0
    assert await books.sessions.end_old(NOW - timedelta(hours=1), NOW + timedelta(hours=1)) == 1


async def test_keys_of_programs(books: Books) -> None:
    crm = an_account("crm")
    await books.people.add(crm)
    key = Token("ab" * 32, crm.id, "учёт", NOW, NOW + timedelta(days=1))
    await books.sessions.add_token(key)
    await books.sessions.token_used(key.key, NOW)
    assert await books.sessions.token(key.key) == (replace(key, used_at=NOW), crm)
    assert await books.sessions.tokens(crm.id) == [replace(key, used_at=NOW)]
    assert await books.sessions.revoke(crm.id, "ff") == 0
    assert await books.sessions.revoke(crm.id, "%") == 0
    assert await books.sessions.revoke(crm.id, "abab") == 1
    assert await books.sessions.token(key.key) is None


async def test_tries_are_counted_and_forgotten(books: Books) -> None:
    assert await books.sessions.tries("login:x") == Tries()
    await books.sessions.failed("login:x", NOW)
    await books.sessions.failed("login:x", NOW + timedelta(hours=1))
    assert await books.sessions.tries("login:x") == Tries(2, NOW + timedelta(hours=1))
    await books.sessions.failed("login:x", NOW + timedelta(days=2))
    assert await books.sessions.tries("login:x") == Tries(1, NOW + timedelta(days=2))
    await books.sessions.forget_tries("login:x")
    assert await books.sessions.tries("login:x") == Tries()


async def test_no_failed_try_of_several_at_once_is_lost(journal_url: str) -> None:
    engines = [connect(journal_url) for _ in range(6)]
    books = [DatabaseSessionBook(engine) for engine in engines]
    await asyncio.gather(*(book.failed("login:x", NOW) for book in books for _ in range(15)))
    assert await books[0].tries("login:x") == Tries(90, NOW)
    for book in books:
        book.dispose()


def _entry(subject: str, who: str = "petrova", town: str = "demo") -> Entry:
    return Entry(NOW, who, "session", "::1", "view", "callback", subject, town, {"секунды": "0.0-16.0"})


async def test_rows_are_chained_and_read_back_as_they_were(books: Books) -> None:
    kept = [await books.log.append(_entry(str(number))) for number in range(5)]
    assert list(books.log.walk()) == kept
    assert verify(books.log.walk()).rows == 5
    await books.log.append(_entry("x", "sidorov"))
    await books.log.append(_entry("x", town="other"))
    assert [entry.subject for entry in await books.log.page(LogQuery("demo"), limit=3)] == ["x", "4", "3"]
    assert [entry.subject for entry in await books.log.page(LogQuery("demo"), before=2)] == ["0"]
    assert [entry.number for entry in await books.log.page(LogQuery("demo", who="sidorov"))] == [6]
    assert [entry.number for entry in await books.log.page(LogQuery("demo", subject="3"))] == [4]


async def test_text_that_no_database_holds_is_hashed_as_it_is_kept(books: Books) -> None:
    await books.log.append(_entry("\ud800\0" + "я" * 500, "\udfff"))
    await books.log.append(_entry("next"))
    assert verify(books.log.walk()).broken is None


async def test_many_writers_make_one_chain(journal_url: str) -> None:
    engines = [connect(journal_url) for _ in range(6)]
    logs = [DatabaseAccessBook(engine) for engine in engines]
    await asyncio.gather(*(log.append(_entry(f"{number}")) for log in logs for number in range(15)))
    assert verify(logs[0].walk()).rows == 90
    for log in logs:
        log.dispose()


async def test_a_row_edited_in_the_database_is_named(journal_url: str, books: Books) -> None:
    """F36."""
    for number in range(30):
        await books.log.append(_entry(str(number)))
    engine = connect(journal_url)
    with engine.begin() as db:
        db.execute(text("UPDATE access_log SET subject = 'other' WHERE number = 17"))
    engine.dispose()
    assert (verify(books.log.walk()).broken, verify(books.log.walk()).why) == (17, "changed")
