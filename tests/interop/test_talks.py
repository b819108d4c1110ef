"""What happens while caller and operator talk: transfer, hold, live text, whose card it is (clauses 7, 15, 20)."""

from __future__ import annotations

import asyncio
import threading
import time

import pjsua2 as pj
import pytest

from ivr.adapters.sip import media
from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from tests.interop.exchange import EXCHANGE_PORT, Ear, call_in, row, rung
from tests.interop.service import REPOSITORY, Service, eventually, tone
from tests.interop.sound import read_wav

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="session")]
CALLER_HZ, OPERATOR_HZ, COLLEAGUE_HZ = 440.0, 1000.0, 1400.0
COLLEAGUE = f"sip:103@127.0.0.1:{EXCHANGE_PORT}"


async def talking(exchange: Engine, desk: Service, number: str) -> tuple[Ear, Ear]:
    """A caller and the operator 101, who talk."""
    caller = await call_in(exchange, desk, number)
    phones = await rung(exchange)
    await phones["101"].answer()
    operator, loser = Ear(phones["101"]), Ear(phones["102"])
    await loser.ended()
    await asyncio.sleep(0.3)  # the ACK has come: a telephone asks for nothing before
    return caller, operator


async def hear_each_other(one: Ear, other: Ear, other_hz: float = OPERATOR_HZ) -> None:
    """Tones cross the bridge both ways."""
    one.leg.play(tone(1.4, CALLER_HZ))
    other.leg.play(tone(1.4, other_hz))
    await asyncio.sleep(1.2)
    assert one.pitch(0.5) == pytest.approx(other_hz, abs=15)
    assert other.pitch(0.5) == pytest.approx(CALLER_HZ, abs=15)
    await asyncio.sleep(0.4)


async def on_the_exchange_s_thread(exchange: Engine, leg: SipLeg, verb: str, *facts: object, flags: int = 0) -> None:
    """Have a telephone do something of the library's."""
    options = pj.CallOpParam(True)
    if flags:
        options.opt.flag = flags
    exchange.command(lambda: getattr(leg.call, verb)(*facts, options))
    await asyncio.sleep(0.1)


def legs(desk: Service, call: object) -> list[dict[str, object]]:
    """The ledger's rows of the operators of a call."""
    return desk.rows("SELECT * FROM leg WHERE call = ? AND side = 'operator' ORDER BY invited_at", call)


async def test_an_operator_hands_the_caller_over_to_a_colleague(desk: Service, exchange: Engine) -> None:
    caller, operator = await talking(exchange, desk, "+79000000401")
    await on_the_exchange_s_thread(exchange, operator.leg, "xfer", COLLEAGUE)
    colleague = Ear((await rung(exchange, 1))["103"])
    await asyncio.sleep(0.7)
    assert caller.pitch(0.4) == pytest.approx(425, abs=15)
    await colleague.leg.answer()
    await asyncio.to_thread(desk.await_news, "transferred", 5, operator="103")
    operator.leg.hang_up()  # as telephones do when they are told that it went well (NOTIFY, RFC 3515)
    await hear_each_other(caller, colleague, COLLEAGUE_HZ)
    colleague.leg.hang_up()
    await caller.ended()
    found = await asyncio.to_thread(row, desk, "+79000000401")
    assert found["operator"] == "Петрова"
    kept = legs(desk, found["id"])
    assert [(leg["who"], leg["cause"], leg["why"]) for leg in kept if leg["answered_at"]] == [
        ("Петрова", 200, ""), ("103", 200, "transfer")
    ]  # fmt: skip
    told = [news for news in desk.news_so_far() if news.get("call") == found["id"]]
    assert [news["operator"] for news in told if news["action"] == "card"] == ["103"]
    assert desk.rows("SELECT holder, state FROM callback WHERE id = ?", found["id"]) == [
        {"holder": "103", "state": "reached"}
    ]


async def test_a_colleague_who_is_busy_leaves_the_caller_with_the_operator(desk: Service, exchange: Engine) -> None:
    caller, operator = await talking(exchange, desk, "+79000000402")
    await on_the_exchange_s_thread(exchange, operator.leg, "xfer", COLLEAGUE)
    (await rung(exchange, 1))["103"].reject(486)
    await asyncio.to_thread(desk.await_news, "transfer_failed", 5, code=486)
    await hear_each_other(caller, operator)
    caller.leg.hang_up()
    await operator.ended()
    found = await asyncio.to_thread(row, desk, "+79000000402")
    assert [leg["cause"] for leg in legs(desk, found["id"]) if leg["why"] == "transfer"] == [486]


async def test_who_leaves_while_a_colleague_is_rung_stops_the_ringing(desk: Service, exchange: Engine) -> None:
    caller, operator = await talking(exchange, desk, "+79000000403")
    await on_the_exchange_s_thread(exchange, operator.leg, "xfer", COLLEAGUE)
    colleague = Ear((await rung(exchange, 1))["103"])
    caller.leg.hang_up()
    assert (await colleague.ended()).code != 200
    await operator.ended()


async def test_nobody_but_an_operator_sends_a_caller_away_and_only_within_the_house(
    desk: Service, exchange: Engine
) -> None:
    caller, operator = await talking(exchange, desk, "+79000000404")
    await on_the_exchange_s_thread(exchange, caller.leg, "xfer", COLLEAGUE)
    await on_the_exchange_s_thread(exchange, operator.leg, "xfer", "sip:103@192.0.2.9")
    await on_the_exchange_s_thread(exchange, operator.leg, "xfer", f"sip:810441234567@127.0.0.1:{EXCHANGE_PORT}")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(exchange.next_leg(), 1)
    await hear_each_other(caller, operator)
    caller.leg.hang_up()
    await operator.ended()


async def test_who_is_put_on_hold_is_there_when_the_other_comes_back(desk: Service, exchange: Engine) -> None:
    caller, operator = await talking(exchange, desk, "+79000000405")
    for holder in (operator, caller):
        await on_the_exchange_s_thread(exchange, holder.leg, "setHold")
        await asyncio.sleep(3)  # longer than a line without sound lasts
        assert (caller.over, operator.over) == (None, None)
        await on_the_exchange_s_thread(exchange, holder.leg, "reinvite", flags=pj.PJSUA_CALL_UNHOLD)
        await asyncio.sleep(0.5)
        await hear_each_other(caller, operator)
    operator.leg.hang_up()
    await caller.ended()


async def test_what_both_say_is_told_while_they_talk_and_kept_in_order(desk: Service, exchange: Engine) -> None:
    caller, operator = await talking(exchange, desk, "+79000000406")
    call = (await asyncio.to_thread(desk.await_news, "call_started", 5, caller="+79000000406"))["call"]
    card = await asyncio.to_thread(desk.await_news, "card", 5, call=call)
    caller.leg.play(read_wav(REPOSITORY / "tests" / "data" / "said_water.wav") + bytes(16000 * 2))
    water = await asyncio.to_thread(desk.await_news, "said", 20, call=call, speaker="caller")
    operator.leg.play(read_wav(REPOSITORY / "tests" / "data" / "said_number.wav") + bytes(16000 * 2))
    number = await asyncio.to_thread(desk.await_news, "said", 20, call=call, speaker="operator")
    assert "вод" in water["text"]
    assert number["text"]
    assert (card["card"], card["operator"]) == (call, "Петрова")
    caller.leg.hang_up()
    await operator.ended()
    found = await asyncio.to_thread(row, desk, "+79000000406")
    spoken = [turn for turn in desk.turns(str(found["id"])) if turn["speaker"] != "assistant"]
    assert spoken[0]["speaker"] == "caller"
    assert [turn["offset"] for turn in spoken] == sorted(turn["offset"] for turn in spoken)
    topic = desk.rows("SELECT topic, operator, status FROM message WHERE id = ?", found["id"])
    assert topic == [{"topic": "hot_water", "operator": "Петрова", "status": "in_work"}]


async def test_who_rings_himself_and_is_answered_is_owed_no_call_any_more(desk: Service, exchange: Engine) -> None:
    waiting = await call_in(exchange, desk, "+79000000407")
    ears = [Ear(leg) for leg in (await rung(exchange)).values()]
    waiting.leg.hang_up()
    for ear in ears:
        await ear.ended()
    owed = await asyncio.to_thread(row, desk, "+79000000407")
    caller, operator = await talking(exchange, desk, "+79000000407")
    eventually(
        lambda: desk.rows("SELECT * FROM callback WHERE id = ? AND state = 'closed'", owed["id"]) or None, 5
    )  # fmt: skip
    operator.leg.hang_up()
    await caller.ended()


async def test_a_sound_that_was_played_dies_on_the_engine_s_own_thread(
    desk: Service, exchange: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Destroyed on the library's event thread, which the last to leave a callback would do, it locks the engine up."""
    died_on: list[str] = []

    class Slow(media.Player):
        def onEof2(self) -> None:  # noqa: N802
            super().onEof2()
            time.sleep(0.3)  # meanwhile the engine goes on to the next sound

        def __del__(self) -> None:
            died_on.append(threading.current_thread().name)

    monkeypatch.setattr("ivr.adapters.sip.leg.Player", Slow)
    caller = await call_in(exchange, desk, "+79000000409")
    await rung(exchange)
    await caller.leg.answered
    for _ in range(3):
        caller.leg.play(tone(0.1))
    await asyncio.sleep(2.5)
    caller.leg.hang_up()
    await caller.ended()
    for _ in range(50):
        if len(died_on) == 3:
            break
        await asyncio.sleep(0.1)
    assert died_on == ["sip"] * 3
