"""What the assistant says, and how numbers and days are put together of recorded pieces."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.settings import project_root
from ivr.dialogue.prompts import Prompts, group_pieces, spoken_groups
from ivr.domain.contact import PhoneNumber
from ivr.errors import SettingsError
from ivr.ports import RATE_HZ

CATALOG = PromptCatalog(project_root() / "config" / "prompts.ru.toml", project_root() / "audio" / "prompts")
SAY = CATALOG.load()


def test_every_phrase_is_recorded_as_its_text_says() -> None:
    assert CATALOG.check() == []


def test_the_notice_says_clause_7_to_the_letter() -> None:
    notice = SAY.recording_notice.text
    assert notice.startswith("В целях контроля качества обслуживания все разговоры записываются.")
    assert "Вы подтверждаете свое согласие на обработку персональных данных" in notice


def test_the_greeting_says_clause_12_to_the_letter() -> None:
    assert "номеру 112" in SAY.after_hours_greeting.text
    assert "после звукового сигнала назовите фамилию, имя, отчество и контактный номер телефона" in (
        SAY.after_hours_greeting.text
    )


@pytest.mark.parametrize(
    ("number", "groups"),
    [
        ("+79261234567", ("8", "926", "123", "45", "67")),
        ("+79000000000", ("8", "900", "000", "00", "00")),
        ("+4930123456", ("49", "30", "12", "34", "56")),
    ],
)
def test_a_number_is_read_in_natural_groups(number: str, groups: tuple[str, ...]) -> None:
    assert spoken_groups(PhoneNumber(number)) == groups


@given(st.integers(0, 999))
def test_a_group_of_three_is_put_together_of_pieces_that_add_up_to_it(value: int) -> None:
    group = f"{value:03d}"
    pieces = group_pieces(group)
    assert sum(int(piece) for piece in pieces) == value
    assert len(pieces) <= 2


@pytest.mark.parametrize("piece", sorted(CATALOG.pieces.texts()))
def test_pieces_begin_and_end_in_silence_so_that_no_seam_is_heard(piece: str) -> None:
    sound = np.frombuffer(CATALOG.read(piece), "<i2").astype(float)
    assert np.abs(sound[[0, -1]]).max() < 100
    assert np.abs(np.diff(sound[:40])).max() < 1500


@settings(max_examples=30, deadline=None)
@given(st.integers(9_000_000_000, 9_999_999_999))
def test_any_number_can_be_said_in_a_few_seconds(digits: int) -> None:
    assert 2.0 < SAY.number(PhoneNumber(f"+7{digits}")).seconds < 12.0


@given(st.integers(0, 365))
def test_the_promise_names_any_day_of_the_year(offset: int) -> None:
    due = datetime(2026, 1, 1, 12) + timedelta(days=offset)
    assert SAY.promise(due).text.startswith("Вам перезвонят до двенадцати часов")


def test_every_phrase_is_short_enough_for_a_telephone() -> None:
    assert SAY.recording_notice.seconds + SAY.after_hours_greeting.seconds < 45
    assert len(SAY.beep.pcm) == round(0.4 * RATE_HZ) * 2


def test_a_power_cut_leaves_the_recording_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file would be an unreadable phrase, or a shortened notice (clause 7)."""
    texts = project_root() / "config" / "prompts.ru.toml"
    installed = PromptCatalog(texts, tmp_path / "installed")
    ours = PromptCatalog(texts, tmp_path / "installed", tmp_path / "own")
    installed.render("goodbye", lambda _text: CATALOG.read("goodbye"), "one")
    kept, before = ours.keep_recording("goodbye", CATALOG.read("goodbye")), installed.file("goodbye")

    def power_cut(_file: int) -> None:
        raise OSError("power")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power"):
        ours.keep_recording("goodbye", CATALOG.read("recording_notice"))
    with pytest.raises(OSError, match="power"):
        installed.render("goodbye", lambda _text: CATALOG.read("recording_notice"), "another")
    assert (ours.file("goodbye"), installed.file("goodbye")) == (kept, before)


def test_another_user_than_the_service_may_install_the_recordings(tmp_path: Path) -> None:
    installed = PromptCatalog(project_root() / "config" / "prompts.ru.toml", tmp_path / "installed")
    before = os.umask(0o022)
    try:
        installed.render("goodbye", lambda _text: CATALOG.read("goodbye"), "one")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "installed").iterdir()} == {0o644}


def test_a_missing_recording_is_named() -> None:
    with pytest.raises(SettingsError, match=r"recording_notice\.wav"):
        Prompts({}, (), ())
