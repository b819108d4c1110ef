"""The regulation's lists are data with an edition."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.vocabulary import Demand, Kind
from ivr.errors import RuleBroken, SettingsError

CONFIG = project_root() / "config"
REGULATION = project_root().parent / "shared" / "regulation.md"


def _regulation_list(beginning: str, end: str) -> list[str]:
    if not REGULATION.exists():
        pytest.skip("the regulation's text is not beside the product")
    text = REGULATION.read_text("utf-8")
    part = text[text.index(beginning) + len(beginning) : text.index(end)] if end else text[text.index(beginning) :]
    return [line.strip("- ").strip() for line in part.splitlines() if line.strip()]


def test_topics_are_the_regulations_in_its_order() -> None:
    listed = _regulation_list("Перечень тематик сообщений:", "Перечень итогов консультаций:")
    assert [term.title for term in read_vocabulary(CONFIG).lists[Kind.TOPICS].values()] == listed


def test_outcomes_are_the_regulations() -> None:
    listed = _regulation_list("Перечень итогов консультаций:", "Перечень результатов рассмотрения сообщений:")
    assert [term.title for term in read_vocabulary(CONFIG).lists[Kind.OUTCOMES].values()] == listed


def test_results_are_the_regulations_and_demand_what_it_demands() -> None:
    listed = _regulation_list("Перечень результатов рассмотрения сообщений:", "Еженедельный отчет")
    results = list(read_vocabulary(CONFIG).lists[Kind.RESULTS].values())
    assert [term.title for term in results] == [re.sub(r" \(обязательно.*\)", "", line) for line in listed]
    obliged = [line for line, term in zip(listed, results, strict=True) if term.demands]
    assert obliged == [line for line in listed if "обязательно" in line]


def test_the_executor_is_demanded_when_a_question_is_passed_on() -> None:
    assert read_vocabulary(CONFIG).term(Kind.OUTCOMES, "passed_on").demands is Demand.EXECUTOR


def test_a_word_outside_the_list_is_refused_with_the_list() -> None:
    with pytest.raises(RuleBroken, match="choose one of satisfied, explained") as refusal:
        read_vocabulary(CONFIG).term(Kind.RESULTS, "happy")
    assert refusal.value.clause == "app.2"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    for name in ("vocabulary.ru.toml", "topics.ru.toml"):
        shutil.copy(CONFIG / name, tmp_path / name)
    file = tmp_path / "vocabulary.ru.toml"
    text = file.read_text("utf-8").replace('edition = "2024-12-24"', 'edition = "soon"')
    text = text.replace('demands = "reason"', 'demands = "money"').replace("[outcomes]", "[outcome]")
    file.write_text(text.replace("busy = {", "engaged = {"), "utf-8")
    with pytest.raises(SettingsError) as refusal:
        read_vocabulary(tmp_path)
    report = "\n".join(refusal.value.mistakes)
    for words in (
        "'soon' is not a date", "topics.ru.toml: edition", "'money' is none of", "outcome: there is no such",
        "outcomes: the list is empty", "attempts.busy is missing", "attempts.engaged: there is no such",
    ):  # fmt: skip
        assert words in report
