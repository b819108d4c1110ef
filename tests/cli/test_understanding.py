"""`ivr understand`, `evaluate`, `gazetteer` and `learning` as people and programs use them."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from tests.cli.test_commands import ROOT, ivr
from tests.samples import FRIDAY_NIGHT, a_call, a_callback, a_message, ended

NUMBER = "телефон восемь девятьсот ноль ноль ноль один два три четыре"
SAID = f"это иванова мария улица садовая дом пять батареи холодные {NUMBER}"
SET = [
    {"id": "1", "text": "батареи холодные", "expected": "Отопление"},
    {"id": "2", "text": "автобус не пришёл", "expected": "Транспорт", "also": ["Прочие вопросы"]},
    {"id": "3", "text": "снег не чистят", "expected": "Телевидение"},
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A house with its own settings and data."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    for folder in ("audio", "models"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "config" / "ivr.toml").write_text('[municipality]\nkey = "demo"\n', "utf-8")
    return tmp_path


def _set(home: Path, *lines: object) -> Path:
    path = home / "set.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


class TestUnderstand:
    """`ivr understand`."""

    def test_the_table_shows_facts_and_reasons_in_russian(self, home: Path) -> None:
        shown = ivr(home, "understand", SAID).stdout
        for part in (
            "+79000001234",
            "Иванова Мария",
            "Отопление",
            "батареи холодные",
            "Садовая",
            "Уверенность",
            "Почему",
        ):
            assert part in shown

    def test_as_json_every_fact_has_confidence_span_and_reason(self, home: Path) -> None:
        facts = json.loads(ivr(home, "understand", SAID, "--json").stdout)
        assert facts["phones"][0]["value"] == "+79000001234"
        assert facts["name"]["value"] == {"surname": "Иванова", "name": "Мария", "patronymic": None}
        assert facts["topic"] == "Отопление"
        assert facts["address"]["value"]["street"] == "Садовая"
        for fact in (facts["phones"][0], facts["name"], facts["topics"][0], facts["address"]):
            assert 0 < fact["confidence"] <= 1
            assert fact["span"][0] < fact["span"][1]
            assert fact["why"]

    def test_other_readings_of_the_recogniser_may_be_given(self, home: Path) -> None:
        lost = "телефон восемь девятьсот ноль"
        assert json.loads(ivr(home, "understand", lost, "--json").stdout)["phones"] == []
        facts = json.loads(ivr(home, "understand", lost, "--json", "--alternative", NUMBER).stdout)
        assert [phone["value"] for phone in facts["phones"]] == ["+79000001234"]


class TestEvaluate:
    """`ivr evaluate`."""

    def test_as_json_there_is_one_object_with_the_agreed_keys(self, home: Path) -> None:
        done = ivr(home, "evaluate", str(_set(home, *SET)), "--json")
        figures = json.loads(done.stdout)
        agreed = {"kind": "topics", "n": 3, "exact": 2, "wrong": 1}
        assert agreed.items() <= figures.items()
        assert {"top3", "macro_f1", "ms_per_message", "accuracy"} <= figures.keys()
        assert figures["ms_per_message"] > 0
        assert done.returncode == 0

    def test_errors_are_shown_with_what_was_expected(self, home: Path) -> None:
        shown = ivr(home, "evaluate", str(_set(home, *SET)), "--errors").stdout
        assert "снег не чистят" in shown
        assert "Телевидение" in shown
        assert "автобус не пришёл" not in shown

    def test_with_json_the_errors_go_elsewhere(self, home: Path) -> None:
        done = ivr(home, "evaluate", str(_set(home, *SET)), "--json", "--errors")
        assert json.loads(done.stdout)["n"] == 3
        assert "снег не чистят" in done.stderr

    def test_every_broken_line_is_named_and_the_status_is_2(self, home: Path) -> None:
        path = _set(home, SET[0], "{", "[]", '{"text": "снег"}', '{"text": 5, "expected": "x", "also": 7}', "", SET[1])
        done = ivr(home, "evaluate", str(path), "--json")
        assert done.returncode == 2
        assert done.stdout == ""
        assert [line.split(":")[1] for line in done.stderr.splitlines()] == ["2", "3", "4", "5"]

    @pytest.mark.parametrize(
        "lines",
        [[], ['{"text": "а", "expected": 5}'], [SET[0], {"text": "а", "expected": ["abuse"]}]],
        ids=["empty", "of no kind", "of two kinds"],
    )
    def test_a_set_that_is_none_is_refused(self, home: Path, lines: list[object]) -> None:
        done = ivr(home, "evaluate", str(_set(home, *lines)))
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "set.jsonl" in done.stderr

    def test_a_file_that_is_not_there_is_refused(self, home: Path) -> None:
        done = ivr(home, "evaluate", str(home / "absent.jsonl"))
        assert done.returncode == 2
        assert "absent.jsonl" in done.stderr

    def test_bytes_that_are_no_text_are_refused(self, home: Path) -> None:
        (home / "set.jsonl").write_bytes(b"\xff\xfe\x00\x01")
        done = ivr(home, "evaluate", str(home / "set.jsonl"))
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestGazetteer:
    """`ivr gazetteer`."""

    TABLE = "Населённый пункт;Улица\nд. Тридевятово;ул. Самоцветная\n"

    def _table(self, home: Path, content: str = TABLE) -> str:
        (home / "table.csv").write_text(content, "utf-8")
        return str(home / "table.csv")

    def _address(self, home: Path) -> dict[str, str | None]:
        said = "адрес тридевятово самоцветная шесть"
        facts = json.loads(ivr(home, "understand", said, "--json").stdout)
        return facts["address"]["value"] if facts["address"] else {}

    def test_imported_names_are_understood_and_undone(self, home: Path) -> None:
        done = ivr(home, "gazetteer", "import", self._table(home))
        assert done.returncode == 0
        assert "новых названий: 2" in done.stdout
        assert self._address(home) == {
            "locality": "Тридевятово", "street": "Самоцветная", "house": "6", "flat": None
        }  # fmt: skip
        assert json.loads(ivr(home, "understand", "в селе раево темно", "--json").stdout)["address"]["value"][
            "locality"
        ]
        before = (ROOT / "config" / "gazetteer.ru.toml").read_text("utf-8")
        assert ivr(home, "gazetteer", "undo").returncode == 0
        kept = (home / "config" / "gazetteer.ru.toml").read_text("utf-8")
        assert "Тридевятово" not in kept
        assert sorted(kept.replace("\n", " ").split(", "))[:5] == sorted(before.replace("\n", " ").split(", "))[:5]

    def test_another_municipality_has_a_list_of_its_own(self, home: Path) -> None:
        (home / "config" / "ivr.toml").write_text('[[municipalities]]\nkey = "volovo"\nnumbers = ["1"]\n', "utf-8")
        before = (home / "config" / "gazetteer.ru.toml").read_bytes()
        done = ivr(home, "gazetteer", "import", self._table(home), "--municipality", "volovo")
        assert "новых названий: 2" in done.stdout
        assert "Тридевятово" in (home / "config" / "towns" / "volovo" / "gazetteer.ru.toml").read_text("utf-8")
        assert (home / "config" / "gazetteer.ru.toml").read_bytes() == before
        unknown = ivr(home, "gazetteer", "import", self._table(home), "--municipality", "nowhere")
        assert "Нет муниципалитета «nowhere»" in unknown.stdout + unknown.stderr

    def test_a_list_can_be_replaced(self, home: Path) -> None:
        ivr(home, "gazetteer", "import", self._table(home), "--replace")
        assert "Садовая" not in (home / "config" / "gazetteer.ru.toml").read_text("utf-8")

    def test_a_check_changes_nothing(self, home: Path) -> None:
        before = (home / "config" / "gazetteer.ru.toml").read_bytes()
        assert "не изменён" in ivr(home, "gazetteer", "import", self._table(home), "--check").stdout
        assert (home / "config" / "gazetteer.ru.toml").read_bytes() == before

    def test_one_bad_line_and_nothing_is_changed(self, home: Path) -> None:
        before = (home / "config" / "gazetteer.ru.toml").read_bytes()
        done = ivr(home, "gazetteer", "import", self._table(home, f"{self.TABLE}х. Хутор 5/7;ул. Мира!!\n"))
        assert done.returncode == 2
        assert [line.split(":")[1] for line in done.stderr.splitlines()] == ["3", "3"]
        assert (home / "config" / "gazetteer.ru.toml").read_bytes() == before

    def test_without_an_import_there_is_nothing_to_undo(self, home: Path) -> None:
        done = ivr(home, "gazetteer", "undo")
        assert done.returncode == 2
        assert "прежнего списка нет" in done.stderr


class TestLearning:
    """`ivr learning`, `ivr understand --learned`."""

    STRANGE = "тарахтелка на пригорке барахлит весь хутор мается"

    def _confirm(self, home: Path, *texts: str) -> None:
        engine = connect(f"sqlite:///{home / 'var' / 'journal.db'}")
        upgrade(engine)
        journal = DatabaseJournal(engine)

        async def leave() -> None:
            for number, text in enumerate(texts):
                call = a_call(number, FRIDAY_NIGHT + timedelta(minutes=number))
                message = a_message(call, phone=f"+7900000{number:04}", text=text, topic="cold_water")
                message = replace(message, result="explained", outcome="informed")
                await journal.open(call)
                await journal.close(ended(call), [], message, a_callback(message))

        asyncio.run(leave())
        journal.dispose()

    def test_without_confirmed_messages_it_says_so(self, home: Path) -> None:
        assert "Подтверждённых сообщений ещё нет" in ivr(home, "learning").stdout
        assert json.loads(ivr(home, "learning", "--json").stdout)["rows"] == 0

    def test_the_report_tells_what_changed(self, home: Path) -> None:
        self._confirm(home, self.STRANGE, f"опять {self.STRANGE}", "воды нет в кране")
        figures = json.loads(ivr(home, "learning", "--json").stdout)
        assert (figures["rows"], figures["right_before"], figures["right_after"]) == (3, 1, 3)
        assert all(lesson["better"] and not lesson["worse"] for lesson in figures["lessons"])
        shown = ivr(home, "learning").stdout
        assert "лучше 2, хуже 0" in shown
        assert "Холодное водоснабжение" in shown

    def test_the_votes_are_seen_in_a_sentence(self, home: Path) -> None:
        self._confirm(home, self.STRANGE, f"опять {self.STRANGE}")
        text = "барахлит тарахтелка на пригорке мается хутор"
        assert json.loads(ivr(home, "understand", text, "--json").stdout)["topic"] != "Холодное водоснабжение"
        learned = json.loads(ivr(home, "understand", text, "--json", "--learned").stdout)
        assert learned["topic"] == "Холодное водоснабжение"
        assert learned["neighbours"] == {"cold_water": 2}
        (home / "config" / "ivr.toml").write_text(
            '[municipality]\nkey = "demo"\n[understanding]\nlearn = false\n', "utf-8"
        )
        switched_off = json.loads(ivr(home, "understand", text, "--json", "--learned").stdout)
        assert switched_off["topic"] != "Холодное водоснабжение"
        assert "Обучение выключено" in ivr(home, "learning").stdout
