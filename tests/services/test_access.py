"""Signing in, sessions, keys, people: as the services promise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.adapters.storage.database import connect
from ivr.bootstrap.access import AccessRoom
from ivr.domain.people import Role
from ivr.errors import Forbidden, NotSignedIn, RuleBroken, TooManyTries
from tests.access_samples import ADMINISTRATOR, PASSWORD, access_room, an_actor
from tests.samples import SetClock

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HERE = "192.0.2.7"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def room(tmp_path: Path, clock: SetClock) -> Iterator[AccessRoom]:
    made = access_room(tmp_path, clock=clock)
    yield made
    made.dispose()


async def _anna(room: AccessRoom, *roles: Role) -> None:
    await room.people.add(ADMINISTRATOR, "Petrova", "Петрова  А. В.", roles or {Role.OPERATOR}, PASSWORD)


async def test_each_municipality_has_people_of_its_own(room: AccessRoom) -> None:
    people = room.people
    people.towns = ("demo", "elsewhere")
    await people.add(ADMINISTRATOR, "olga", "Орлова О. О.", {Role.ADMINISTRATOR}, PASSWORD, municipality="elsewhere")
    await _anna(room)
    olga = await room.door.visitor(await room.door.sign_in("olga", PASSWORD, HERE), HERE)
    assert (olga.account.municipality, olga.guest, people.open_to(olga)) == ("elsewhere", True, ["elsewhere"])
    assert [one.login for one in await people.everybody(olga)] == ["olga"]
    assert [one.login for one in await people.everybody(ADMINISTRATOR)] == ["petrova"]
    assert [one.login for one in await people.everybody(ADMINISTRATOR, "elsewhere")] == ["olga"]
    await people.change(ADMINISTRATOR, "olga", telephone="sip:1@127.0.0.1")
    for refused in (
        people.everybody(olga, "demo"), people.person(olga, "petrova"), people.change(olga, "petrova", name="Чужая"),
        people.add(olga, "own", "Своя", {Role.OPERATOR}, PASSWORD, municipality="demo"),
        people.add(ADMINISTRATOR, "lost", "Ничья", {Role.OPERATOR}, PASSWORD, municipality="nowhere"),
        people.add(ADMINISTRATOR, "region", "Область", {Role.REGION}, PASSWORD, municipality="elsewhere"),
        people.change(olga, "olga", roles=frozenset({Role.ADMINISTRATOR, Role.REGION})),
    ):  # fmt: skip
        with pytest.raises(RuleBroken):
            await refused
    await people.add(olga, "boris", "Борисов Б. Б.", {Role.CURATOR}, PASSWORD)
    assert {one.login for one in await people.everybody(olga)} == {"olga", "boris"}
    boris = await room.door.visitor(await room.door.sign_in("boris", PASSWORD, HERE), HERE)
    with pytest.raises(RuleBroken):
        await people.everybody(boris, "demo")


async def test_the_house_keeps_an_administrator_of_its_own_whoever_rules_elsewhere(room: AccessRoom) -> None:
    people = room.people
    people.towns = ("demo", "elsewhere")
    await people.add(ADMINISTRATOR, "olga", "Орлова О. О.", {Role.ADMINISTRATOR}, PASSWORD, municipality="elsewhere")
    assert not await people.has_administrator()
    await people.add(ADMINISTRATOR, "chief", "Главный И. И.", {Role.ADMINISTRATOR}, PASSWORD)
    with pytest.raises(RuleBroken, match="last administrator"):
        await people.disable(ADMINISTRATOR, "chief")
    await people.disable(ADMINISTRATOR, "olga")


async def test_who_signs_in_is_known_until_the_session_ends(room: AccessRoom, clock: SetClock) -> None:
    await _anna(room)
    token = await room.door.sign_in("PETROVA ", PASSWORD, HERE)
    actor = await room.door.visitor(token, HERE)
    assert (actor.account.name, actor.account.login) == ("Петрова А. В.", "petrova")
    clock.pass_minutes(59)
    await room.door.visitor(token, HERE)
    clock.pass_minutes(59)
    await room.door.visitor(token, HERE, acts=False)
    clock.pass_minutes(2)
    with pytest.raises(NotSignedIn):
        await room.door.visitor(token, HERE)


async def test_signing_in_again_ends_the_old_session(room: AccessRoom) -> None:
    """No session fixation (F28)."""
    await _anna(room)
    old = await room.door.sign_in("petrova", PASSWORD, HERE)
    new = await room.door.sign_in("petrova", PASSWORD, HERE, old_token=old)
    assert old != new
    with pytest.raises(NotSignedIn):
        await room.door.visitor(old, HERE)
    actor = await room.door.visitor(new, HERE)
    other = await room.door.sign_in("petrova", PASSWORD, HERE)
    assert await room.door.sign_out_everywhere(actor) == 2
    for token in (new, other):
        with pytest.raises(NotSignedIn):
            await room.door.visitor(token, HERE)


async def test_guessing_becomes_slow_for_known_and_unknown_logins_alike(room: AccessRoom, clock: SetClock) -> None:
    await _anna(room)
    for login in ("petrova", "nobody"):
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                await room.door.sign_in(login, "не тот пароль", HERE)
        with pytest.raises(TooManyTries):
            await room.door.sign_in(login, PASSWORD, HERE)
    clock.pass_minutes(1)
    assert await room.door.sign_in("petrova", PASSWORD, HERE)
    with pytest.raises(NotSignedIn):
        await room.door.sign_in("petrova", "снова не тот", HERE)


async def test_one_address_cannot_try_all_logins(room: AccessRoom) -> None:
    for number in range(30):
        with pytest.raises(NotSignedIn):
            await room.door.sign_in(f"user{number}", "не тот пароль", HERE)
    with pytest.raises(TooManyTries):
        await room.door.sign_in("user99", "не тот пароль", HERE)
    with pytest.raises(NotSignedIn):
        await room.door.sign_in("user99", "не тот пароль", "192.0.2.8")


async def test_secrets_are_kept_as_hashes_only(room: AccessRoom, tmp_path: Path) -> None:
    await _anna(room)
    session = await room.door.sign_in("petrova", PASSWORD, HERE)
    key = await room.people.give_token(ADMINISTRATOR, "petrova", "учёт", timedelta(days=30))
    await room.people.book.everybody()
    blob = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
    for secret in (session, key, key.removeprefix("ivr_"), PASSWORD):
        assert secret.encode() not in blob
    assert b"$argon2id$" in blob


async def test_a_program_comes_in_by_its_key(room: AccessRoom, clock: SetClock) -> None:
    await room.people.add(ADMINISTRATOR, "crm", "Учёт", {Role.AUDITOR}, None)
    key = await room.people.give_token(ADMINISTRATOR, "crm", "учёт", timedelta(days=1))
    assert (await room.door.program(key, HERE)).account.login == "crm"
    with pytest.raises(NotSignedIn):
        await room.door.sign_in("crm", "", HERE)
    with pytest.raises(NotSignedIn):
        await room.door.program(key + "x", HERE)
    clock.pass_minutes(24 * 60)
    with pytest.raises(NotSignedIn):
        await room.door.program(key, HERE)
    with pytest.raises(RuleBroken):
        await room.people.give_token(ADMINISTRATOR, "crm", "", timedelta(days=9999))


async def test_who_is_disabled_is_out_at_once(room: AccessRoom) -> None:
    await _anna(room)
    token = await room.door.sign_in("petrova", PASSWORD, HERE)
    key = await room.people.give_token(ADMINISTRATOR, "petrova", "", timedelta(days=1))
    await room.people.disable(ADMINISTRATOR, "petrova")
    for attempt in (room.door.visitor(token, HERE), room.door.program(key, HERE),
                    room.door.sign_in("petrova", PASSWORD, HERE)):  # fmt: skip
        with pytest.raises(NotSignedIn):
            await attempt


async def test_who_found_a_session_open_cannot_guess_the_password_behind_it(room: AccessRoom, clock: SetClock) -> None:
    await _anna(room)
    token = await room.door.sign_in("petrova", PASSWORD, HERE)
    actor, new = await room.door.visitor(token, HERE), "другой длинный пароль"
    guesses = [room.people.change_own_password(actor, f"угадал {number}?", new) for number in range(20)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(one) for one in refused] == [Forbidden] * 5 + [TooManyTries] * 15
    with pytest.raises(TooManyTries):
        await room.people.change_own_password(actor, PASSWORD, new)
    assert await room.door.sign_in("petrova", PASSWORD, HERE)
    clock.pass_minutes(1)
    await room.people.change_own_password(actor, PASSWORD, new)
    await room.people.change_own_password(actor, new, PASSWORD)


async def test_another_password_ends_the_other_sessions(room: AccessRoom) -> None:
    await _anna(room)
    here, there = [await room.door.sign_in("petrova", PASSWORD, HERE) for _ in range(2)]
    actor = await room.door.visitor(here, HERE)
    with pytest.raises(Forbidden):
        await room.people.change_own_password(actor, "не тот", "другой длинный пароль")
    with pytest.raises(RuleBroken) as refused:
        await room.people.change_own_password(actor, PASSWORD, "йцукенгшщз")
    assert refused.value.code == "password_common"
    await room.people.change_own_password(actor, PASSWORD, "другой длинный пароль")
    assert await room.door.visitor(here, HERE)
    with pytest.raises(NotSignedIn):
        await room.door.visitor(there, HERE)
    assert await room.door.sign_in("petrova", "другой длинный пароль", HERE)


async def test_only_administrators_manage_people(room: AccessRoom) -> None:
    await _anna(room)
    for role in (Role.OPERATOR, Role.CURATOR, Role.AUDITOR):
        for attempt in (
            room.people.add(an_actor(role), "x1", "Х", {role}, PASSWORD),
            room.people.disable(an_actor(role), "petrova"),
            room.people.reset_password(an_actor(role), "petrova", PASSWORD),
            room.people.give_token(an_actor(role), "petrova", "", timedelta(days=1)),
        ):
            with pytest.raises(Forbidden):
                await attempt
    stranger = an_actor(Role.ADMINISTRATOR, town="elsewhere")
    with pytest.raises(RuleBroken) as refused:
        await room.people.disable(stranger, "petrova")
    assert refused.value.code == "unknown_person"


async def test_the_last_administrator_stays(room: AccessRoom) -> None:
    await _anna(room, Role.ADMINISTRATOR)
    for attempt in (
        room.people.disable(ADMINISTRATOR, "petrova"),
        room.people.change(ADMINISTRATOR, "petrova", roles=frozenset({Role.OPERATOR})),
    ):
        with pytest.raises(RuleBroken) as refused:
            await attempt
        assert refused.value.code == "last_administrator"


async def test_two_who_take_each_other_s_right_at_once_leave_one(room: AccessRoom) -> None:
    for login in ("petrova", "orlova"):
        await room.people.add(ADMINISTRATOR, login, f"{login.title()} А. В.", {Role.ADMINISTRATOR}, PASSWORD)
    took = await asyncio.gather(
        room.people.change(ADMINISTRATOR, "petrova", roles=frozenset({Role.OPERATOR})),
        room.people.disable(ADMINISTRATOR, "orlova"), return_exceptions=True,
    )  # fmt: skip
    assert [one.code for one in took if isinstance(one, RuleBroken)] == ["last_administrator"]
    assert await room.people.has_administrator()


async def test_one_key_makes_one_administrator(room: AccessRoom) -> None:
    key, facts = room.setup_key.make(), {"roles": {Role.ADMINISTRATOR}, "password": PASSWORD}
    made = await asyncio.gather(
        *(room.people.found_house(room.setup_key, key, "demo", HERE, login=login, name=login.title(), **facts)
          for login in ("first", "second")), return_exceptions=True,
    )  # fmt: skip
    assert [type(one) for one in made if isinstance(one, Exception)] == [NotSignedIn]
    assert len(await room.people.everybody(ADMINISTRATOR)) == 1


async def test_the_first_administrator_needs_the_key_of_the_console(room: AccessRoom) -> None:
    facts = {"login": "chief", "name": "Главный", "roles": {Role.ADMINISTRATOR}, "password": PASSWORD}
    key = room.setup_key.make()
    with pytest.raises(NotSignedIn):
        await room.people.found_house(room.setup_key, "guess", "demo", HERE, **facts)
    account = await room.people.found_house(room.setup_key, key, "demo", HERE, **facts)
    assert account.municipality == "demo"
    with pytest.raises(NotSignedIn):
        await room.people.found_house(room.setup_key, key, "demo", HERE, **facts | {"login": "second"})
    with pytest.raises(NotSignedIn):
        again = room.setup_key.make()
        await room.people.found_house(room.setup_key, again, "demo", HERE, **facts | {"login": "second"})


async def test_everything_is_written_down_and_no_secret_is(room: AccessRoom, tmp_path: Path) -> None:
    await _anna(room)
    token = await room.door.sign_in("petrova", PASSWORD, HERE)
    with pytest.raises(NotSignedIn):
        await room.door.sign_in("petrova", "тайна тайна", HERE)
    await room.door.sign_out(await room.door.visitor(token, HERE))
    deeds = [(entry.deed, entry.who) for entry in room.log.book.walk()]
    assert deeds == [("manage", "chief"), ("sign_in", "petrova"), ("refused", ""), ("sign_out", "petrova")]
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    with engine.begin() as db:
        rows = str(db.execute(text("SELECT * FROM access_log")).all())
    engine.dispose()
    assert "тайна" not in rows
    assert token not in rows
    assert (await room.log.verify()).broken is None


async def test_a_page_that_repeats_itself_is_one_row(room: AccessRoom, clock: SetClock) -> None:
    for _ in range(5):
        await room.people.everybody(ADMINISTRATOR)
    clock.pass_minutes(6)
    await room.people.everybody(ADMINISTRATOR)
    assert (await room.log.verify()).rows == 2
