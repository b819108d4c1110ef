"""The list: its order, its filters as links, the search, what is shown of a citizen, live updates."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from datetime import timedelta

import pytest

from ivr.domain.worklist import Place, Shown
from ivr.services.board import LiveBoard
from ivr.web.callbacks import mark_of, place_of
from ivr.web.live import Hub, Watch
from tests.console_house import House, make_house
from tests.samples import SetClock
from tests.seeding import bulk
from tests.web.conftest import NOON, Browser, SignIn


def ids(page: str) -> list[str]:
    """Rows in the order they are shown."""
    return re.findall(r'data-row="([0-9a-f]+)"', page)


def test_the_most_pressing_comes_first_with_its_reason_in_words(house: House, enter: SignIn) -> None:
    page = enter("petrova").get("/callbacks").text
    assert ids(page)[:3] == [house.rows[0], house.rows[2], house.rows[3]]
    for words in ("просрочен 14 мин", "окно до", "попытка 2 из 3", "срочно", "номера нет", "имя не названо", "у вас"):
        assert words in page


def test_numbers_are_shortened_in_the_list_and_whole_on_the_card(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    page = anna.get("/callbacks").text
    assert "+79000001234" not in page.replace("\xa0", "")
    assert "12\xa034" in page
    assert "+7\xa0900\xa0000-12-34" in anna.get(f"/callbacks/{house.rows[0]}").text


@pytest.mark.parametrize(
    ("shown", "row"), [("mine", 4), ("overdue", 0), ("window", 2), ("no_number", 5), ("urgent", 3), ("closed", 7)]
)  # fmt: skip
def test_filters_are_links(house: House, enter: SignIn, shown: str, row: int) -> None:
    anna = enter("petrova")
    assert f'href="/callbacks?shown={shown}"' in anna.get("/callbacks").text
    assert ids(anna.get(f"/callbacks?shown={shown}").text) == [house.rows[row]]


@pytest.mark.parametrize(
    ("words", "rows"),
    [("иванова", [0]), ("ИВАНОВА мария", [0]), ("000-12-34", [0]), ("снег", [1]), ("ничего такого", [])],
)  # fmt: skip
def test_search_by_name_number_and_words(house: House, enter: SignIn, words: str, rows: list[int]) -> None:
    page = enter("petrova").get("/callbacks/rows", params={"q": words}).text
    assert ids(page) == [house.rows[row] for row in rows]
    assert ("Ничего не найдено" in page) is not bool(rows)


def test_the_search_takes_either_letter_for_one(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    either = [ids(anna.get("/callbacks/rows", params={"q": word}).text) for word in ("теплое", "Тёплое")]
    assert either[0] == either[1] != []


def test_an_empty_list_says_what_will_appear(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = make_house(tmp_path_factory.mktemp("empty"), seeded=False)
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        for shown in Shown:
            assert 'class="empty"' in anna.get(f"/callbacks?shown={shown.value}").text
    house.console.dispose()


def test_every_row_is_reached_page_by_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = make_house(tmp_path_factory.mktemp("many"), seeded=False, clock=SetClock(NOON))
    bulk(house.console.callbacks.engine, 400, NOON, "demo", open_rows=230)
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        for shown, count in (("all", 230), ("closed", 170)):
            seen: list[str] = []
            path: str | None = f"/callbacks?shown={shown}"
            while path:
                page = anna.get(path).text
                seen += ids(page)
                found = re.search(r'href="([^"]+after=[^"]+)"', page)
                path = found[1].replace("&amp;", "&") if found else None
            assert (len(seen), len(set(seen))) == (count, count)
    house.console.dispose()


def test_a_place_of_the_list_is_a_word_and_a_forged_one_the_beginning() -> None:
    place = Place(NOON, NOON - timedelta(hours=3), "ab")
    assert place_of(mark_of(place)) == place
    for forged in ("", "x", "????", mark_of(place)[:-5], "=" * 50, "0J/RgNC40LLQtdGC"):
        assert place_of(forged) is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00", "2026-11-25T10:00:00"])
def test_a_place_that_no_list_can_have_is_the_beginning(enter: SignIn, moment: str) -> None:
    here = "2026-11-25T10:00:00+03:00"
    page = enter("petrova")
    for act_by, created_at in ((moment, here), (here, moment)):
        mark = base64.urlsafe_b64encode(f"{act_by} {created_at} ab".encode()).decode().rstrip("=")
        assert ids(page.get(f"/callbacks/rows?after={mark}").text) == ids(page.get("/callbacks/rows").text)


async def test_pages_are_told_that_something_changed_but_not_what(house: House) -> None:
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
    anna, boris = (hub.stream(Watch(login, "demo", look)) for login in ("petrova", "sidorov"))
    for stream in (anna, boris):
        assert (await anext(stream)).startswith("retry")
    waiting = [asyncio.ensure_future(anext(stream)) for stream in (anna, boris)]
    await asyncio.sleep(0)
    wire.queue.put_nowait({"action": "partial", "text": "меня зовут иванова"})
    wire.queue.put_nowait({"action": "call_refused", "callback": "ab", "who": "petrova", "sentence": "Рано."})
    wire.queue.put_nowait({"action": "callback_moved", "callback": "cd", "state": "taken", "municipality": "elsewhere"})
    wire.queue.put_nowait(
        {"action": "callback_moved", "callback": "ab", "state": "taken", "name": "Иванова", "municipality": "demo"}
    )
    first, second = [json.loads((await one).removeprefix("data: ")) for one in waiting]
    assert first["action"] == "call_refused"
    assert second == {"action": "callback_moved", "callback": "ab", "state": "taken"}
    await hub.stop()
    await anna.aclose()
    await boris.aclose()


async def test_news_that_the_board_does_not_understand_ends_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wire:
        """The port `News`: two pieces, then silence."""

        left = 2

        async def next(self) -> dict[str, object]:
            self.left -= 1
            return {"action": "call_ended"} if self.left >= 0 else await asyncio.get_running_loop().create_future()

    heard: list[object] = []

    def follow(_board: LiveBoard, news: dict[str, object]) -> bool:
        heard.append(news)
        raise ValueError("not understood")

    monkeypatch.setattr(LiveBoard, "follow", follow)
    hub = Hub(Wire(), house.console.rooms.calling, house.console.rooms.board)
    hub.start()
    await asyncio.sleep(0.01)
    assert len(heard) == 2
    await hub.stop()


def test_what_a_card_does_reaches_the_list_by_the_live_wire(house: House, enter: SignIn) -> None:
    news: list[dict[str, object]] = []
    house.console.rooms.workplace.desk.announce = lambda action, facts: news.append({"action": action, **facts})
    enter("petrova").act(f"/callbacks/{house.rows[0]}/take")
    assert news == [{"action": "callback_moved", "callback": house.rows[0], "state": "taken", "municipality": "demo"}]
