"""The live board: calls with their words for those who may read them, the shift, the day's numbers, the lamps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

from ivr.domain.leg import LegRecord, Side
from ivr.web.live import Hub, Watch
from tests.console_house import House
from tests.samples import SetClock
from tests.web.conftest import NOON, SignIn

STARTED = {"action": "call_started", "call": "c1", "municipality": "demo", "mode": "after_hours"}
WORDS = {"action": "partial", "call": "c1", "text": "меня зовут иванова"}


def tell(house: House, *news: Mapping[str, object]) -> None:
    """The engines tell it."""
    for one in news:
        house.console.rooms.board.follow(one)


def a_day(house: House) -> None:
    """Twenty calls, one of them lost, each lifted after three seconds; two calls made, one of them answered."""
    legs = []
    for number in range(20):
        at = NOON - timedelta(minutes=60 - number)
        key, over = f"{number:032x}", at + timedelta(minutes=3)
        legs.append(LegRecord(key, "demo", key, Side.CALLER, at, over, answered_at=at, mode="front_desk", source="e"))
        if number:
            lifted = at + timedelta(seconds=3)
            legs.append(
                LegRecord(f"o{number}", "demo", key, Side.OPERATOR, at, over, answered_at=lifted, mode="front_desk")
            )
    for number in range(2):
        answered = NOON if number else None
        legs.append(LegRecord(f"b{number}", "demo", f"b{number}", Side.CITIZEN, NOON, NOON, answered_at=answered))
    house.do(house.console.callbacks.journal.enter(legs))


def test_a_call_in_progress_shows_its_mode_its_seconds_and_its_words(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    assert "Сейчас никто не звонит" in anna.get("/board").text
    tell(house, STARTED, {"action": "listening", "call": "c1"}, WORDS)
    page = anna.get("/board/now").text
    for words in ("слушаем гражданина", "автоответчик, после работы", "меня зовут иванова…", "data-since=", "0:00"):
        assert words in page
    tell(house, {"action": "call_ended", "call": "c1"})
    assert "меня зовут" not in anna.get("/board/now").text


def test_an_administrator_sees_that_somebody_calls_but_no_word_of_it(house: House, enter: SignIn) -> None:
    tell(house, STARTED, WORDS, {"action": "heard", "call": "c1", "text": "иванова мария"})
    page = enter("chief").get("/board").text
    assert "автоответчик, после работы" in page
    assert "иванова" not in page


def test_the_days_numbers_stand_beside_their_norms(house: House, enter: SignIn) -> None:
    a_day(house)
    page = enter("vlasova").get("/board").text.replace("\xa0", " ")
    assert page.count("норма нарушена") == 2  # 5 % is not below 5 %, 95 % not above 95 %
    for words in ("1 из 20", "19 из 20", "1 из 2", "50 %", "3 с", "норма &lt;5 %" if "&lt;5" in page else "норма <5 %"):
        assert words in page


def test_operators_say_themselves_that_they_are_at_work(house: House, enter: SignIn, clock: SetClock) -> None:
    board = house.console.rooms.board
    anna = enter("petrova")
    assert "Присутствие не ведётся" in anna.get("/board").text
    board.shift.counts = True
    assert "На месте: 0" in anna.get("/board").text
    page = anna.act("/board/presence", state="on_shift").text
    assert "На месте: 1" in page and "refusal" in page
    assert "На месте: 2" in enter("sidorov").act("/board/presence", state="on_shift").text
    clock.pass_minutes(1)
    assert "отошёл" in anna.act("/board/presence", state="away").text
    assert enter("auditor").act("/board/presence", state="away").status_code == 403
    assert anna.act("/board/presence", state="sleeping").status_code == 422


def test_lamps_say_what_does_not_work_and_since_when(house: House, enter: SignIn) -> None:
    troubles = house.console.callbacks.troubles
    house.do(troubles.since("demo", "trunk:pbx", True, NOON - timedelta(minutes=30)))
    page = enter("petrova").get("/board").text
    assert "не работает с 10:00" in page
    assert "не отвечает: звонки не принимаются" in page
    assert "не проверяется: не настроено" in page  # the mail
    assert page.count('class="lamp lamp-') == 6


async def test_the_board_is_told_that_words_grow_and_other_pages_are_not(house: House) -> None:
    class Wire:
        """The port `News`, fed by hand."""

        def __init__(self) -> None:
            self.queue: asyncio.Queue[dict[str, object]] = asyncio.Queue()

        async def next(self) -> dict[str, object]:
            return await self.queue.get()

    async def look() -> None:
        return

    wire = Wire()
    hub = Hub(wire, house.console.rooms.calling, house.console.rooms.board)
    hub.start()
    board, page = (hub.stream(Watch("petrova", "demo", look, board=board)) for board in (True, False))
    for stream in (board, page):
        assert (await anext(stream)).startswith("retry")
    waiting = [asyncio.ensure_future(anext(stream)) for stream in (board, page)]
    await asyncio.sleep(0)
    for news in (STARTED, WORDS):
        wire.queue.put_nowait(dict(news))
    wire.queue.put_nowait({"action": "callback_moved", "callback": "ab", "state": "taken"})
    told, moved = [json.loads((await one).removeprefix("data: ")) for one in waiting]
    assert told == {"action": "board"}
    assert moved == {"action": "call_started"}
    await hub.stop()
    await board.aclose()
    await page.aclose()
