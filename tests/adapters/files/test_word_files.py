"""Word lists that a curator edits: every mistake is named with its file and line, all at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.settings import project_root
from ivr.errors import SettingsError

FILES = ("topics", "gazetteer", "flags", "lexicon", "numbers", "names")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of all lists."""
    for name in FILES:
        shutil.copy(project_root() / "config" / f"{name}.ru.toml", tmp_path)
    return tmp_path


def _mistakes(config: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_lexicon(config)
    return [mistake.removeprefix(f"{config}/") for mistake in caught.value.mistakes]


def _line(config: Path, name: str, text: str) -> int:
    lines = (config / f"{name}.ru.toml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def _write_topics(config: Path, entry: str) -> int:
    """Replaces the topics by one; returns the line of its first key."""
    head = 'edition = "2024-12-24"\n\n[landmarks]\nbefore = "у"\ntopics = []\n\n[topics.gas]\ntitle = "Газ"\n'
    (config / "topics.ru.toml").write_text(head + entry, "utf-8")
    return head.count("\n") + 1


def test_the_lists_of_the_product_have_no_mistakes() -> None:
    assert len(read_lexicon(project_root() / "config").topics) == 32


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('strong = "газ котёл"', "«газ котёл» — не одно слово"),
        ('strong = "газ,, котёл"', "лишняя запятая"),
        ('strong = "газ, котёл!"', "«котёл!» — не одно слово"),
        ('strong = ["газ"]', "слова пишутся в кавычках через запятую"),
        ("strong = 5", "слова пишутся в кавычках через запятую"),
        ('strog = "газ"', "такого списка нет: strog; может быть, strong?"),
        ('pairs = "газ + котёл"', "нужен список в квадратных скобках"),
        ('pairs = ["газ котёл"]', "нужно «слово | слово + слово | слово»"),
        ('pairs = ["газ + котёл + плита"]', "с одним плюсом"),
        ('pairs = ["газ + "]', "между ними нет слова"),
        ("pairs = [7]", "нужно «слово | слово + слово | слово»"),
        ('phrases = "нет газа,, газ"', "между ними нет слова"),
    ],
)
def test_a_mistake_in_the_topics_is_named_with_its_line(config: Path, entry: str, told: str) -> None:
    line = _write_topics(config, f"{entry}\n")
    (mistake,) = _mistakes(config)
    assert mistake.startswith(f"topics.ru.toml:{line}: topics.gas.")
    assert told in mistake


def test_a_word_with_two_weights_is_named_once_with_both(config: Path) -> None:
    line = _write_topics(config, 'strong = "газ, котёл"\nweak = "плита, газ"\n')
    (mistake,) = _mistakes(config)
    assert mistake == f"topics.ru.toml:{line + 1}: topics.gas.weak: «газ» уже есть в списке strong: оставьте в одном"


def test_landmarks_of_unknown_topics_are_named(config: Path) -> None:
    text = (config / "topics.ru.toml").read_text("utf-8").replace('"education", "business"', '"educaton", "business"')
    (config / "topics.ru.toml").write_text(text, "utf-8")
    (mistake,) = _mistakes(config)
    assert mistake == f"topics.ru.toml:{_line(config, 'topics', 'educaton')}: landmarks.topics: тематики educaton нет"


def test_a_file_that_is_no_toml_is_named_with_its_line(config: Path) -> None:
    (config / "topics.ru.toml").write_text('edition = "2024-12-24"\n[topics.gas\n', "utf-8")
    assert any("line 2" in mistake for mistake in _mistakes(config))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Садовая!", "«Садовая!»: в названии бывают только"),
        ("15", "«15»: в названии бывают только"),
        ("улица Садовая", "пишите без слова «улица»"),
        ("Садовая Лесная Полевая Луговая Новая", "наверное, пропущена запятая"),
        ("", "между ними нет названия"),
    ],
)
def test_a_mistake_in_the_gazetteer_is_named_with_its_line(config: Path, name: str, told: str) -> None:
    text = f'localities = """\nГорки,\nРаево"""\n\nstreets = """\nМира,\n{name},\nЛенина"""\n'
    (config / "gazetteer.ru.toml").write_text(text, "utf-8")
    (mistake,) = _mistakes(config)
    assert mistake.startswith("gazetteer.ru.toml:7: streets: " if name else "gazetteer.ru.toml:5: streets: ")
    assert told in mistake


def test_unknown_sections_and_wrong_shapes_of_the_gazetteer_are_named(config: Path) -> None:
    (config / "gazetteer.ru.toml").write_text('localities = ["Горки"]\nroads = "Мира"\n', "utf-8")
    unknown, shape = _mistakes(config)
    assert unknown == "gazetteer.ru.toml:2: такого раздела нет: roads; есть localities и streets"
    assert shape.startswith("gazetteer.ru.toml:1: localities: названия пишутся в кавычках через запятую")


def test_mistakes_of_all_files_are_told_in_one_report(config: Path) -> None:
    _write_topics(config, 'strong = "газ котёл"\nweak = "а б"\n')
    (config / "gazetteer.ru.toml").write_text('streets = "улица Мира"\n', "utf-8")
    (config / "flags.ru.toml").write_text("[abuse]\nstrong = ['(']\n", "utf-8")
    assert len(_mistakes(config)) == 4


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(config: Path, name: str) -> None:
    (config / f"{name}.ru.toml").unlink()
    assert any(f"{name}.ru.toml" in mistake for mistake in _mistakes(config))


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_is_no_traceback(config: Path, name: str) -> None:
    (config / f"{name}.ru.toml").write_text("", "utf-8")
    try:
        read_lexicon(config)
    except SettingsError as fault:
        assert any(f"{name}.ru.toml" in mistake for mistake in fault.mistakes)
