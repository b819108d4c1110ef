"""Click to call with real peers: the operator is rung, then the citizen; the attempt is what SIP says (clause 13)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.files import wav
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.sip.engine import Engine
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.domain.card import Rulebook
from ivr.domain.people import Person
from ivr.services.callbacks import CallbackDesk
from tests.interop.exchange import NOTICE_HZ, NOTICE_SECONDS, Ear, call_in, pitch, row, rung
from tests.interop.service import REPOSITORY, Service, eventually, tone
from tests.interop.sound import read_wav
from tests.samples import CALENDAR, RULES

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="session")]
CITIZEN_HZ, OPERATOR_HZ = 440.0, 1000.0
SAID = {"caller": "said_water", "operator": "said_number"}


def sounds_in(pcm: bytes, hertz: float) -> bool:
    """A tone of this pitch is heard for some time."""
    step = 1600
    return sum(abs(pitch(pcm[at : at + step]) - hertz) < 15 for at in range(0, len(pcm), step)) >= 3


def ivr(desk: Service, *arguments: str) -> subprocess.Popen[str]:
    """A command of an operator's."""
    environment = {**os.environ, "IVR_HOME": str(desk.home), "IVR_OPERATOR": "Петрова", "COLUMNS": "200"}
    command = [sys.executable, "-m", "ivr.cli.main", "callbacks", *arguments]
    return subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def done(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How a command ended, and all it said."""
    said, complained = await asyncio.to_thread(process.communicate, timeout=60)
    return process.returncode, said + complained


async def missed(exchange: Engine, desk: Service, number: str) -> str:
    """A citizen who did not wait; the callback he is owed, taken by the operator."""
    caller = await call_in(exchange, desk, number)
    for leg in (await rung(exchange)).values():
        await asyncio.sleep(0)
        _ = Ear(leg)
    caller.leg.hang_up()
    found = await asyncio.to_thread(row, desk, number)
    book = DatabaseCallbackBook(connect(f"sqlite:///{desk.data / 'journal.db'}"))
    rulebook = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))
    await CallbackDesk(book, SystemClock(), rulebook).take(str(found["id"]), Person("Петрова"))
    book.dispose()
    return str(found["id"])


def attempt(desk: Service, callback: str) -> dict[str, Any]:
    """The last attempt, once it is over."""
    query = "SELECT * FROM attempt WHERE callback_id = ? AND ended_at IS NOT NULL ORDER BY started_at DESC"
    return eventually(lambda: next(iter(desk.rows(query, callback)), None), 20)


async def test_both_are_rung_joined_and_recorded(desk: Service, exchange: Engine) -> None:
    callback = await missed(exchange, desk, "+79000000301")
    command = ivr(desk, "call", callback)
    operator = Ear((await rung(exchange, 1))["101"])
    await operator.leg.answer()
    citizen = Ear((await rung(exchange, 1))["+79000000301"])
    await asyncio.sleep(1)
    assert operator.pitch(0.5) == pytest.approx(425, abs=15)
    await citizen.leg.answer()
    await asyncio.sleep(NOTICE_SECONDS + 0.9)
    heard = {"citizen": b"".join(citizen.heard), "operator": b"".join(operator.heard[-15:])}
    assert sounds_in(heard["citizen"], NOTICE_HZ), "the notice comes before he is joined with the operator"
    assert not sounds_in(heard["operator"], NOTICE_HZ)
    citizen.leg.play(tone(3.0, CITIZEN_HZ))
    operator.leg.play(tone(3.0, OPERATOR_HZ))
    await asyncio.sleep(2)
    assert operator.pitch() == pytest.approx(CITIZEN_HZ, abs=15)
    assert citizen.pitch() == pytest.approx(OPERATOR_HZ, abs=15)
    citizen.leg.hang_up()
    await operator.ended()
    status, said = await done(command)
    assert (status, "ответил" in said) == (0, True)
    found = attempt(desk, callback)
    assert (found["outcome"], found["ended_by"]) == ("answered", "citizen")
    assert found["notice_seconds"] == pytest.approx(NOTICE_SECONDS, abs=0.15)
    sound = wav.parse((desk.data / "recordings" / f"{found['id']}.wav").read_bytes())
    assert sound.channels == 2
    assert found["recording_seconds"] == pytest.approx(len(sound.channel(0)) / 16_000, abs=0.2)
    assert not sounds_in(sound.channel(0), NOTICE_HZ), "recorded from the end of the notice on"
    assert pitch(sound.channel(0)[-24000:-8000]) == pytest.approx(CITIZEN_HZ, abs=15)
    assert pitch(sound.channel(1)[-24000:-8000]) == pytest.approx(OPERATOR_HZ, abs=15)


@pytest.mark.speech
async def test_what_both_say_stands_in_the_journal(desk: Service, exchange: Engine) -> None:
    """Text of both sides, by the real recogniser."""
    callback = await missed(exchange, desk, "+79000000309")
    command = ivr(desk, "call", callback)
    operator = Ear((await rung(exchange, 1))["101"])
    await operator.leg.answer()
    citizen = Ear((await rung(exchange, 1))["+79000000309"])
    await citizen.leg.answer()
    await asyncio.sleep(NOTICE_SECONDS + 0.7)
    spoken = {side: read_wav(REPOSITORY / "tests" / "data" / f"{name}.wav") for side, name in SAID.items()}
    operator.leg.play(spoken["operator"])
    citizen.leg.play(spoken["caller"])
    await asyncio.sleep(max(map(len, spoken.values())) / 16_000 + 1.5)
    operator.leg.hang_up()
    await citizen.ended()
    assert (await done(command))[0] == 0
    found = attempt(desk, callback)
    assert found["ended_by"] == "operator"
    query = "SELECT speaker, text FROM talk WHERE attempt_id = ? AND prompt IS NULL AND recognised AND text != '' "
    said = {row["speaker"]: str(row["text"]) for row in desk.rows(query, found["id"])}
    assert "вод" in said["caller"]
    assert len(said["operator"].split()) >= 3
    status, shown = await done(ivr(desk, "show", callback))
    assert (status, "гражданин: " in shown, "положил трубку оператор" in shown) == (0, True, True)


@pytest.mark.parametrize(
    ("status", "outcome", "number"),
    [
        (486, "busy", "+79000000302"),
        (404, "not_found", "+79000000303"),
        (480, "no_answer", "+79000000304"),
        (503, "unavailable", "+79000000305"),
    ],
)
async def test_the_attempt_is_what_the_line_says(
    desk: Service, exchange: Engine, status: int, outcome: str, number: str
) -> None:
    callback = await missed(exchange, desk, number)
    command = ivr(desk, "call", callback)
    operator = Ear((await rung(exchange, 1))["101"])
    await operator.leg.answer()
    (await rung(exchange, 1))[number].reject(status)
    await operator.ended()
    assert (await done(command))[0] == 0
    assert attempt(desk, callback)["outcome"] == outcome


async def test_an_operator_who_does_not_lift_the_handset_has_made_no_attempt(desk: Service, exchange: Engine) -> None:
    callback = await missed(exchange, desk, "+79000000306")
    command = ivr(desk, "call", callback)
    (await rung(exchange, 1))["101"].reject(480)
    await done(command)
    assert attempt(desk, callback)["outcome"] == "abandoned"
    assert desk.rows("SELECT state FROM callback WHERE id = ?", callback) == [{"state": "taken"}]


async def test_an_operator_who_leaves_while_it_rings_stops_the_ringing(desk: Service, exchange: Engine) -> None:
    callback = await missed(exchange, desk, "+79000000307")
    command = ivr(desk, "call", callback)
    operator = Ear((await rung(exchange, 1))["101"])
    await operator.leg.answer()
    citizen = Ear((await rung(exchange, 1))["+79000000307"])
    operator.leg.hang_up()
    assert (await citizen.ended()).code != 200
    await done(command)
    assert attempt(desk, callback)["outcome"] == "abandoned"


async def test_a_second_click_does_not_dial_twice(desk: Service, exchange: Engine) -> None:
    callback = await missed(exchange, desk, "+79000000308")
    first = ivr(desk, "call", callback)
    operator = (await rung(exchange, 1))["101"]
    status, said = await done(ivr(desk, "call", callback))
    assert status == 1
    assert "набирается" in said
    operator.reject(480)
    await done(first)


async def test_a_number_outside_the_plan_is_refused_and_nobody_is_rung(desk: Service, exchange: Engine) -> None:
    callback = await missed(exchange, desk, "+448000000000")
    status, said = await done(ivr(desk, "call", callback))
    assert status == 1
    assert "набирать нельзя" in said
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(exchange.next_leg(), 1)
