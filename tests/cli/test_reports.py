"""`ivr report` as people type it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.adapters.storage.database import connect, upgrade
from tests.report_samples import TOWN, keep, messages


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ivr.toml"
    file.write_text(f'[municipality]\nkey = "{TOWN}"\n[storage]\ndata = "{tmp_path}"\n', "utf-8")
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    upgrade(engine)
    last_week = datetime.now(UTC) - timedelta(days=datetime.now(UTC).weekday() + 6)
    keep(engine, messages(12, last_week, days=2))
    engine.dispose()
    return file


def ivr(config: Path, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, "-m", "ivr.cli.main", "--config", str(config), "report", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("kind", ["load", "messages", "week", "month"])
def test_every_report_is_one_command(config: Path, kind: str) -> None:
    period = _two_years() if kind != "month" else f"{datetime.now(UTC):%Y-%m}"
    out = config.parent / "out" / f"{kind}.xlsx"
    ivr(config, kind, "--period", period, "--out", str(out))
    assert load_workbook(out).worksheets


def test_a_wrong_period_is_told_in_one_sentence(config: Path) -> None:
    assert "непонятен" in ivr(config, "week", "--period", "вчера", status=2)


def test_an_older_journal_is_shown_first_and_taken_in_when_asked(config: Path) -> None:
    out = config.parent / "all.xlsx"
    ivr(config, "messages", "--period", _two_years(), "--out", str(out))
    there = load_workbook(out).worksheets[0].max_row - 3
    assert f"уже есть: {there}" in ivr(config, "import", str(out))
    assert f"новая: {there}" in ivr(config, "import", str(out), "--municipality", "another")
    assert f"Загружено строк: {there}." in ivr(config, "import", str(out), "--municipality", "another", "--yes")
    assert f"уже есть: {there}" in ivr(config, "import", str(out), "--municipality", "another")


def test_what_has_come_due_is_filed_and_kept(config: Path) -> None:
    assert "отчёт готов" in ivr(config, "sweep")
    listed = ivr(config, "filed")
    assert "За неделю" in listed
    assert "SHA-256" in listed
    assert "weekly_to" in ivr(config, "approve", _last_week(), status=1)
    ivr(config, "kept", _last_week(), "--out", str(config.parent / "kept.xlsx"))
    assert load_workbook(config.parent / "kept.xlsx").worksheets[0].max_row == 15


def _last_week() -> str:
    return f"{datetime.now(UTC) - timedelta(days=7):%G-W%V}"


def _two_years() -> str:
    year = datetime.now(UTC).year
    return f"{year - 1}-01-01..{year}-12-31"
