"""Click to call with sipp as the operator's telephone and as the trunk: what SIP says is written (clause 13)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.intercom import ask
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.domain.attempt import Attempt, Failing, Side
from ivr.domain.card import Rulebook
from ivr.domain.people import Person
from ivr.domain.vocabulary import AttemptOutcome
from ivr.services.callbacks import CallbackDesk
from tests.interop import sipp
from tests.interop.service import Service, make_home
from tests.samples import CALENDAR, RULES, SetClock, a_call, a_callback, a_message, ended

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
PHONE, TRUNK = 25_301, 25_302
ANNA = Person("Петрова")
_rows = itertools.count(1)
O = AttemptOutcome  # noqa: E741

PICKS_UP = sipp.invited() + sipp.respond(180) + sipp.lift()
HEARS_BYE = sipp.expect_request("BYE")


@dataclass
class Line:
    """The product, and the journal it works upon."""

    service: Service
    desk: CallbackDesk
    journal: DatabaseJournal

    async def promise(self, phone: str, shown: str = "") -> str:
        """A promise taken by the operator."""
        call = replace(a_call(next(_rows) + (1 << 100), datetime.now(UTC)), caller_number=shown, municipality="test")
        message = a_message(call, phone=phone)
        await self.journal.close(ended(call), [], message, a_callback(message))
        await self.desk.take(message.id, ANNA)
        return message.id

    async def click(self, callback: str) -> Mapping[str, Any]:
        """The button; returns when the attempt is over."""
        asked = {"callback": callback, "who": ANNA.name}
        return await asyncio.wait_for(ask(self.service.data / "engine-1.intercom", asked), 30)

    async def attempt(self, shown: str = "") -> Attempt:
        """One click for a citizen who never rang before, and what the journal holds of it."""
        callback = await self.promise(f"+7900000{4000 + next(_rows)}", shown)
        told = await self.click(callback)
        (attempt,) = (await self.desk.case(callback)).attempts
        assert told.get("outcome") == attempt.outcome, told
        return attempt


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    home = make_home(tmp_path_factory.mktemp("line"))
    phone = f'no_media_seconds = 8.0\nrtp_port = 25400\ntrunk = "127.0.0.1:{TRUNK}"\nwatch_trunk = false'
    tables = f'[desk]\ncalls_per_person = 1000\n[desk.phones]\n"{ANNA.name}" = "sip:101@127.0.0.1:{PHONE}"'
    with Service(home, phone=phone, tables=tables) as service:
        engine = connect(f"sqlite:///{service.data / 'journal.db'}")
        book, journal = DatabaseCallbackBook(engine), DatabaseJournal(engine)
        rulebook = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))
        yield Line(service, CallbackDesk(book, SetClock(datetime.now(UTC)), rulebook), journal)
        book.dispose()
        journal.dispose()


@contextmanager
def peers(operator: str, citizen: str = "") -> Iterator[tuple[sipp.Called, sipp.Called | None]]:
    """The operator's telephone and the trunk; both must go as written."""
    phone = sipp.serve(PHONE, operator)
    trunk = sipp.serve(TRUNK, citizen) if citizen else None
    try:
        yield phone, trunk
        for peer in filter(None, (phone, trunk)):
            peer.finish(15)
    finally:
        for peer in filter(None, (phone, trunk)):
            if peer.process.poll() is None:
                peer.kill()


async def test_both_answer_and_the_citizen_hangs_up_first(line: Line) -> None:
    citizen = sipp.invited() + sipp.respond(180) + sipp.pause(1.2) + sipp.lift() + sipp.pause(1.5) + sipp.leave()
    with peers(PICKS_UP + HEARS_BYE, citizen) as (phone, trunk):
        attempt = await line.attempt()
        assert trunk is not None
        assert [request.split(" ")[1] for request in trunk.invites()] == [f"sip:{attempt.number}@127.0.0.1:{TRUNK}"]
        assert len(phone.invites()) == 1
    assert (attempt.outcome, attempt.ended_by, attempt.failing) == (O.ANSWERED, Side.CITIZEN, "")
    assert attempt.ring_seconds == pytest.approx(1.2, abs=0.5)
    assert attempt.talk_seconds == pytest.approx(1.5, abs=0.7)
    assert attempt.operator_at is not None
    assert attempt.notice_seconds > 0
    assert attempt.recording_seconds > 0
    assert line.service.sound(attempt.id).channels == 2


async def test_the_operator_hangs_up_first(line: Line) -> None:
    with peers(PICKS_UP + sipp.pause(2) + sipp.leave(), PICKS_UP + HEARS_BYE):
        attempt = await line.attempt()
    assert (attempt.outcome, attempt.ended_by) == (O.ANSWERED, Side.OPERATOR)


@pytest.mark.parametrize(
    ("citizen", "outcome", "status"),
    [
        (sipp.invited() + sipp.refused(486), O.BUSY, 486),
        (sipp.invited() + sipp.respond(180) + sipp.pause(1) + sipp.refused(480), O.NO_ANSWER, 480),
        (sipp.invited() + sipp.refused(480), O.UNAVAILABLE, 480),
        (sipp.invited() + sipp.refused(503), O.UNAVAILABLE, 503),
        (sipp.invited() + sipp.refused(404), O.NOT_FOUND, 404),
        (sipp.invited() + sipp.respond(183) + sipp.refused(603), O.NO_ANSWER, 603),
    ],
    ids=["busy", "no answer", "switched off", "unavailable", "not found", "declined"],
)
async def test_a_citizen_who_is_not_reached(line: Line, citizen: str, outcome: AttemptOutcome, status: int) -> None:
    with peers(PICKS_UP + HEARS_BYE, citizen):
        attempt = await line.attempt()
    assert (attempt.outcome, attempt.rings[0].status, attempt.recording_seconds) == (outcome, status, 0)


@pytest.mark.parametrize(
    ("operator", "failing"),
    [
        (sipp.invited() + sipp.refused(486), Failing.OPERATOR_BUSY),
        (sipp.invited() + sipp.respond(180) + sipp.pause(1) + sipp.refused(408), Failing.OPERATOR_SILENT),
        (sipp.invited() + sipp.refused(404), Failing.OPERATOR_ABSENT),
    ],
    ids=["busy", "does not pick up", "not there"],
)
async def test_an_operator_who_is_not_there_leaves_the_citizen_alone(
    line: Line, operator: str, failing: Failing
) -> None:
    with peers(operator):
        attempt = await line.attempt()
    assert (attempt.outcome, attempt.failing, attempt.rings) == (O.ABANDONED, failing, ())


async def test_a_number_that_does_not_exist_is_followed_by_the_one_he_called_from(line: Line) -> None:
    """Interpretation 6."""
    trunk = sipp.serve(TRUNK, sipp.invited() + sipp.refused(404), calls=2)
    phone = sipp.serve(PHONE, PICKS_UP + HEARS_BYE)
    try:
        attempt = await line.attempt(shown="+79000000499")
        assert [ring.number for ring in attempt.rings] == [attempt.rings[0].number, "+79000000499"]
        assert [request.split("@")[0] for request in trunk.invites()] == [
            f"INVITE sip:{ring.number}" for ring in attempt.rings
        ]
        assert attempt.outcome is O.NOT_FOUND
    finally:
        trunk.kill()
        phone.kill()


async def test_an_operator_who_leaves_while_it_rings_stops_the_ringing(line: Line) -> None:
    with peers(PICKS_UP + sipp.pause(1) + sipp.leave(), sipp.invited() + sipp.respond(180) + sipp.cancelled()):
        attempt = await line.attempt()
    assert (attempt.outcome, attempt.failing) == (O.ABANDONED, Failing.OPERATOR_LEFT)


async def test_where_no_trunk_is_the_attempt_says_so(line: Line) -> None:
    with peers(PICKS_UP + HEARS_BYE):
        attempt = await line.attempt()
    assert attempt.outcome in (O.UNAVAILABLE, O.ABANDONED)
    assert attempt.rings[0].rang_at is None


async def test_of_a_sample_of_numbers_the_trunk_hears_only_of_those_that_may_be_dialled(line: Line) -> None:
    """Fault F22: 100,000 go through the service in `tests/acceptance/test_toll_fraud.py`."""
    forbidden = [
        "+78090000000", "+78000000000", "810441234567", "+88213000000", "+77000000000", "+79400000000", "112",
        "+7900000040", "+790000004011", "+79000000401@127.0.0.1", "+7900000040x", "",
    ]  # fmt: skip
    allowed = ["+79000000411", "+74875500001", "+78120000001"]
    trunk = sipp.serve(TRUNK, sipp.invited() + sipp.refused(404), calls=len(allowed))
    phone = sipp.serve(PHONE, PICKS_UP + HEARS_BYE, calls=len(allowed))
    try:
        for number in (*forbidden, *allowed):
            told = await line.click(await line.promise(number))
            assert ("outcome" in told) == (number in allowed), (number, json.dumps(told))
        trunk.process.wait(15)
        assert [request.split("@")[0] for request in trunk.invites()] == [f"INVITE sip:{number}" for number in allowed]
        assert len(phone.invites()) == len(allowed)
    finally:
        trunk.kill()
        phone.kill()
