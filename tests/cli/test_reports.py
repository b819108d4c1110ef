"""`ivr report` as people type it, in this process: the words, the exit status, the files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.adapters.storage.database import connect
from ivr.cli import main
from tests.journals import new_journal
from tests.mail_server import PASSWORD, USER, MailServer, Script, certificate
from tests.report_samples import TOWN, keep, messages

Ivr = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    neighbour = '[[municipalities]]\nkey = "plavsky"\ntitle = "Плавский район"\nnumbers = ["+74875221000"]\n'
    text = f'[municipality]\nkey = "{TOWN}"\n{neighbour}[storage]\ndata = "{tmp_path}"\n'
    (tmp_path / "ivr.toml").write_text(text, "utf-8")
    engine = connect(new_journal(tmp_path / "journal.db"))
    last_week = datetime.now(UTC) - timedelta(days=datetime.now(UTC).weekday() + 6)
    keep(engine, messages(12, last_week, days=2))
    engine.dispose()
    return tmp_path


@pytest.fixture
def ivr(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ivr:
    def run(*arguments: str, status: int = 0) -> str:
        command = ["ivr", "--config", str(folder / "ivr.toml"), "report", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setattr(main, "set_up_log", lambda *_: None)
        with pytest.raises(SystemExit) as ended:
            main.main()
        said = capsys.readouterr()
        assert ended.value.code == status, said.err
        return said.out + said.err

    return run


@pytest.mark.parametrize("kind", ["load", "messages", "week", "month"])
def test_every_report_is_one_command(ivr: Ivr, folder: Path, kind: str) -> None:
    period = _two_years() if kind != "month" else f"{datetime.now(UTC):%Y-%m}"
    out = folder / "out" / f"{kind}.xlsx"
    assert "готово, строк" in ivr(kind, "--period", period, "--out", str(out))
    assert load_workbook(out).worksheets
    assert [path.name for path in out.parent.iterdir()] == [out.name], "nothing half done is left"


def test_what_cannot_be_made_is_told_in_one_sentence(ivr: Ivr, folder: Path) -> None:
    assert "непонятен" in ivr("week", "--period", "вчера", status=2)
    assert "Нет муниципалитета «plawsky»" in ivr("week", "--period", "2026", "--municipality", "plawsky", status=1)
    (folder / "file").touch()
    assert "file" in ivr("week", "--period", "2026", "--out", str(folder / "file" / "a.xlsx"), status=2)
    assert "сохраните как .xlsx" in ivr("import", str(folder / "ivr.toml"), status=1)
    assert "Отчёт за 01.01.2001 – 31.01.2001 ещё не готовили" in ivr("told", "2001-01", status=1)


def test_an_older_journal_is_shown_first_taken_in_when_asked_and_taken_back(ivr: Ivr, folder: Path) -> None:
    out = str(folder / "all.xlsx")
    ivr("messages", "--period", _two_years(), "--out", out)
    there = load_workbook(out).worksheets[0].max_row - 3
    assert f"уже есть: {there}" in ivr("import", out)
    assert f"новая: {there}" in ivr("import", out, "--municipality", "plavsky")
    assert f"Загружено строк: {there}." in ivr("import", out, "--municipality", "plavsky", "--yes")
    assert f"уже есть: {there}" in ivr("import", out, "--municipality", "plavsky")
    assert f"Убрано строк: {there}." in ivr("import", out, "--municipality", "plavsky", "--undo")
    assert f"новая: {there}" in ivr("import", out, "--municipality", "plavsky")


def test_what_has_come_due_is_filed_and_kept(ivr: Ivr, folder: Path) -> None:
    assert "отчёт готов" in ivr("sweep")
    listed = ivr("filed")
    assert "За неделю" in listed
    assert "SHA-256" in listed
    assert "weekly_to" in ivr("approve", _last_week(), status=1)
    ivr("kept", _last_week(), "--out", str(folder / "kept.xlsx"))
    assert load_workbook(folder / "kept.xlsx").worksheets[0].max_row == 15


def test_the_curator_lets_the_letter_go_and_sees_what_the_server_said(ivr: Ivr, folder: Path) -> None:
    files = certificate(folder)
    server = MailServer(Script(), files)
    server.start()
    (folder / "password").write_text(PASSWORD)
    with (folder / "ivr.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'[mail]\nserver = "127.0.0.1"\nport = {server.port}\ncertificates = "{files[0]}"\nuser = "{USER}"\n'
            f'password_file = "{folder / "password"}"\nsender = "helpline@example.org"\nby_itself = false\n'
            'weekly_to = ["info@example.org", "ministry@example.org"]\n'
        )
    try:
        ivr("sweep")
        assert "письмо доставлено" in ivr("approve", _last_week(), "--who", "Куратор К. К.")
        assert "уже был отправлен" in ivr("approve", _last_week())
    finally:
        server.stop()
    assert len(server.script.taken) == 2, "one to each addressee"
    listed = ivr("filed")
    assert "отправил: Куратор К. К." in listed
    assert listed.count("250 2.0.0 taken as A1B2C3") == 2
    assert "исправлять нечего" in ivr("correct", _last_week(), status=1)


def _last_week() -> str:
    return f"{datetime.now(UTC) - timedelta(days=7):%G-W%V}"


def _two_years() -> str:
    year = datetime.now(UTC).year
    return f"{year - 1}-01-01..{year}-12-31"
