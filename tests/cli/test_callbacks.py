"""`ivr callbacks` as an operator types it."""

from __future__ import annotations

import asyncio
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from ivr.adapters.files.settings import project_root, read_settings
from ivr.adapters.files.ui import words
from ivr.bootstrap import build_callback_room
from ivr.cli.main import app
from tests.samples import a_call, a_callback, a_message, ended

ROW = f"{0xABCDEF:032x}"


class Said(NamedTuple):
    """What a command printed."""

    code: int
    text: str


class Terminal:
    """A person at the command line."""

    def __init__(self, config: Path) -> None:
        self.config = config

    def type(self, *words_typed: str) -> Said:
        env = {"COLUMNS": "220", "IVR_OPERATOR": "Петрова А."}
        result = CliRunner().invoke(app, ["--config", str(self.config), "callbacks", *words_typed], env=env)
        return Said(result.exit_code, result.output)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    config = tmp_path / "ivr.toml"
    config.write_text(
        f'[municipality]\nkey = "demo"\n[storage]\ndata = "{tmp_path}"\n[log]\nlevel = "error"\n', "utf-8"
    )
    return Terminal(config)


@pytest.fixture
def promised(terminal: Terminal) -> Terminal:
    """One promise stands in the journal."""

    async def fill() -> None:
        room = build_callback_room(read_settings(terminal.config))
        call = a_call(0xABCDEF, datetime.now(UTC) - timedelta(hours=1))
        message = a_message(call, phone="+79000000001")
        await room.journal.close(ended(call), [], message, a_callback(message))
        room.dispose()

    asyncio.run(fill())
    return terminal


def test_an_empty_list_says_what_will_appear(terminal: Terminal) -> None:
    assert terminal.type("list") == (0, words("callbacks.empty") + "\n")


def test_the_list_shows_who_waits_with_the_number_shortened(promised: Terminal) -> None:
    said = promised.type("list").text
    assert "Иванова Мария Петровна" in said
    assert "Горячее водоснабжение" in said
    assert "+7900…0001" in said
    assert "+79000000001" not in said
    assert "+79000000001" in promised.type("show", ROW[:30]).text


def test_a_whole_working_life_at_the_command_line(promised: Terminal) -> None:
    assert promised.type("take", ROW).code == 0
    refused = promised.type("take", ROW, "--as", "Сидоров Б.")
    assert (refused.code, refused.text) == (1, "Взято: Петрова А. — попросите передать вам. (п. 13)\n")
    assert promised.type("hand", ROW, "Сидоров Б.").code == 0
    assert promised.type("release", ROW, "--curator").code == 0
    waiting = promised.type("attempt", ROW, "no_answer")
    assert re.search(r"звонить с \d\d\.\d\d \d\d:\d\d до", waiting.text)
    early = promised.type("attempt", ROW, "answered")
    assert early.code == 1
    assert early.text.startswith("Рано: перезвоните с ")
    assert "не ответил" in promised.type("show", ROW).text
    assert promised.type("himself", "+79000000001").text == "Закрыто обещаний: 1.\n"
    assert promised.type("list").text == words("callbacks.empty") + "\n"
    assert "закрыто" in promised.type("list", "--all").text


def test_a_card_is_closed_when_all_it_needs_is_there(promised: Terminal) -> None:
    assert promised.type("attempt", ROW, "answered").code == 0
    assert promised.type("close", ROW, "--result", "satisfied").text == "Укажите итог консультации. (прил. № 2)\n"
    assert "«glad» нет в списке" in promised.type("close", ROW, "--result", "glad", "--outcome", "consulted").text
    assert "Укажите причину" in promised.type("close", ROW, "--result", "dissatisfied", "--outcome", "consulted").text
    past = promised.type(
        "close", ROW, "--result", "call_again", "--outcome", "consulted", "--planned", "2020-01-09 10:00"
    )
    assert "в прошлом" in past.text
    assert promised.type("close", ROW, "--result", "explained", "--outcome", "informed", "--first").code == 0
    assert promised.type("take", ROW).text == "Уже закрыто. (п. 13)\n"


@pytest.mark.parametrize("prefix", ["ffff", "zz"])
def test_a_row_that_is_not_there_is_said_so(promised: Terminal, prefix: str) -> None:
    said = promised.type("take", prefix)
    assert (said.code, prefix in said.text) == (1, True)


def test_a_time_that_is_none_is_refused_with_an_example(promised: Terminal) -> None:
    said = promised.type("attempt", ROW, "busy", "--at", "завтра")
    assert said.code == 1
    assert "14:30" in said.text


def test_every_refusal_has_words_for_people() -> None:
    sources = [path.read_text("utf-8") for path in (project_root() / "ivr" / "domain").glob("*.py")]
    sources += [path.read_text("utf-8") for path in (project_root() / "ivr" / "services").glob("*.py")]
    raised = re.findall(r'RuleBroken\(\s*"[^"]+",\s*f?"[^"]+",\s*"(\w+)"', "\n".join(sources))
    assert len(raised) > 20
    texts = tomllib.loads((project_root() / "config" / "ui.ru.toml").read_text("utf-8"))["refused"]
    assert [code for code in raised if code not in texts] == []
