"""Click to call with real peers: the operator is rung, then the citizen; the attempt is what SIP says (clause 13)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest

from ivr.adapters.files import wav
from ivr.adapters.sip.engine import Engine
from tests.interop.exchange import Ear, call_in, pitch, row, rung
from tests.interop.service import REPOSITORY, Service, eventually, tone

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="session")]
CITIZEN_HZ, OPERATOR_HZ = 440.0, 1000.0


def ivr(desk: Service, *arguments: str) -> subprocess.Popen[str]:
    """A command of an operator's."""
    environment = {**os.environ, "IVR_HOME": str(desk.home), "IVR_OPERATOR": "Петрова"}
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
    status, said = await done(ivr(desk, "take", str(found["id"])))
    assert status == 0, said
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
    await asyncio.sleep(0.7)
    citizen.leg.play(tone(3.0, CITIZEN_HZ))
    operator.leg.play(tone(3.0, OPERATOR_HZ))
    await asyncio.sleep(2)
    assert operator.pitch() == pytest.approx(CITIZEN_HZ, abs=15)
    assert citizen.pitch() == pytest.approx(OPERATOR_HZ, abs=15)
    citizen.leg.hang_up()
    await operator.ended()
    assert (await done(command))[0] == 0
    found = attempt(desk, callback)
    assert found["outcome"] == "answered"
    sound = wav.parse((desk.data / "recordings" / f"{found['id']}.wav").read_bytes())
    assert sound.channels == 2
    assert pitch(sound.channel(0)[-24000:-8000]) == pytest.approx(CITIZEN_HZ, abs=15)
    assert pitch(sound.channel(1)[-24000:-8000]) == pytest.approx(OPERATOR_HZ, abs=15)


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
