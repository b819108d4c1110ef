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
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.bootstrap.office import build_callback_room
from ivr.cli.main import app
from ivr.domain.notices import Notice, NoticeKind
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


def _fill(terminal: Terminal, phone: str, called_at: datetime | None = None) -> None:
    """One promise in the journal."""

    async def fill() -> None:
        room = build_callback_room(read_settings(terminal.config))
        call = a_call(0xABCDEF, called_at or datetime.now(UTC) - timedelta(hours=1))
        message = a_message(call, phone=phone)
        await room.journal.close(ended(call), [], message, a_callback(message))
        room.dispose()

    asyncio.run(fill())


@pytest.fixture
def promised(terminal: Terminal) -> Terminal:
    """One promise stands in the journal."""
    _fill(terminal, "+79000000001")
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


def test_a_question_passed_on_gets_a_sheet_and_an_answer(promised: Terminal, tmp_path: Path) -> None:
    assert "Отдел дорог" in promised.type("executors").text
    assert promised.type("passed-on").text == words("callbacks.nothing_passed") + "\n"
    assert promised.type("sheet", ROW).code == 1
    promised.type("attempt", ROW, "answered")
    passed = ["--result", "explained", "--outcome", "passed_on", "--executor", "roads", "--comment", "<b>яма</b> [/x]"]
    assert promised.type("close", ROW, *passed).code == 0
    shown = promised.type("passed-on").text
    assert "<b>яма</b> [/x]" in shown
    assert "ждём" in shown
    sheet = tmp_path / "sheet.html"
    assert promised.type("sheet", ROW, "--out", str(sheet)).code == 0
    page = sheet.read_text("utf-8")
    assert "&lt;b&gt;яма&lt;/b&gt;" in page
    assert "Отдел дорог и транспорта (пример)" in page
    assert "$" not in page
    assert promised.type("answer", ROW, "в мае").code == 0
    assert "ответ исполнителя: в мае" in promised.type("show", ROW).text


@pytest.mark.parametrize("prefix", ["ffff", "zz"])
def test_a_row_that_is_not_there_is_said_so(promised: Terminal, prefix: str) -> None:
    said = promised.type("take", prefix)
    assert (said.code, prefix in said.text) == (1, True)


def test_a_time_that_is_none_is_refused_with_an_example(promised: Terminal) -> None:
    said = promised.type("attempt", ROW, "busy", "--at", "завтра")
    assert said.code == 1
    assert "14:30" in said.text


def test_a_slip_of_the_hand_is_taken_back(promised: Terminal) -> None:
    assert promised.type("attempt", ROW, "answered").code == 0
    assert promised.type("undo", ROW, "--as", "Сидоров Б.").code == 1
    assert promised.type("undo", ROW).code == 0
    shown = promised.type("show", ROW).text
    assert "отмечена ошибочно" in shown
    assert "в работе" in shown
    promised.type("attempt", ROW, "answered")
    assert promised.type("close", ROW, "--result", "explained", "--outcome", "informed", "--first").code == 0
    assert promised.type("undo", ROW, "--as", "Власова В.").text.startswith("Отменить шаг может тот, кто его сделал")
    assert promised.type("undo", ROW, "--as", "Власова В.", "--curator").code == 0
    assert "заполните карточку" in promised.type("show", ROW).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("call", ROW), "Телефонная служба не отвечает: запущена ли она (ivr serve)?"),
        (("attempt", ROW, "abandoned"), "«abandoned» нет в списке"),
        (("attempt", ROW, "busy", "--at", "2020-01-09 10:00"), "Время попытки в будущем или раньше прошлой попытки"),
        (("close", ROW, "--result", "satisfied", "--outcome", "consulted"), "Никем не взято: сначала возьмите"),
        (("release", ROW), "Никем не взято"),
        (("answer", ROW, "да"), "исполнителю не передан"),
        (("undo", ROW), "Отменять нечего"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(promised: Terminal, typed: tuple[str, ...], sentence: str) -> None:
    said = promised.type(*typed)
    assert (said.code, sentence in said.text) == (1, True), said.text


@pytest.mark.parametrize(
    ("planned", "sentence"),
    [
        ("2020-01-09 10:00", "Планируемый звонок в прошлом: укажите будущее время"),
        (f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d} 23:30", "В это время никто не работает: выберите рабочие"),
        ("2090-01-10 11:00", "назначьте звонок раньше"),
        ("", "Укажите дату и время планируемого звонка"),
    ],
)
def test_a_planned_call_that_will_not_do_is_refused_with_what_to_do(
    promised: Terminal, planned: str, sentence: str
) -> None:
    promised.type("attempt", ROW, "answered")
    said = promised.type("close", ROW, "--result", "call_again", "--outcome", "consulted", "--planned", planned)
    assert (said.code, sentence in said.text) == (1, True), said.text


def test_a_row_without_a_number_says_how_it_is_closed(terminal: Terminal) -> None:
    _fill(terminal, "")
    assert "номера нет" in terminal.type("list").text
    terminal.type("take", ROW)
    assert "закройте с результатом «иное» и комментарием" in terminal.type("attempt", ROW, "busy").text
    assert terminal.type("close", ROW, "--result", "different", "--comment", "номер не назван").code == 0


def test_a_call_missed_in_working_hours_shows_the_houses_own_target(terminal: Terminal) -> None:
    """Interpretation 3: beside the legal deadline."""
    monday = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)  # 11:00 in Moscow
    _fill(terminal, "+79000000001", monday)
    assert re.search(r"внутренняя цель до .*12:00", terminal.type("list").text)
    terminal.type("attempt", ROW, "no_answer")
    assert "внутренняя цель" not in terminal.type("list").text


def test_notices_are_listed_and_marked_as_seen(promised: Terminal) -> None:
    def notices(*typed: str) -> Said:
        env = {"COLUMNS": "220", "IVR_OPERATOR": "Петрова А."}
        result = CliRunner().invoke(app, ["--config", str(promised.config), "notices", *typed], env=env)
        return Said(result.exit_code, result.output)

    async def post() -> None:
        room = build_callback_room(read_settings(promised.config))
        book = DatabaseNoticeBook(room.engine)
        now = datetime.now(UTC)
        await book.post([Notice(NoticeKind.OVERDUE, "demo", ROW, now), Notice(NoticeKind.DISK, "demo", "5", now)], now)
        book.dispose()
        room.dispose()

    assert notices("list").text == words("notices.nothing") + "\n"
    asyncio.run(post())
    shown = notices("list").text
    assert f"Строка {ROW[:8]}: срок был" in shown
    assert "свободно меньше 5 %" in shown
    key = next(part for part in shown.split() if part.startswith("disk:"))
    assert notices("seen", key).text == "Отмечено: 1.\n"
    assert notices("seen", key).code == 1
    assert notices("seen", "--all").text == "Отмечено: 1.\n"
    assert notices("test", "somebody@example.org").text == words("notices.no_mail") + "\n"


def test_every_refusal_has_words_for_people() -> None:
    sources = [path.read_text("utf-8") for path in (project_root() / "ivr" / "domain").glob("*.py")]
    sources += [path.read_text("utf-8") for path in (project_root() / "ivr" / "services").glob("*.py")]
    raised = re.findall(r'RuleBroken\(\s*"[^"]+",\s*f?"[^"]+",\s*"(\w+)"', "\n".join(sources))
    assert len(raised) > 20
    texts = tomllib.loads((project_root() / "config" / "ui.ru.toml").read_text("utf-8"))["refused"]
    assert [code for code in raised if code not in texts] == []
