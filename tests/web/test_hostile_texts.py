"""Hostile names and texts in every place of a page that shows what a citizen or a colleague wrote (faults F24, F25)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ivr.domain.contact import Address, PersonName
from ivr.services.curator import DayCounting
from tests.console_house import House, make_house
from tests.hostile import corpus
from tests.samples import SetClock, a_call, a_callback, a_message, ended
from tests.web.conftest import NOON, Browser

TEXTS = list(corpus())
_OURS = re.compile(r"/static/[\w./-]+\?v=[0-9a-f]{10}")
_AT_ONCE = 20


class Page(HTMLParser):
    """Gathers what a browser would act upon."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.acts: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            scheme = (value or "").strip().lower()
            if name.startswith("on") or (
                name in ("href", "src", "action") and scheme.startswith(("javascript:", "data:"))
            ):
                self.acts.append(f"{tag} {name}={value}")
            if name in ("src",) and tag == "script" and not _OURS.fullmatch(value or ""):
                self.acts.append(f"script {value}")
            if name.startswith("hx-on") or (name in ("hx-vals", "hx-headers") and (value or "").startswith("js:")):
                self.acts.append(f"{tag} {name}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = make_house(tmp_path_factory.mktemp("hostile") / "house", seeded=False, clock=SetClock(NOON), now=NOON)
    yield made
    made.console.dispose()


@pytest.fixture(scope="module")
def filled(house: House) -> list[str]:
    """The corpus in the journal: several texts a row, each in a field of its own."""

    async def fill() -> list[str]:
        journal, ids = house.console.callbacks.journal, []
        for number, at in enumerate(range(0, len(TEXTS), 8)):
            name, first, street, gist, text, holder, caller, flat = (TEXTS[at : at + 8] * 8)[:8]
            call = replace(a_call(number, NOON), caller_number=caller[:30], caller_name=name)
            message = a_message(call, f"+7900000{number:04d}", name=PersonName(name, first, None), gist=gist, text=text,
                                address=Address(holder, street, "1", flat), comment=gist)  # fmt: skip
            message = replace(message, incomplete_phone=caller, executor=holder)
            await journal.close(ended(call), [], message, a_callback(message))
            ids.append(call.id)
        return ids

    return house.do(fill())  # type: ignore[return-value]


def test_the_corpus_is_large_enough() -> None:
    assert len(TEXTS) >= 2000


def test_hostile_texts_are_shown_inert_in_the_list_and_on_every_card(house: House, filled: list[str]) -> None:
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        allowed = _tags(anna.get("/account").text) | {
            "ol", "h2", "details", "article", "blockquote", "select", "option", "textarea", "datalist", "audio", "em",
            "fieldset", "legend", "dl", "dt", "dd", "br", "strong",
        }  # fmt: skip
        path, pages = "/callbacks", 0
        while path:
            page = anna.get(path).text
            _prove(page, allowed)
            pages += 1
            found = re.search(r'href="([^"]+after=[^"]+)"', page)
            path = found[1].replace("&amp;", "&") if found else ""
        assert pages > len(filled) // 60
        for callback in filled:
            _prove(anna.get(f"/callbacks/{callback}").text, allowed)


def test_hostile_searches_and_fields_are_given_back_inert(house: House, filled: list[str]) -> None:
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        for text in TEXTS[:: len(TEXTS) // _AT_ONCE]:
            sent = text.encode("utf-8", "replace").decode()[:100]
            page = anna.get("/callbacks", params={"q": sent})
            assert page.status_code == 200
            assert parsed(page.text).acts == []
            door = Browser(house.console.app, follow_redirects=False)
            csrf = door.get("/sign-in").text.split('name="csrf" content="')[1].split('"')[0]
            refused = door.post("/sign-in", data={"login": sent[:60], "password": "x", "csrf": csrf, "next": sent})
            assert parsed(refused.text).acts == []
            kept = anna.act(
                f"/callbacks/{filled[0]}/messages/{filled[0]}/name", surname=sent[:50], name="", patronymic=""
            )
            assert kept.status_code in (200, 409)
            assert parsed(kept.text).acts == []


def test_hostile_texts_are_inert_in_the_journal_on_the_board_and_in_the_curators_figures(
    house: House, filled: list[str]
) -> None:
    rooms = house.console.rooms
    house.do(DayCounting(rooms.curator.tallies, rooms.clock).sweep("demo", house.console.callbacks.rulebook.calendar))
    with Browser(house.console.app, follow_redirects=False) as vera:
        vera.sign_in("vlasova")
        path, pages = "/journal", 0
        while path:
            page = vera.get(path).text
            assert parsed(page).acts == []
            pages += 1
            found = re.search(r'href="([^"]+)" rel="next"', page)
            path = found[1].replace("&amp;", "&") if found else ""
        assert pages > len(filled) // 60
        for path in ("/curator", "/curator/subjects", "/curator/hearing"):
            assert parsed(vera.get(path).text).acts == []
        for text in TEXTS[:: len(TEXTS) // _AT_ONCE]:
            sent = text.encode("utf-8", "replace").decode()[:100]
            rooms.board.follow({"action": "call_started", "call": "c", "municipality": "demo", "mode": "front_desk"})
            rooms.board.follow({"action": "said", "call": "c", "speaker": "operator", "text": sent})
            asked = {"q": sent, "topic": sent, "from": sent, "status": sent, "below": sent}
            for answer in (vera.get("/board"), vera.get("/journal", params=asked),
                           vera.get("/curator/hearing", params={"taught": sent})):  # fmt: skip
                assert answer.status_code == 200
                assert parsed(answer.text).acts == []
            vera.get("/journal.xlsx", params={"q": sent, "topic": sent}).raise_for_status()


def _prove(page: str, allowed: set[str]) -> None:
    found = parsed(page)
    assert found.acts == []
    assert found.tags <= allowed, found.tags - allowed


def parsed(page: str) -> Page:
    made = Page()
    made.feed(page)
    return made


def _tags(page: str) -> set[str]:
    return parsed(page).tags
