"""Who answers, and why: the shift by short codes, other towns' numbers, diversions, full lines, robots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ivr.adapters.files import wav
from tests.interop import operators
from tests.interop.exchange import free_port
from tests.interop.phone import Phone, Response
from tests.interop.service import Service, eventually, make_home, open_always, tone

pytestmark = pytest.mark.sip
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def phones() -> tuple[int, int]:
    """Where the operators' telephones are."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, phones: tuple[int, int]) -> Iterator[Service]:
    """One engine, always open, that keeps a shift of two and serves a neighbour who has no operators."""
    home = make_home(tmp_path_factory.mktemp("town"), ring_seconds=3.0)
    open_always(home)
    voice = home / "audio" / "prompts" / "neighbour"
    voice.mkdir()
    (voice / "recording_notice.wav").write_bytes(wav.write(tone(0.3)))
    first, second = (f"sip:{101 + number}@127.0.0.1:{port}" for number, port in enumerate(phones))
    tables = (
        f'[desk]\noperators = ["{first}", "{second}"]\npresence = true\n'
        f'[desk.phones]\n"Петрова" = "{first}"\n"Орлова" = "{second}"\n'
        '[[municipalities]]\nkey = "neighbour"\ntitle = "Н"\nnumbers = ["+74875631000"]\noperators = []\n'
        "[phone.limits]\nmarked_after = 3\nrefused_after = 6\n"
    )
    numbers = 'numbers = ["+74875521000"]\noverflow_numbers = ["199"]'
    phone = "no_media_seconds = 20.0\nrtp_port = 27000"
    with Service(home, phone=phone, mode="", tables=tables, municipality=numbers) as running:
        yield running


def dial(phone: Phone, dialled: str, sender: str, **options: object) -> tuple[str, Response]:
    """A call, and what became of it."""
    name = f"admission-{next(_numbers)}"
    return name, phone.call(name, sender=f"<sip:{sender}@127.0.0.1>".encode(), uri=f"sip:{dialled}@x", **options)


def met(town: Service, dialled: str = "84875521000", sender: str = "", **options: object) -> dict[str, Any]:
    """How a call is met: he hangs up at once."""
    with Phone(town.port) as phone:
        number = sender or f"+7900001{next(_numbers):04d}"
        name, answer = dial(phone, dialled, number, **options)
        assert answer.status == 200
        phone.hang_up(name, answer, sender=f"<sip:{number}@127.0.0.1>".encode(), uri=f"sip:{dialled}@x")
    query = "SELECT * FROM call WHERE sip_call_id = ? AND ended_at IS NOT NULL"
    return eventually(lambda: next(iter(town.rows(query, name)), None), 10)


def say(town: Service, code: str, telephone: str) -> int:
    """A short code dialled from a telephone; the engine's answer, and its BYE after the phrase."""
    with Phone(town.port) as phone:
        _, answer = dial(phone, code, telephone)
        if answer.status == 200:
            bye = phone.receive(5)
            assert bye and bye.text.startswith("BYE "), bye
            phone.agree(bye)
        return answer.status


def test_the_shift_is_kept_by_short_codes_and_fewer_than_two_ring_for_nobody(
    town: Service, phones: tuple[int, int]
) -> None:
    assert met(town)["why_mode"] == "few_operators"
    assert say(town, "*21", "101") == 200
    assert met(town)["why_mode"] == "few_operators"
    assert say(town, "*21", "102") == 200
    rung = [
        operators.telephone(port, operators.invited(), operators.ringing(), operators.cancelled()) for port in phones
    ]
    with Phone(town.port) as phone:
        name, answer = dial(phone, "84875521000", "+79000010001")
        town.await_news("operators_rung", 5, operators=2)
        phone.hang_up(name, answer, sender=b"<sip:+79000010001@127.0.0.1>", uri="sip:84875521000@x")
    for one in rung:
        one.finish()
    assert say(town, "*22", "102") == 200
    assert met(town)["why_mode"] == "few_operators"
    rows = town.rows("SELECT who, state, told FROM presence ORDER BY at")
    assert [(row["who"], row["state"]) for row in rows] == [
        ("Петрова", "on_shift"), ("Орлова", "on_shift"), ("Орлова", "away")
    ]  # fmt: skip
    assert {row["told"] for row in rows} == {"code"}
    assert len(town.rows("SELECT 1 FROM leg WHERE mode = 'short_code'")) == 3


def test_a_short_code_from_a_strange_telephone_is_refused(town: Service) -> None:
    assert say(town, "*21", "150") == 403
    assert say(town, "*21", "+79000000001") == 403
    eventually(lambda: town.rows("SELECT 1 FROM leg WHERE why = 'unknown_telephone'") or None, 10)


@pytest.mark.parametrize(
    ("dialled", "more", "whose", "why"),
    [
        ("84875631000", b"", "neighbour", "no_operators"),
        ("+74875699999", b"", "test", "few_operators,unknown_number"),
        ("199", b"", "test", "overflow_number"),
        ("84875521000", b"Diversion: <sip:100@pbx>;reason=user-busy\r\n", "test", "diverted_busy"),
        ("84875521000", b"Diversion: <sip:100@pbx>;reason=unconditional\r\n", "test", "few_operators"),
        ("84875521000", b"History-Info: <sip:100@pbx?Reason=SIP%3Bcause%3D480>;index=1, <sip:112@ivr>;index=1.1\r\n",
         "test", "diverted_unavailable"),
    ],
)  # fmt: skip
def test_whose_line_it_is_and_why_the_machine_answers(
    town: Service, dialled: str, more: bytes, whose: str, why: str
) -> None:
    call = met(town, dialled, more=more)
    assert (call["municipality"], call["mode"], call["why_mode"]) == (whose, "overflow", why)
    leg = town.rows("SELECT mode, why, cause FROM leg WHERE id = ?", call["id"])
    assert leg == [{"mode": "overflow", "why": why, "cause": 200}]


def test_each_number_s_callers_are_spoken_to_by_its_own_municipality_s_voice(town: Service) -> None:
    own, theirs = met(town, "199"), met(town, "84875631000")
    assert [round(call["notice_whole"], 1) for call in (own, theirs)] == [0.1, 0.3]
    assert own["notice_edition"] != theirs["notice_edition"]
    assert own["notice_hash"] == theirs["notice_hash"]  # the words are the regulation's


def test_the_number_a_line_was_registered_for_stands_in_to(town: Service) -> None:
    assert met(town, "helpline", to="sip:84875631000@x")["municipality"] == "neighbour"


def test_a_full_line_says_busy_and_the_ledger_has_it(town: Service) -> None:
    with ExitStack() as stack:
        busy = [stack.enter_context(Phone(town.port)) for _ in range(4)]
        talks = [dial(phone, "199", f"+7900002000{place}") for place, phone in enumerate(busy)]
        assert [answer.status for _, answer in talks] == [200] * 4
        with Phone(town.port) as late:
            _, refused = dial(late, "199", "+79000020009")
        assert refused.status == 486
        assert int(refused.header("Retry-After")) > 0
        for place, (phone, (name, answer)) in enumerate(zip(busy, talks, strict=True)):
            phone.hang_up(name, answer, sender=f"<sip:+7900002000{place}@127.0.0.1>".encode(), uri="sip:199@x")
    leg = eventually(lambda: town.rows("SELECT * FROM leg WHERE number = '+79000020009'") or None, 10)
    assert [(row["mode"], row["why"], row["cause"]) for row in leg] == [("refused", "capacity", 486)]


def test_a_robot_is_marked_then_refused_and_people_are_served(town: Service) -> None:
    robot = "+79000030001"
    with ExitStack() as stack:
        both = [stack.enter_context(Phone(town.port)) for _ in range(2)]
        talks = [dial(phone, "199", robot) for phone in both]
        with Phone(town.port) as third:
            assert dial(third, "199", robot)[1].status == 603
        assert met(town, "199")["why_mode"] == "overflow_number"
        for phone, (name, answer) in zip(both, talks, strict=True):
            phone.hang_up(name, answer, sender=f"<sip:{robot}@127.0.0.1>".encode(), uri="sip:199@x")
    query = "SELECT 1 FROM call WHERE caller_number = ? AND ended_at IS NOT NULL"
    eventually(lambda: len(town.rows(query, robot)) == 2 or None)
    for _ in range(3):
        met(town, "199", robot)
    with Phone(town.port) as phone:
        statuses = [dial(phone, "199", robot)[1].status for _ in range(20)]
    assert statuses == [603] * 20
    assert met(town, "199")["mode"] == "overflow"
    marked = town.rows("SELECT flags FROM message WHERE caller_number = ? ORDER BY received_at", robot)
    assert ["frequent" in row["flags"] for row in marked] == [False, False, True, True, True]
    eventually(lambda: len(town.rows("SELECT 1 FROM leg WHERE number = ? AND cause = 603", robot)) == 21 or None, 10)
