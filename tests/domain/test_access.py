"""Roles, waits, passwords, the chain of the access log: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.domain.access import Deed, Session, SessionRules, Thing, Tries
from ivr.domain.audit import START, Entry, verify
from ivr.domain.passwords import password_fault
from ivr.domain.people import Role
from ivr.errors import Forbidden
from tests.access_samples import an_account, an_actor

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
COMMON = frozenset({"password", "йцукенгшщз", "qwertyuiop"})


def test_an_administrator_neither_hears_nor_reads_citizens() -> None:
    chief = an_actor(Role.ADMINISTRATOR)
    for thing in (Thing.CALLBACK, Thing.MESSAGE, Thing.CALL, Thing.RECORDING):
        for deed in Deed:
            assert not chief.may(deed, thing)


def test_an_auditor_changes_nothing() -> None:
    auditor = an_actor(Role.AUDITOR)
    assert auditor.may(Deed.HEAR, Thing.RECORDING)
    for deed in (Deed.WORK, Deed.OVERRULE, Deed.MANAGE):
        for thing in Thing:
            assert not auditor.may(deed, thing)


def test_two_roles_add_up_and_a_disabled_person_may_nothing() -> None:
    both = an_actor(Role.ADMINISTRATOR, Role.OPERATOR)
    assert both.may(Deed.MANAGE, Thing.PERSON)
    assert both.may(Deed.WORK, Thing.CALLBACK)
    gone = replace(both, account=replace(both.account, disabled_at=NOW))
    assert not any(gone.may(deed, thing) for deed in Deed for thing in Thing)
    with pytest.raises(Forbidden):
        gone.require(Deed.LIST, Thing.CALLBACK)


def test_another_town_is_not_seen() -> None:
    assert an_actor().sees("demo")
    assert not an_actor().sees("elsewhere")


def test_the_region_s_curator_may_see_the_sums_and_nothing_else() -> None:
    region = an_actor(Role.REGION)
    allowed = {(deed, thing) for deed in Deed for thing in Thing if region.may(deed, thing)}
    assert allowed == {(Deed.VIEW, Thing.REGION), (Deed.EXPORT, Thing.REGION)}


def test_who_works_for_another_municipality_sets_up_nothing_of_the_installation() -> None:
    guest = an_actor(*Role, town="elsewhere")
    everything = replace(guest, guest=False)
    lost = {
        (deed, thing) for deed in Deed for thing in Thing if everything.may(deed, thing) and not guest.may(deed, thing)
    }
    assert {thing for _, thing in lost} == {Thing.SETTINGS, Thing.SPEECH, Thing.REGION}
    assert everything.looks_after("demo")
    assert guest.looks_after("elsewhere")
    assert not guest.looks_after("demo")


def test_five_tries_are_free_then_each_waits_twice_as_long() -> None:
    tries, waits = Tries(), []
    for _ in range(20):
        tries = tries.failed(NOW)
        waits.append(tries.wait(NOW))
    assert waits[:7] == [0, 0, 0, 0, 2, 4, 8]
    assert waits[-1] == 900
    assert tries.wait(NOW + timedelta(seconds=900)) == 0
    assert tries.failed(NOW + timedelta(days=1)).failures == 1


def test_a_session_ends_by_idleness_and_by_age() -> None:
    rules = SessionRules(timedelta(minutes=60), timedelta(hours=12))
    session = Session("key", "who", NOW, NOW)
    assert rules.alive(session, NOW + timedelta(minutes=59))
    assert not rules.alive(session, NOW + timedelta(minutes=60))
    busy = replace(session, seen_at=NOW + timedelta(hours=11, minutes=59))
    assert rules.alive(busy, NOW + timedelta(hours=11, minutes=59))
    assert not rules.alive(busy, NOW + timedelta(hours=12))


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("короткий", "password_short"),
        ("а" * 129, "password_long"),
        ("ababababab", "password_monotonous"),
        ("Qwertyuiop", "password_common"),
        ("Password2026!", "password_common"),
        ("йцукенгшщз", "password_common"),
        ("petrova-и-чай", "password_personal"),
        ("наша Петрова пьёт", "password_personal"),
        ("три зелёных самовара", ""),
        ("correct horse battery", ""),
    ],
)
def test_a_password_is_long_and_nobody_elses(password: str, fault: str) -> None:
    assert password_fault(password, COMMON, ("petrova", "Петрова А. В.", "demo")) == fault


def _chain(count: int) -> list[Entry]:
    rows, before = [], START
    for number in range(1, count + 1):
        entry = Entry(NOW, "petrova", "session", "::1", "view", "callback", f"{number:032x}", "demo", {"a": "b"})
        rows.append(entry.chained(number, before))
        before = rows[-1].digest
    return rows


def test_a_whole_chain_is_whole() -> None:
    rows = _chain(20)
    assert verify(rows) == verify(rows, {20: rows[-1].digest, 3: rows[2].digest})
    assert (verify(rows).rows, verify(rows).broken, verify(rows).head) == (20, None, rows[-1].digest)


@pytest.mark.parametrize("change", [{"who": "другой"}, {"subject": "x"}, {"facts": {"a": "c"}},
                                    {"at": NOW + timedelta(microseconds=1)}, {"digest": START}])  # fmt: skip
def test_a_changed_row_is_named(change: dict[str, object]) -> None:
    rows = _chain(20)
    rows[7] = replace(rows[7], **change)  # type: ignore[arg-type]
    assert (verify(rows).broken, verify(rows).why) == (8, "changed")


def test_a_row_changed_with_its_hash_breaks_the_next_one() -> None:
    rows = _chain(20)
    forged = replace(rows[7], who="другой")
    rows[7] = replace(forged, digest=forged.expected())
    assert (verify(rows).broken, verify(rows).why) == (9, "unlinked")


def test_a_removed_row_is_named_and_a_cut_tail_by_its_anchor() -> None:
    rows = _chain(20)
    assert verify(rows[:7] + rows[8:]).broken == 8
    assert (verify(rows[:15], {20: rows[-1].digest}).broken, verify(rows[:15]).broken) == (20, None)


def test_a_chain_rewritten_as_a_whole_does_not_meet_its_anchor() -> None:
    noted = _chain(20)[9].digest
    rows, before = [], START
    for entry in _chain(20):
        rows.append(replace(entry, who="другой").chained(entry.number, before))
        before = rows[-1].digest
    assert verify(rows).broken is None
    assert verify(rows, {10: noted}).broken == 10


def test_an_account_is_a_curator_to_callbacks_only_with_that_role() -> None:
    assert an_account("a", Role.CURATOR, Role.OPERATOR).person.role is Role.CURATOR
    assert an_account("a", Role.ADMINISTRATOR).person.role is Role.OPERATOR
