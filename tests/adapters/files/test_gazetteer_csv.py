"""A municipality's table becomes the gazetteer; whatever cannot be read is named line by line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ivr.adapters.files.gazetteer_csv import read_places
from ivr.adapters.files.gazetteers import Places, read_gazetteer, write_gazetteer
from ivr.errors import SettingsError

TWO_COLUMNS = (
    'Населённый пункт;Улица\nд. Горки;ул. Полевая\nс Раево;"Мира"\nс Раево;пер. Школьный\n;ул. 50 лет Октября\n'
)
BY_KIND = "Тип,Название\nдеревня,Горки\nул,Полевая\nсело,Раево\nулица,Мира\nпер,Школьный\nул.,50 лет Октября\n"
PLACES = Places(("Горки", "Раево"), ("Полевая", "Мира", "Школьный", "50 лет Октября"))


def _table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize("content", [TWO_COLUMNS, BY_KIND], ids=["two columns", "kind and name"])
def test_both_shapes_of_a_table_are_read(tmp_path: Path, content: str) -> None:
    assert read_places(_table(tmp_path, content)) == PLACES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_any_common_dialect_is_read(tmp_path: Path, encoding: str, mark: str) -> None:
    content = TWO_COLUMNS.replace(";", mark).replace("\n", "\r\n").encode(encoding)
    assert read_places(_table(tmp_path, content)) == PLACES


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("ул.Ленина", "Ленина"), ("УЛИЦА ЛЕНИНА", "Ленина"), ("Ленина ул.", "Ленина"), ("ул. им. Ленина", "Ленина"),
        ("Ленина (центр)", "Ленина"), ("«Садовая»", "Садовая"), ("Салтыкова-Щедрина", "Салтыкова-Щедрина"),
        ("  пр-кт   Победы ", "Победы"), ("1-я Полевая", "1-я Полевая"), ("8 Марта", "8 Марта"),
    ],
)  # fmt: skip
def test_names_are_freed_of_what_is_not_their_own(tmp_path: Path, cell: str, name: str) -> None:
    assert read_places(_table(tmp_path, f"Улица\n{cell}\n")).streets == (name,)


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    content = "Тип;Название\nул;Мира\nкосмодром;Мира\nул;Ленина 5/7\nсело;\nул;Один Два Три Четыре Пять\n"
    with pytest.raises(SettingsError) as caught:
        read_places(_table(tmp_path, content))
    lines = [mistake.removeprefix(str(tmp_path / "table.csv")) for mistake in caught.value.mistakes]
    assert [line.split(":")[1] for line in lines] == ["3", "4", "5", "6"]
    assert "«космодром»" in lines[0]
    assert "«Ленина 5/7»" in lines[1]


@pytest.mark.parametrize(
    "content",
    ["", "\n\n", "Имя;Телефон\nа;б\n", "Улица\n", "просто текст\n", b"\xff\xfe\x00", b"PK\x03\x04\x00\x00zip"],
    ids=["empty", "blank", "other columns", "only a head", "no table", "broken utf-16", "a zip"],
)
def test_what_is_no_table_of_places_is_refused(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(SettingsError, match=r"table\.csv"):
        read_places(_table(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.csv"):
        read_places(tmp_path / "absent.csv")


def test_what_is_written_is_read_back_and_the_former_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.ru.toml"
    path.write_text('localities = "Старое"\n', "utf-8")
    many = Places(("Волчья Дубрава", *PLACES.localities), tuple(f"Улочная{number}" for number in range(200)))
    before = write_gazetteer(path, many)
    mistakes: list[str] = []
    assert read_gazetteer(tomllib.loads(path.read_text("utf-8")), path, mistakes) == many
    assert mistakes == []
    assert "Старое" in before.read_text("utf-8")
    assert all(len(line) < 125 for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))


def test_the_same_name_written_otherwise_is_no_new_name() -> None:
    assert Places(("Тёплое",), ("8 Марта",)).with_more(Places(("ТЕПЛОЕ", "Горки"), ("8 марта",))) == Places(
        ("Тёплое", "Горки"), ("8 Марта",)
    )
