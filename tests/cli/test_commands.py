"""The command line as people use it: in a process of its own, on a copy of the house."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A house with its own settings and data; prompts and models are the real ones."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    for folder in ("audio", "models"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "config" / "ivr.toml").write_text("[phone]\nport = 0\n", "utf-8")
    return tmp_path


def ivr(home: Path, *arguments: str, keyboard: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command."""
    environment = {**os.environ, "IVR_HOME": str(home), "COLUMNS": "160", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "ivr.cli.main", *arguments]
    return subprocess.run(
        command, input=keyboard, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command_in_russian(home: Path) -> None:
    shown = ivr(home, "--help").stdout
    for command in ("serve", "demo", "rehearse", "doctor", "prompts", "model", "understand"):
        assert command in shown
    assert "Телефон доверия" in shown


def test_doctor_finds_everything_in_order(home: Path) -> None:
    done = ivr(home, "doctor")
    assert done.returncode == 0, done.stdout
    assert "Всё в порядке" in done.stdout
    assert "8000 Hz" in done.stdout


def test_doctor_names_a_missing_model_and_the_remedy(home: Path) -> None:
    (home / "config" / "ivr.toml").write_text('[phone]\nport = 0\n[speech]\nmodel = "models/absent"\n', "utf-8")
    done = ivr(home, "doctor")
    assert done.returncode == 1
    assert "models/absent" in done.stdout.replace("\n", "")
    assert "ivr model install" in done.stdout


def test_doctor_names_a_database_that_is_away(home: Path) -> None:
    _with_a_database_away(home)
    done = ivr(home, "doctor")
    assert done.returncode == 1
    assert "storage.database" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("part", ["engine", "timetable", "web"])
def test_a_process_that_finds_the_database_away_is_worth_another_try(home: Path, part: str) -> None:
    """Status 2 would end the whole service (`ivr serve`), or this process for good (systemd)."""
    _with_a_database_away(home)
    done = subprocess.run(
        [sys.executable, "-m", "ivr.cli.child", part], env={**os.environ, "IVR_HOME": str(home)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "storage.database" in done.stderr


def _with_a_database_away(home: Path) -> None:
    (home / "config" / "ivr.toml").write_text(
        '[phone]\nport = 0\n[storage]\ndatabase = "postgresql+psycopg://ivr@127.0.0.1:1/ivr"\n', "utf-8"
    )


def test_all_mistakes_of_the_settings_are_told_at_once_with_their_lines(home: Path) -> None:
    (home / "config" / "ivr.toml").write_text('[phone]\nport = 99999\nengines = 0\n[log]\nlevel = "loud"\n', "utf-8")
    done = ivr(home, "doctor")
    assert done.returncode == 2
    for line in ("ivr.toml:2", "ivr.toml:3", "ivr.toml:5"):
        assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_settings_file_is_named_with_its_line(home: Path) -> None:
    (home / "config" / "ivr.toml").write_text("[phone]\nport = \n", "utf-8")
    done = ivr(home, "doctor")
    assert done.returncode == 2
    assert "line 2" in done.stderr


def test_a_conversation_can_be_rehearsed_at_the_keyboard(home: Path) -> None:
    said = "Меня зовут Петров Иван Сергеевич нет горячей воды\n89000001122\n1\n"
    done = ivr(home, "rehearse", keyboard=said)
    assert done.returncode == 0, done.stderr
    assert "+79000001122" in done.stdout
    assert "Петров Иван Сергеевич" in done.stdout


def test_a_rehearsal_survives_the_end_of_input(home: Path) -> None:
    assert ivr(home, "rehearse").returncode == 0


def test_prompts_check_names_what_is_wrong(home: Path) -> None:
    (home / "audio").unlink()
    shutil.copytree(ROOT / "audio" / "prompts", home / "audio" / "prompts")
    (home / "audio" / "prompts" / "goodbye.wav").unlink()
    (home / "audio" / "prompts" / "thanks.wav").write_bytes(b"RIFF")
    done = ivr(home, "prompts", "check")
    assert done.returncode == 1
    assert "goodbye: нет записи" in done.stdout
    assert "thanks: файл не читается" in done.stdout


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed: apt-get install espeak-ng")
def test_prompts_build_renders_what_is_missing(home: Path) -> None:
    (home / "audio").unlink()
    shutil.copytree(ROOT / "audio" / "prompts", home / "audio" / "prompts")
    missing = home / "audio" / "prompts" / "goodbye.wav"
    missing.unlink()
    assert ivr(home, "prompts", "build").returncode == 0
    assert missing.stat().st_size > 4000
    assert ivr(home, "prompts", "check").returncode == 0


def test_a_phrase_that_does_not_exist_is_met_with_those_that_do(home: Path) -> None:
    done = ivr(home, "prompts", "record", "goodby")
    assert done.returncode == 2
    assert "goodbye" in done.stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"not a zip"])
def test_a_broken_archive_is_no_model(home: Path, content: bytes) -> None:
    archive = home / "model.zip"
    archive.write_bytes(content)
    done = ivr(home, "model", "install", str(archive))
    assert done.returncode == 2
    assert "model.zip" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_model_is_met_with_the_known_ones(home: Path) -> None:
    done = ivr(home, "model", "install", "vosk-model-xx")
    assert done.returncode == 2
    assert "vosk-model-small-ru-0.22" in done.stderr


def test_the_engines_are_listed_for_the_distributor_with_their_real_capacity(home: Path) -> None:
    (home / "config" / "ivr.toml").write_text("[phone]\nengines = 2\nport = 5060\n", "utf-8")
    done = ivr(home, "phone", "engines-list", "--host", "10.0.0.5")
    assert done.stdout.splitlines() == [
        f"1 sip:10.0.0.5:{port} 0 0 duid=10.0.0.5:{port};maxload=4" for port in (5060, 5062)
    ]
