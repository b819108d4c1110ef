"""Coming in by another system's word: who gets an account, who is refused, and what local passwords still do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.storage.identities import DatabaseIdentityBook
from ivr.bootstrap.access import AccessRoom
from ivr.domain.identity import GroupRoles, Identity, ReturnProof
from ivr.domain.people import Role
from ivr.errors import NotKnownHere, NotSignedIn, TooManyTries, VoucherAway
from ivr.services.entrance import Entrance
from tests.access_samples import ADMINISTRATOR, PASSWORD, access_room
from tests.contracts.fakes_identity import FakeVoucher
from tests.samples import SetClock
from tests.web.conftest import NOON

GROUPS = GroupRoles(
    {"operators": (Role.OPERATOR,), "Curators": (Role.CURATOR, Role.OPERATOR), "admins": (Role.ADMINISTRATOR,)}
)
ANNA = Identity("ldaps://dc", "42", "petrova", "Петрова А. В.", frozenset({"operators", "others"}))
THERE = "восемь зелёных груш"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[AccessRoom]:
    made = access_room(tmp_path, clock=SetClock(NOON))
    yield made
    made.dispose()


@pytest.fixture
def voucher() -> FakeVoucher:
    return FakeVoucher(people={"petrova": (THERE, ANNA)})


@pytest.fixture
def entrance(room: AccessRoom, voucher: FakeVoucher) -> Entrance:
    (book,) = [one for one in room.books if isinstance(one, DatabaseIdentityBook)]
    return Entrance(room.door, voucher, book, GROUPS)


async def _who(room: AccessRoom, token: str) -> tuple[str, str, frozenset[Role]]:
    account = (await room.door.visitor(token, "10.0.0.9")).account
    return account.login, account.name, account.roles


async def test_who_was_never_here_gets_an_account_by_his_groups_and_keeps_it(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    token = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await _who(room, token) == ("petrova", "Петрова А. В.", frozenset({Role.OPERATOR}))
    voucher.people["petrova"] = (THERE, replace(ANNA, login="ivanova", groups=frozenset({"CURATORS"})))
    again = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await _who(room, again) == ("petrova", "Петрова А. В.", frozenset({Role.CURATOR, Role.OPERATOR}))
    with pytest.raises(NotSignedIn):
        await room.door.visitor(token, "10.0.0.9")
    told = [(entry.deed, entry.facts.get("change", "")) for entry in room.log.book.walk()]
    assert told == [("manage", "added"), ("sign_in", ""), ("manage", "roles"), ("sign_in", "")]


async def test_without_a_group_of_ours_nobody_comes_in_and_nothing_is_made(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    voucher.people["petrova"] = (THERE, replace(ANNA, groups=frozenset({"others"})))
    with pytest.raises(NotKnownHere, match="no_group"):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await room.people.book.everybody() == []


async def test_who_is_disabled_here_comes_in_by_neither(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    await room.people.add(ADMINISTRATOR, "chief", "Главный И. И.", [Role.ADMINISTRATOR], PASSWORD)
    token = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    await room.people.disable(ADMINISTRATOR, "petrova")
    with pytest.raises(NotSignedIn):
        await room.door.visitor(token, "10.0.0.9")
    with pytest.raises(NotKnownHere, match="disabled"):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")
    voucher.travels = True
    journey = await entrance.begin("https://x/sign-in/back")
    with pytest.raises(NotKnownHere, match="disabled"):
        await entrance.come_back(ReturnProof(journey, {"state": "s", "code": "petrova"}), "10.0.0.9")


async def test_an_account_with_a_password_is_nobodys_by_its_login_alone(room: AccessRoom, entrance: Entrance) -> None:
    await room.people.add(ADMINISTRATOR, "petrova", "Пётр Первый", [Role.ADMINISTRATOR], PASSWORD)
    with pytest.raises(NotKnownHere, match="taken"):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")
    entrance.link_by_login = True
    token = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await _who(room, token) == ("petrova", "Пётр Первый", frozenset({Role.ADMINISTRATOR, Role.OPERATOR}))


async def test_one_who_was_added_without_a_password_is_taken_over(room: AccessRoom, entrance: Entrance) -> None:
    await room.people.add(ADMINISTRATOR, "petrova", "Петрова Анна", [Role.CURATOR], None)
    token = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await _who(room, token) == ("petrova", "Петрова Анна", frozenset({Role.OPERATOR}))


@pytest.mark.parametrize("login", ["petrova", "Petrova!", "-petrova-"])
async def test_an_account_that_somebody_came_in_by_is_nobody_elses_though_their_logins_are_alike(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance, login: str
) -> None:
    hers = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    voucher.people["petrova"] = (THERE, replace(ANNA, subject="43", login=login, groups=frozenset({"admins"})))
    with pytest.raises(NotKnownHere, match="taken"):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert await _who(room, hers) == ("petrova", "Петрова А. В.", frozenset({Role.OPERATOR}))


async def test_who_was_made_anew_in_the_organisation_comes_in_after_the_administrator_unbinds_the_old_one(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    hers = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    account = (await room.door.visitor(hers, "10.0.0.9")).account
    voucher.people["petrova"] = (THERE, replace(ANNA, subject="43"))
    with pytest.raises(NotKnownHere, match="taken"):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert (await room.people.person(ADMINISTRATOR, "petrova")).bound
    await room.people.unbind(ADMINISTRATOR, "petrova")
    assert not (await room.people.person(ADMINISTRATOR, "petrova")).bound
    with pytest.raises(NotSignedIn):
        await room.door.visitor(hers, "10.0.0.9")
    anew = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert (await room.door.visitor(anew, "10.0.0.9")).account.id == account.id


async def test_a_programs_account_is_nobodys_by_its_login(room: AccessRoom, entrance: Entrance) -> None:
    await room.people.add(ADMINISTRATOR, "petrova", "Учёт", [Role.AUDITOR], None)
    await room.people.give_token(ADMINISTRATOR, "petrova", "учёт", timedelta(days=1))
    for linked in (False, True):
        entrance.link_by_login = linked
        with pytest.raises(NotKnownHere, match="taken"):
            await entrance.sign_in("petrova", THERE, "10.0.0.9")


async def test_passwords_of_this_house_open_when_the_directory_is_away(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    await room.people.add(ADMINISTRATOR, "chief", "Главный И. И.", [Role.ADMINISTRATOR], PASSWORD)
    voucher.away = True
    token = await entrance.sign_in("chief", PASSWORD, "10.0.0.9")
    assert (await _who(room, token))[0] == "chief"
    for _ in range(5):
        with pytest.raises(VoucherAway):
            await entrance.sign_in("chief", "угадал?", "10.0.0.9")
    with pytest.raises(TooManyTries):
        await entrance.sign_in("chief", PASSWORD, "10.0.0.9")


async def test_who_asks_in_vain_while_the_directory_is_away_shuts_nobody_out(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    await room.people.add(ADMINISTRATOR, "chief", "Главный И. И.", [Role.ADMINISTRATOR], PASSWORD)
    voucher.away = True
    for number in range(40):
        with pytest.raises(VoucherAway):
            await entrance.sign_in(f"user{number % 4}", THERE, "10.0.0.9")
    assert await entrance.sign_in("chief", PASSWORD, "10.0.0.9")
    voucher.away = False
    voucher.people["user0"] = (THERE, replace(ANNA, login="user0"))
    assert await entrance.sign_in("user0", THERE, "10.0.0.9")


@pytest.mark.parametrize("away", [False, True])
async def test_guesses_at_the_same_moment_are_braked_as_those_one_after_another(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance, away: bool
) -> None:
    """F30: passwords of the directory, and those of this house while it is away."""
    await room.people.add(ADMINISTRATOR, "chief", "Главный И. И.", [Role.ADMINISTRATOR], PASSWORD)
    voucher.away, login = away, "chief" if away else "petrova"
    guesses = [entrance.sign_in(f" {login.title()}", f"угадал {number}?", f"10.0.0.{number}") for number in range(60)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(one, TooManyTries) for one in refused) == 55
    assert voucher.asked == 5
    with pytest.raises(TooManyTries):
        await entrance.sign_in(login, PASSWORD if away else THERE, "10.0.0.99")


async def test_one_address_cannot_try_all_logins_of_the_directory_at_the_same_moment(
    voucher: FakeVoucher, entrance: Entrance
) -> None:
    guesses = [entrance.sign_in(f"user{number}", "угадал?", "10.0.0.9") for number in range(90)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert voucher.asked == sum(isinstance(one, NotSignedIn) for one in refused) < 34
    with pytest.raises(TooManyTries):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")


async def test_guessing_at_the_directory_is_slow_too(entrance: Entrance) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await entrance.sign_in("petrova", "угадал?", "10.0.0.9")
    with pytest.raises(TooManyTries):
        await entrance.sign_in("petrova", THERE, "10.0.0.9")


async def test_the_last_administrator_stays_one_whatever_his_groups_say(
    room: AccessRoom, voucher: FakeVoucher, entrance: Entrance
) -> None:
    voucher.people["petrova"] = (THERE, replace(ANNA, groups=frozenset({"admins"})))
    await entrance.sign_in("petrova", THERE, "10.0.0.9")
    voucher.people["petrova"] = (THERE, ANNA)
    token = await entrance.sign_in("petrova", THERE, "10.0.0.9")
    assert (await _who(room, token))[2] == {Role.ADMINISTRATOR, Role.OPERATOR}


async def test_without_another_system_nobody_is_sent_anywhere(room: AccessRoom) -> None:
    with pytest.raises(VoucherAway):
        await Entrance(room.door).begin("https://x/sign-in/back")
    with pytest.raises(NotSignedIn):
        await Entrance(room.door).sign_in("petrova", THERE, "10.0.0.9")
