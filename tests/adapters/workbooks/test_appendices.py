"""The workbooks against golden texts and the regulation's own words; their results without a program that reckons."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from ivr.adapters.files.settings import project_root
from ivr.domain.report_words import LISTED
from tests.report_samples import load
from tests.workbook_samples import RULES, WORDS, load_file, message_file, month_file, month_report, week_file
from tests.workbook_text import assert_golden


def test_appendix_1_is_what_the_regulation_draws(tmp_path: Path) -> None:
    assert_golden(load_file(tmp_path), "appendix1")


def test_appendix_2_is_what_the_regulation_draws(tmp_path: Path) -> None:
    assert_golden(message_file(tmp_path), "appendix2")


def test_appendix_3_is_what_the_regulation_draws(tmp_path: Path) -> None:
    assert_golden(week_file(tmp_path), "appendix3")


def test_the_month_is_told_in_figures_and_charts(tmp_path: Path) -> None:
    assert_golden(month_file(tmp_path), "month")


def test_the_titles_are_those_of_the_regulation() -> None:
    folders = (project_root().parent, project_root().parent.parent)
    files = [file for folder in folders if (file := folder / "shared" / "regulation.md").exists()]
    if not files:
        pytest.skip("the regulation's text is not beside the project")
    said = files[0].read_text("utf-8").replace("$", "").replace("\\%", "%")
    for title in (*WORDS.load.columns, *WORDS.messages.columns, *WORDS.week.columns,
                  *(title for kind in LISTED[:3] for title in WORDS.titles(kind).values()),
                  WORDS.week.title, WORDS.load.norms):  # fmt: skip
        assert title in said
    said = " ".join(said.split())
    assert WORDS.load.title in said
    assert WORDS.messages.title in said


def test_a_preview_shows_the_results_beside_the_live_formulas(tmp_path: Path) -> None:
    path = load_file(tmp_path)
    live, shown = load_workbook(path).worksheets[0], load_workbook(path, data_only=True).worksheets[0]
    for row, day in enumerate(load(), 6):
        assert all(live[f"{letter}{row}"].data_type == "f" for letter in "EFGJ")
        results = (day.lost_share, day.accepted, day.availability, day.productivity)
        assert [shown[f"{letter}{row}"].value for letter in "EFGJ"] == list(results)


def test_every_formula_has_its_result(tmp_path: Path) -> None:
    for path in (load_file(tmp_path), month_file(tmp_path)):
        with ZipFile(path) as parts:
            text = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
        assert text.count("<f>") > 20
        assert text.count("</f><v>") == text.count("<f>")


def test_exactly_the_norm_does_not_meet_a_strict_sign() -> None:
    verdicts = {norm.key: norm.is_met for norm in (*month_report().norms(RULES), month_report().punctual)}
    assert verdicts == {
        "lost_share": False, "availability": False, "productivity": True, "ring_seconds": True, "punctual": False,
    }  # fmt: skip
    edge = load()[0]
    assert (edge.lost_share, edge.availability, edge.productivity) == (0.05, 0.95, 0.45)
    assert not edge.lost_share < RULES.lost_share_below
    assert not edge.availability > RULES.availability_above
    assert not edge.productivity > RULES.productivity_above
