"""The pictures of the guides: taken of the real pages over invented data, anew when `IVR_PICTURES=1` or one is missing.

A picture stays as it is while nobody asks: fonts differ from machine to machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.text import Text

from ivr.domain.letter import ReportKind
from tests.browser.conftest import Enter
from tests.console_house import TOWN, House, make_house, served
from tests.report_samples import keep, messages
from tests.samples import SetClock
from tests.services.test_intake import a_head_of_two_lines, book, the_form_as_printed
from tests.web.conftest import NOON
from tests.web.test_curator import calls_of_today, count
from tests.web.test_keeping import close
from tests.web.test_reports import MAIL

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "ru" / "pictures"
LARGEST = 150_000
_COLOURS = 256
_DEMO_SECONDS = 600
ASKED = os.environ.get("IVR_PICTURES") == "1"


@dataclass(frozen=True)
class View:
    """A page to be taken.

    Attributes:
        height: of the window; what is below is not in the picture.
        before: what is done on the page first.
    """

    name: str
    login: str
    path: Callable[[House], str]
    height: int = 760
    width: int = 1200
    before: Callable[[Page], object] = lambda _page: None


def _filed(house: House, kind: ReportKind) -> str:
    return f"/reports/{house.console.rooms.reports.office.filing_of(TOWN).archive.filed(TOWN, kind)[0].id}"


def _with_sound(page: Page) -> None:
    page.wait_for_selector(".player[data-drawn]")


def _brought(page: Page) -> None:
    page.set_input_files("[name=file]", {"name": "журнал 2025.xlsx",
                                         "buffer": book(the_form_as_printed, a_head_of_two_lines).getvalue(),
                                         "mimeType": "application/octet-stream"})  # fmt: skip
    page.click("text=Посмотреть")
    page.click("text=Показать все строки")
    page.wait_for_selector("text=Все строки файла")


def _found(page: Page) -> None:
    page.fill("[name=asked]", "8 900 000-12-34")
    page.press("[name=asked]", "Enter")
    page.wait_for_selector("#kept-title")


VIEWS = (
    View("sign-in", "", lambda _house: "/sign-in", 520, 900),
    View("callbacks", "petrova", lambda _house: "/callbacks", 640),
    View("card", "petrova", lambda house: f"/callbacks/{house.rows[0]}", 980, before=_with_sound),
    View("card-reached", "petrova", lambda house: f"/callbacks/{house.rows[4]}", 900),
    View("phone", "petrova", lambda _house: "/callbacks", 740, 390),
    View("board", "petrova", lambda _house: "/board", 760),
    View("journal", "vlasova", lambda _house: "/journal", 700),
    View("reports", "vlasova", lambda _house: "/reports", 640),
    View("report-week", "vlasova", lambda house: _filed(house, ReportKind.WEEK), 760),
    View("report-month", "vlasova", lambda house: _filed(house, ReportKind.MONTH), 900),
    View("older-journal", "vlasova", lambda _house: "/reports/older-journal", 700, before=_brought),
    View("topics", "vlasova", lambda _house: "/settings/topics/snow", 820),
    View("curator", "vlasova", lambda _house: "/curator", 760),
    View("keeping", "vlasova", lambda _house: "/keeping/person", 1000, before=_found),
    View("access-log", "vlasova", lambda _house: "/access-log", 760),
    View("people", "chief", lambda _house: "/settings/people", 560),
    View("hours", "chief", lambda _house: "/settings/hours", 900),
    View("prompts", "chief", lambda _house: "/settings/prompts", 700),
    View("line", "chief", lambda _house: "/settings/form/line", 900),
    View("mail", "chief", lambda _house: "/settings/form/mail", 820),
)
MISSING = [view for view in VIEWS if ASKED or not (FOLDER / f"{view.name}.png").exists()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Wednesday, 25 November 2026, 10:30: a morning's work, a week and a month reported."""
    made = make_house(tmp_path / "house", clock=SetClock(NOON), now=NOON, more=MAIL.replace("by_itself = false", ""))
    rows = messages(60, NOON.replace(month=10, day=6), days=48)
    keep(made.console.callbacks.engine, (replace(one, municipality=TOWN) for one in rows))
    made.console.rooms.reports.office.filing_of(TOWN).sweep(NOON.replace(day=23, hour=1))
    calls_of_today(made)
    count(made)
    close(made, made.rows[0])
    with served(made):
        yield made
    made.console.dispose()


@pytest.mark.skipif(not MISSING, reason="all pictures are there; IVR_PICTURES=1 takes them anew")
def test_the_pages_are_taken(house: House, enter: Enter) -> None:
    people = {}
    for view in MISSING:
        key = (view.login, view.width)
        person = people.get(key) or enter(view.login, width=view.width)
        people[key] = person
        person.page.set_viewport_size({"width": view.width, "height": view.height})
        page = person.go(view.path(house))
        view.before(page)
        page.wait_for_timeout(300)
        _keep(view.name, page.screenshot())


@pytest.mark.skipif(not ASKED, reason="IVR_PICTURES=1 takes it: real calls, three minutes")
def test_the_demo_is_taken(chromium: Browser) -> None:
    """A real conversation over SIP, as a terminal shows it."""
    command = [sys.executable, "-m", "ivr.cli.main", "demo", "--once"]
    surroundings = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "100", "TERM": "xterm-256color"}
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as demo:  # fmt: skip
        try:
            told, _ = demo.communicate(timeout=_DEMO_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(demo.pid, signal.SIGTERM)  # its children too
    assert demo.returncode == 0, told
    console = Console(record=True, file=open(os.devnull, "w"), width=100)  # noqa: SIM115, PTH123
    console.print(Text.from_ansi(told))
    page = chromium.new_page(viewport={"width": 900, "height": 900})
    page.set_content(console.export_html(inline_styles=True).replace("<body>", '<body style="padding: 12px 18px">'))
    _keep("demo", page.screenshot())
    page.close()


def test_every_picture_of_a_guide_is_there_and_small_and_none_lies_about() -> None:
    guides = [ROOT / "README.md", *sorted((ROOT / "docs" / "ru").glob("*.md"))]
    text = "\n".join(guide.read_text("utf-8") for guide in guides)
    named = {f"{view.name}.png" for view in VIEWS}
    kept = {file.name for file in FOLDER.glob("*")} - {"demo.png"}
    assert kept == named
    assert {name for name in named if f"pictures/{name}" not in text} == set()
    assert {name: (FOLDER / name).stat().st_size for name in kept if (FOLDER / name).stat().st_size > LARGEST} == {}


def _keep(name: str, shot: bytes) -> None:
    """With few colours, which a page has anyway: a third of the size."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = Image.open(BytesIO(shot)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    picture.save(FOLDER / f"{name}.png", optimize=True)
