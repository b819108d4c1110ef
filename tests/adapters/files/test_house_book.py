"""Settings that people change in the console: laid over the installer's, every version kept, nothing broken."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.house_book import FileHouseBook
from ivr.adapters.files.settings import read_regulation, read_settings
from ivr.adapters.files.versions import FileVersions
from ivr.errors import RuleBroken, SettingsError


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ivr.toml"
    path.write_text(f'[municipality]\nkey = "demo"\ntitle = "Было"\n[storage]\ndata = "{tmp_path}"\n', "utf-8")
    return path


def test_changes_lie_over_the_installers_file_and_leave_it_alone(config: Path, tmp_path: Path) -> None:
    book, before = FileHouseBook(tmp_path, config), config.read_text("utf-8")
    assert book.settings()["municipality"]["title"] == "Было"
    title = {"title": 'Стало "так" \\ и\nтак'}
    book.change("Главный", {"municipality": title, "phone": {"trunk": "10.0.0.2", "trusted": ["10.0.0.2"]}})
    book.change("Главный", {"desk": {"idle_minutes": 20, "phones": {"Петрова А. В.": "sip:101@10.0.0.2"}}})
    settings = read_settings(config)
    assert settings.municipality.title == 'Стало "так" \\ и так'
    assert (settings.municipality.key, settings.phone.trunk, settings.desk.idle_minutes) == ("demo", "10.0.0.2", 20)
    assert config.read_text("utf-8") == before
    assert book.settings()["desk"]["idle_minutes"] == 20
    assert settings.desk.phones == {"Петрова А. В.": "sip:101@10.0.0.2"}
    book.change("Главный", {"desk": {"idle_minutes": None}})
    assert read_settings(config).desk.idle_minutes == 15


def test_what_would_break_the_product_is_refused_and_nothing_changes(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    book.change("Главный", {"municipality": {"title": "Хорошо"}})
    for bad in ({"phone": {"port": 99999}}, {"phone": {"unknown": 1}}, {"municipality": {"key": "Не ключ"}}):
        with pytest.raises(SettingsError):
            book.change("Главный", bad)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        book.change_week("Главный", dict.fromkeys(("monday", "tuesday"), "с утра"))
    assert read_settings(config).municipality.title == "Хорошо"


def test_every_version_is_kept_with_who_made_it_and_can_be_put_back(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    for number in range(1, 4):
        book.change(f"Иванова {number}", {"municipality": {"title": f"Редакция {number}"}})
    history = book.history()
    assert [(one.number, one.by, one.note) for one in history] == [
        (3, "Иванова 3", "municipality.title"), (2, "Иванова 2", "municipality.title"),
        (1, "Иванова 1", "municipality.title"),
    ]  # fmt: skip
    book.restore("Главный", 1)
    assert read_settings(config).municipality.title == "Редакция 1"
    assert (book.history()[0].note, book.values(2)["municipality"]["title"]) == ("restored:1", "Редакция 2")
    book.restore("Главный", 0)
    assert read_settings(config).municipality.title == "Было"
    with pytest.raises(RuleBroken):
        book.restore("Главный", 99)
    kept = [path for path in (tmp_path / "versions").rglob("*") if path.is_file()]
    assert {file.stat().st_mode & 0o777 for file in (*kept, tmp_path / "console.toml")} == {0o600}


def test_what_was_written_before_versions_were_kept_is_a_version_too(config: Path, tmp_path: Path) -> None:
    (tmp_path / "console.toml").write_text('[municipality]\ntitle = "Старое"\n', "utf-8")
    book = FileHouseBook(tmp_path, config)
    book.change("Главный", {"municipality": {"title": "Новое"}})
    book.restore("Главный", 1)
    assert read_settings(config).municipality.title == "Старое"


def test_a_version_that_would_break_the_product_now_is_not_put_back(config: Path, tmp_path: Path) -> None:
    (tmp_path / "console.toml").write_text("[phone]\nport = 99999\n", "utf-8")
    book = FileHouseBook(tmp_path, config)
    (tmp_path / "console.toml").write_text("[phone]\nport = 5070\n", "utf-8")
    book.change("Главный", {"phone": {"port": 5080}})
    FileVersions(tmp_path / "versions").keep("console", b"[phone]\nport = 99999\n", "x", "y")
    with pytest.raises(SettingsError):
        book.restore("Главный", 3)
    assert read_settings(config).phone.port == 5080


def test_numbers_of_the_regulation_and_local_days_lie_over_their_files(config: Path, tmp_path: Path) -> None:
    book, overlay = FileHouseBook(tmp_path, config), tmp_path / "console.toml"
    book.change("Главный", {"regulation": {"retention_days": 500}})
    book.change_days("Главный", {"2026-12-30": "closed", "2026-09-05": "09:00-16:00"})
    assert read_regulation(over=overlay).retention_days == 500
    assert book.settings()["regulation"]["retention_days"] == 500
    with pytest.raises(SettingsError, match="retention_days: 365 is not from 366"):
        book.change("Главный", {"regulation": {"retention_days": 365}})
    with pytest.raises(SettingsError):
        book.change_days("Главный", {"завтра": "closed"})
    calendar = read_calendar(range(2026, 2027), hours=overlay)
    assert calendar.hours(date(2026, 12, 30)) is None
    assert calendar.hours(date(2026, 9, 5)) is not None
    assert book.days() == {"2026-09-05": "09:00-16:00", "2026-12-30": "closed"}


def test_a_password_lies_apart_and_in_no_version(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    path = Path(book.keep_secret("mail-password", "тайна"))
    book.change("Главный", {"phone": {"trunk": "10.0.0.2"}})
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("тайна", 0o600)
    versions = [file for file in (tmp_path / "versions").rglob("*") if file.is_file()]
    assert not any("тайна".encode() in file.read_bytes() for file in versions)


def test_a_password_stays_until_the_settings_name_another(config: Path, tmp_path: Path) -> None:
    book, mail = (
        FileHouseBook(tmp_path, config),
        {"server": "m.example", "sender": "a@m.example", "weekly_to": ["b@m.example"]},
    )
    first = Path(book.keep_secret("mail", "первая"))
    book.change("Главный", {"mail": mail | {"password_file": str(first)}})
    second = Path(book.keep_secret("mail", "вторая"))
    assert first.is_file()
    book.forget_secrets("mail")
    assert (first.is_file(), second.is_file()) == (True, False)
    third = Path(book.keep_secret("mail", "третья"))
    book.change("Главный", {"mail": {"password_file": str(third)}})
    book.forget_secrets("mail")
    assert (first.is_file(), third.read_text("utf-8")) == (False, "третья")
    with pytest.raises(RuleBroken) as refused:
        book.restore("Главный", 1)
    assert refused.value.code == "password_gone"
    third.unlink()
    book.change("Главный", {"municipality": {"title": "О другом"}})
    with pytest.raises(RuleBroken):
        book.change("Главный", {"mail": {"user": "line"}})


def test_hours_are_those_of_the_calendar_until_people_change_them(config: Path, tmp_path: Path) -> None:
    book = FileHouseBook(tmp_path, config)
    assert book.week()["monday"] == "09:00-18:00"
    book.change_week("Главный", {"monday": "08:00-17:00", "saturday": "10:00-14:00"})
    assert (book.week()["monday"], book.week()["tuesday"]) == ("08:00-17:00", "closed")
    calendar = read_calendar(range(2026, 2027), hours=tmp_path / "console.toml")
    assert sorted(calendar.week) == [1, 6]
    assert read_settings(config).municipality.title == "Было"
