"""Models brought from archives."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from ivr.adapters.files.settings import Settings
from ivr.adapters.speech.install import install, recorded_sums
from ivr.errors import SettingsError

MODEL = Settings().model


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The bundled model, packed as models are published."""
    return Path(shutil.make_archive(str(tmp_path / "some-model"), "zip", MODEL.parent, MODEL.name))


def test_a_model_from_a_local_archive_is_whole_and_its_sum_is_recorded(archive: Path, tmp_path: Path) -> None:
    facts, digest = install(str(archive), tmp_path / "models", {})
    assert facts.rate_hz == 8000
    assert (tmp_path / "models" / MODEL.name / "am" / "final.mdl").exists()
    assert recorded_sums(tmp_path / "models") == {"some-model.zip": digest}


def test_the_same_archive_can_be_installed_again(archive: Path, tmp_path: Path) -> None:
    assert install(str(archive), tmp_path / "models", {}) == install(str(archive), tmp_path / "models", {})


def test_another_archive_under_the_same_name_is_refused(archive: Path, tmp_path: Path) -> None:
    install(str(archive), tmp_path / "models", {})
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("extra", "x")
    with pytest.raises(SettingsError, match="SHA-256"):
        install(str(archive), tmp_path / "models", {})


def test_an_archive_that_writes_outside_of_itself_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("../outside", "x")
    with pytest.raises(SettingsError, match="outside"):
        install(str(archive), tmp_path / "models", {})
    assert not (tmp_path / "outside").exists()


def test_an_archive_without_a_model_leaves_nothing_behind(tmp_path: Path) -> None:
    archive = tmp_path / "empty.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("folder/readme", "x")
    with pytest.raises(SettingsError, match="Vosk"):
        install(str(archive), tmp_path / "models", {})
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_that_cannot_be_fetched_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"install the \.zip file"):
        install("m", tmp_path, {"m": "http://127.0.0.1:9/m.zip"})
