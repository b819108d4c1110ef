"""The front desk with real peers: operators who answer, are busy, ring out; sound across the bridge (clauses 7, 14)."""

from __future__ import annotations

import asyncio

import pytest

from ivr.adapters.sip.engine import Engine
from tests.interop.exchange import Ear, call_in, pitch, row, rung
from tests.interop.service import Service, tone

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="session")]
CALLER_HZ, OPERATOR_HZ = 440.0, 1000.0


def promises(desk: Service, number: str) -> int:
    """Callbacks promised to a number."""
    return len(desk.rows("SELECT * FROM callback WHERE number = ? AND origin = 'promise'", number))


async def test_the_first_operator_who_answers_talks_with_the_caller_and_both_are_recorded(
    desk: Service, exchange: Engine
) -> None:
    caller = await call_in(exchange, desk, "+79000000201")
    phones = await rung(exchange)
    await phones["102"].answer()
    loser, operator = Ear(phones["101"]), Ear(phones["102"])
    assert (await loser.ended()).code != 200
    caller.leg.play(tone(3.0, CALLER_HZ))
    operator.leg.play(tone(3.0, OPERATOR_HZ))
    await asyncio.sleep(2.5)
    assert caller.pitch() == pytest.approx(OPERATOR_HZ, abs=15)
    assert operator.pitch() == pytest.approx(CALLER_HZ, abs=15)
    operator.leg.hang_up()
    await caller.ended()
    found = await asyncio.to_thread(row, desk, "+79000000201")
    assert (found["mode"], found["end"]) == ("front_desk", "completed")
    assert found["operator"] == "102"
    assert promises(desk, "+79000000201") == 0
    (card,) = desk.rows("SELECT origin, state, holder FROM callback WHERE number = '+79000000201'")
    assert card == {"origin": "conversation", "state": "reached", "holder": ""}, "clause 15: its card is owed"
    sound = desk.sound(str(found["id"]))
    assert sound.channels == 2
    middle = slice(len(sound.pcm) // 4 // 2 * 2, None)
    assert pitch(sound.channel(0)[middle][:16000]) == pytest.approx(CALLER_HZ, abs=15)
    assert pitch(sound.channel(1)[middle][:16000]) == pytest.approx(OPERATOR_HZ, abs=15)


async def test_the_caller_hangs_up_first_and_the_operator_is_let_go(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000202")
    phones = await rung(exchange)
    await phones["101"].answer()
    operator = Ear(phones["101"])
    await asyncio.sleep(1)
    caller.leg.hang_up()
    assert (await operator.ended()).code == 200
    assert (await asyncio.to_thread(row, desk, "+79000000202"))["operator"]
    (card,) = desk.rows("SELECT state, holder FROM callback WHERE number = '+79000000202'")
    assert card == {"state": "reached", "holder": "Петрова"}, "whose telephone it was"


async def test_when_all_are_busy_the_assistant_takes_the_message_and_promises(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000203")
    for leg in (await rung(exchange)).values():
        leg.reject(486)
    await caller.ended()
    found = await asyncio.to_thread(row, desk, "+79000000203")
    assert (found["mode"], found["operator"]) == ("overflow", "")
    assert promises(desk, "+79000000203") == 1
    spoken = [turn["prompt"] for turn in desk.turns(str(found["id"])) if turn["speaker"] == "assistant"]
    assert spoken[:3] == ["recording_notice", "connecting", "overflow_greeting"]


async def test_when_nobody_answers_in_time_the_telephones_stop_ringing(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000204")
    ears = [Ear(leg) for leg in (await rung(exchange)).values()]
    await asyncio.sleep(3)
    assert caller.pitch(0.5) in (0.0, pytest.approx(425, abs=15))
    assert any(
        pitch(b"".join(caller.heard[at : at + 5])) == pytest.approx(425, abs=15) for at in range(len(caller.heard))
    )
    for ear in ears:
        assert (await ear.ended()).code != 200
    await caller.ended()
    assert (await asyncio.to_thread(row, desk, "+79000000204"))["mode"] == "overflow"


async def test_who_does_not_wait_is_a_missed_call_and_is_called_back(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000205")
    ears = [Ear(leg) for leg in (await rung(exchange)).values()]
    caller.leg.hang_up()
    for ear in ears:
        await ear.ended()
    found = await asyncio.to_thread(row, desk, "+79000000205")
    assert (found["mode"], found["end"], found["operator"]) == ("front_desk", "caller_hung_up", "")
    assert promises(desk, "+79000000205") == 1


async def test_who_presses_0_is_called_back_and_nobody_is_rung_any_longer(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000206")
    ears = [Ear(leg) for leg in (await rung(exchange)).values()]
    caller.leg.send_keys("0")
    for ear in ears:
        await ear.ended()
    await caller.ended()
    assert (await asyncio.to_thread(row, desk, "+79000000206"))["mode"] == "overflow"


async def test_two_operators_who_answer_at_once_are_one_conversation(desk: Service, exchange: Engine) -> None:
    caller = await call_in(exchange, desk, "+79000000207")
    phones = await rung(exchange)
    await asyncio.gather(*(phone.answer() for phone in phones.values()), return_exceptions=True)
    ears = [Ear(leg) for leg in phones.values()]
    await asyncio.sleep(1.5)
    assert sum(ear.over is None for ear in ears) == 1
    caller.leg.hang_up()
    for ear in ears:
        await ear.ended()
    assert (await asyncio.to_thread(row, desk, "+79000000207"))["operator"]
