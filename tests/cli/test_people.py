"""`ivr people` and `ivr audit` as an administrator types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from ivr.adapters.files.settings import read_settings
from ivr.adapters.storage.database import connect
from ivr.cli.main import app

PASSWORD = "три зелёных самовара"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ivr.toml"
    path.write_text(f'[municipality]\nkey = "demo"\n[storage]\ndata = "{tmp_path}"\n[log]\nlevel = "error"\n', "utf-8")
    return path


def _type(config: Path, *words: str, say: str = "") -> Result:
    return CliRunner().invoke(app, ["--config", str(config), *words], input=say, env={"COLUMNS": "200"})


def test_people_are_added_listed_and_disabled(config: Path) -> None:
    assert "Никого нет" in _type(config, "people", "list").output
    said = _type(config, "people", "add", "petrova", "Петрова А. В.", "--role", "operator", say=f"{PASSWORD}\n" * 2)
    assert said.exit_code == 0, said.output
    assert PASSWORD not in said.output
    weak = _type(config, "people", "add", "x2", "Х", "--role", "operator", say="йцукенгшщз\n" * 2)
    assert (weak.exit_code, "Этот пароль знают все" in weak.output) == (1, True)
    assert _type(config, "people", "add", "crm", "Учёт", "--role", "auditor", "--program").exit_code == 0
    assert "ivr_" in _type(config, "people", "token", "crm", "--days", "30").output
    assert _type(config, "people", "password", "petrova", say=f"{PASSWORD}!\n" * 2).exit_code == 0
    assert _type(config, "people", "disable", "petrova").exit_code == 0
    listed = _type(config, "people", "list").output
    assert "отключено" in listed
    assert "оператор" in listed
    assert _type(config, "people", "enable", "petrova").exit_code == 0
    assert _type(config, "people", "disable", "nobody").exit_code == 1


def test_each_municipality_s_people_are_added_and_listed_by_its_key(config: Path) -> None:
    config.write_text(config.read_text("utf-8") + '[[municipalities]]\nkey = "volovo"\nnumbers = ["1"]\n', "utf-8")
    facts = ("people", "add", "olga", "Орлова О. О.", "--role", "operator", "--program")
    assert _type(config, *facts, "--municipality", "volovo").exit_code == 0
    assert "Никого нет" in _type(config, "people", "list").output
    assert "Орлова" in _type(config, "people", "list", "--municipality", "volovo").output
    unknown = _type(config, *facts, "--municipality", "nowhere")
    assert (unknown.exit_code, "есть: demo, volovo" in unknown.output) == (1, True)


def test_the_access_log_is_proven_and_a_forged_row_is_named(config: Path) -> None:
    assert "пуст" in _type(config, "audit", "verify").output
    for number in range(3):
        _type(config, "people", "add", f"crm{number}", f"Учёт {number}", "--role", "auditor", "--program")
    whole = _type(config, "audit", "verify")
    assert (whole.exit_code, "Строк: 3" in whole.output) == (0, True)
    anchor = whole.output.rsplit(" ", 1)[1].strip()
    assert _type(config, "audit", "verify", "--known", anchor).exit_code == 0
    assert "crm1" in _type(config, "audit", "show").output
    engine = connect(read_settings(config).database_url)
    with engine.begin() as db:
        db.execute(text("UPDATE access_log SET who = 'other' WHERE number = 2"))
    engine.dispose()
    broken = _type(config, "audit", "verify")
    assert (broken.exit_code, "строка 2" in broken.output) == (1, True)
