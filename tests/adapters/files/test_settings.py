"""Several municipalities in one house: claims that two make are named; each has its own calendar."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ivr.adapters.files.calendar import Order, keep_order
from ivr.adapters.files.settings import Settings, read_regulation, read_settings
from ivr.bootstrap.files import calendar_for, municipalities_of, orders_file
from ivr.domain.regulation import LIMITS, Regulation
from ivr.errors import RuleBroken, SettingsError

ROOT = Path(__file__).resolve().parent.parent.parent.parent
TOWN = '[municipality]\nkey = "town"\nnumbers = ["+74875521000"]\n'
NEIGHBOUR = '[[municipalities]]\nkey = "neighbour"\nnumbers = ["84875631000"]\ncalendar = "calendar.neighbour.toml"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with files of its own."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.setenv("IVR_HOME", str(tmp_path))
    (tmp_path / "config" / "calendar.neighbour.toml").write_text(
        'time_zone = "Asia/Yekaterinburg"\n[week]\nmonday = "10:00-16:00"\n[days]\n2026-11-24 = "10:00-12:00"\n',
        "utf-8",
    )
    return tmp_path


def settings(home: Path, text: str) -> Settings:
    """The settings of this file."""
    file = home / "config" / "ivr.toml"
    file.write_text(text, "utf-8")
    return read_settings(file)


def test_each_municipality_has_its_own_hours_zone_and_local_days(home: Path) -> None:
    town, neighbour = municipalities_of(settings(home, TOWN + NEIGHBOUR), range(2026, 2028)).served
    tuesday, monday = date(2026, 11, 24), date(2026, 11, 23)
    hours = [calendar.hours(day) for calendar in (town.calendar, neighbour.calendar) for day in (monday, tuesday)]
    assert [f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in hours if one] == [
        "09:00-18:00", "09:00-18:00", "10:00-16:00", "10:00-12:00"
    ]  # fmt: skip
    assert neighbour.calendar.zone.key == "Asia/Yekaterinburg"
    at = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # 08:30 in the town, 10:30 at the neighbour's
    assert [one.calendar.is_open(at) for one in (town, neighbour)] == [False, True]


def test_an_order_of_one_municipality_is_not_the_others(home: Path) -> None:
    both = settings(home, TOWN + NEIGHBOUR)
    monday = date(2026, 11, 23)
    keep_order(orders_file(both, "neighbour"), monday, Order("closed", "a", "b", datetime(2026, 11, 20, tzinfo=UTC)))
    town, neighbour = municipalities_of(both, range(2026, 2027)).served
    assert town.calendar.hours(monday)
    assert neighbour.calendar.hours(monday) is None


def test_one_municipality_needs_nothing_of_all_this(home: Path) -> None:
    (only,) = municipalities_of(settings(home, ""), range(2026, 2027)).served
    assert (only.key, only.numbers, only.operators) == ("demo", (), ())


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('[[municipalities]]\nkey = "town"\nnumbers = ["1"]\n', r"ivr\.toml:5: municipality town: two have this key"),
        ('[[municipalities]]\nkey = "b"\nnumbers = ["8 (48755) 2-10-00"]\n', "belongs to town already"),
        ('[[municipalities]]\nkey = "b"\n', "nobody can dial it"),
        ('[[municipalities]]\nkey = "b"\nnumbers = ["1"]\ntitel = "B"\n', r"ivr\.toml:7: unknown.*did you mean title"),
        ('[[municipalities]]\nkey = "b"\nnumbers = ["1"]\noperators = ["101"]\n', r"ivr\.toml:7"),
    ],
)
def test_claims_that_cannot_both_hold_are_named_with_their_line(home: Path, more: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        settings(home, TOWN + more)


def test_a_calendar_that_is_not_there_is_named(home: Path) -> None:
    with pytest.raises(SettingsError, match=r"calendar\.nowhere\.toml"):
        municipalities_of(settings(home, TOWN + NEIGHBOUR.replace("neighbour.toml", "nowhere.toml")))


def test_a_town_that_nobody_serves_is_named(home: Path) -> None:
    with pytest.raises(RuleBroken, match=r"no municipality .gone.; known: town"):
        calendar_for(settings(home, TOWN), range(2026, 2027), "gone")


def test_every_number_of_the_regulation_stands_in_its_file_once(home: Path) -> None:
    text = (home / "config" / "regulation.toml").read_text("utf-8")
    assert all(text.count(f"\n{name} = ") == 1 for name in read_regulation().__dataclass_fields__)


def test_numbers_of_the_regulation_that_nobody_can_mean_are_all_named(tmp_path: Path) -> None:
    over = tmp_path / "over.toml"
    numbers = "retention_days = 30\nring_seconds = -1.0\nlost_share_below = 5.0\nrepeat_after_minutes = 90"
    over.write_text(f"[regulation]\n{numbers}\n", "utf-8")
    with pytest.raises(SettingsError) as refused:
        read_regulation(over=over)
    told = "\n".join(refused.value.mistakes)
    names = ("retention_days: 30", "ring_seconds: -1.0", "lost_share_below: 5.0", "repeat_after_minutes is more")
    assert [name for name in names if name not in told] == []
    assert len(refused.value.mistakes) == len(names)


def test_every_number_of_the_regulation_has_its_limits() -> None:
    numbers = {name for name, value in asdict(Regulation()).items() if type(value) in (int, float)}
    assert numbers == set(LIMITS)
