"""The directory of executors (clauses 20.5, 20.6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.files.directory import read_directory
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.directory import Directory
from ivr.domain.vocabulary import Kind
from ivr.errors import SettingsError


def test_the_example_is_readable_and_proposes_by_topic() -> None:
    config = project_root() / "config"
    directory = read_directory(config, read_vocabulary(config).lists[Kind.TOPICS])
    assert [executor.key for executor in directory.proposed("snow")] == ["housing"]
    assert directory.proposed(None) == ()


def test_an_executor_is_named_by_key_or_by_hand(tmp_path: Path) -> None:
    text = '[executors.roads]\ntitle = "Отдел дорог"\nperson = "Орлов О."\n'
    (tmp_path / "directory.toml").write_text(text, "utf-8")
    directory = read_directory(tmp_path, ())
    assert directory.named("roads") == "Орлов О., Отдел дорог"
    assert directory.named("Газпром, Иванов") == "Газпром, Иванов"


def test_without_a_file_there_are_no_executors(tmp_path: Path) -> None:
    assert read_directory(tmp_path, ()) == Directory()


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    text = '[executors.a]\ntitle = ""\nemail = "nobody"\nfax = "1"\n'
    (tmp_path / "directory.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as refusal:
        read_directory(tmp_path, ())
    report = "\n".join(refusal.value.mistakes)
    assert all(words in report for words in ("directory.toml:2", "directory.toml:3", "unknown setting"))


def test_an_unknown_topic_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "directory.toml").write_text('[executors.a]\ntitle = "A"\ntopics = ["weather"]\n', "utf-8")
    with pytest.raises(SettingsError, match="no topic weather"):
        read_directory(tmp_path, ("snow",))
