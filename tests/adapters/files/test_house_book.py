"""Settings that people change in the console: laid over the installer's, every version kept, nothing broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.house_book import FileHouseBook
from ivr.adapters.files.settings import read_settings
from ivr.errors import SettingsError


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ivr.toml"
    path.write_text(f'[municipality]\nkey = "demo"\ntitle = "Было"\n[storage]\ndata = "{tmp_path}"\n', "utf-8")
    return path


def test_changes_lie_over_the_installers_file_and_leave_it_alone(config: Path, tmp_path: Path) -> None:
    book, before = FileHouseBook(tmp_path, config), config.read_text("utf-8")
    assert book.settings()["municipality"]["title"] == "Было"
    book.change(municipality={"title": 'Стало "так" \\ и\nтак'}, phone={"trunk": "10.0.0.2", "trusted": ["10.0.0.2"]})
    book.change(desk={"idle_minutes": 20})
    settings = read_settings(config)
    assert settings.municipality.title == 'Стало "так" \\ и так'
    assert (settings.municipality.key, settings.phone.trunk, settings.desk.idle_minutes) == ("demo", "10.0.0.2", 20)
    assert config.read_text("utf-8") == before
    assert book.settings()["desk"]["idle_minutes"] == 20


def test_what_would_break_the_product_is_refused_and_nothing_changes(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    book.change(municipality={"title": "Хорошо"})
    for bad in ({"phone": {"port": 99999}}, {"phone": {"unknown": 1}}, {"municipality": {"key": "Не ключ"}}):
        with pytest.raises(SettingsError):
            book.change(**bad)
    with pytest.raises(SettingsError):
        book.change_week(dict.fromkeys(("monday", "tuesday"), "с утра"))
    assert read_settings(config).municipality.title == "Хорошо"


def test_every_version_is_kept_and_only_the_owner_reads(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    for number in range(3):
        book.change(municipality={"title": f"Редакция {number}"})
    kept = sorted((tmp_path / "settings").glob("*.toml"))
    assert [f"Редакция {number}" in file.read_text("utf-8") for number, file in enumerate(kept)] == [True, True]
    assert {file.stat().st_mode & 0o777 for file in (*kept, tmp_path / "console.toml")} == {0o600}


def test_hours_are_those_of_the_calendar_until_people_change_them(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    assert book.week()["monday"] == "09:00-18:00"
    book.change_week({"monday": "08:00-17:00", "saturday": "10:00-14:00"})
    assert (book.week()["monday"], book.week()["tuesday"]) == ("08:00-17:00", "closed")
    calendar = read_calendar(range(2026, 2027), hours=tmp_path / "console.toml")
    assert sorted(calendar.week) == [1, 6]
    assert read_settings(config).municipality.title == "Было"
