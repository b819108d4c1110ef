"""How many phrases of each set are understood: a change that loses some is seen here.

The sets are imagined callers, texts as a recogniser writes them; `-a-`, `-b-`, `b2-`, `-b3-` were written by somebody
who had not seen the word lists; `names_whole` are names in whole messages, written before what they ask for.
Labels follow the conventions of the regulation's columns: a guessed number is worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.adapters.files.settings import project_root
from ivr.language.evaluation import Case, Judged, Kind, judge, kind_of, summary
from ivr.language.understanding import Understanding

OWN = Path(__file__).parent
DEVELOPMENT = project_root().parent / "shared" / "nlu"
LEAST = {Kind.PHONES: 0.98, Kind.NAMES: 0.95, Kind.TOPICS: 0.97, Kind.ADDRESSES: 0.96, Kind.FLAGS: 0.98}
MOST_WRONG = {Kind.PHONES: 0.01, Kind.NAMES: 0.02, Kind.ADDRESSES: 0.02, Kind.FLAGS: 0.01}
FOLDERS = {"own": OWN, "development": DEVELOPMENT}


def _judged(name: str, folder: str, understand: Understanding, titles: Mapping[str, str]) -> tuple[Kind, list[Judged]]:
    file = FOLDERS[folder] / f"{name}.jsonl"
    if not file.exists():
        pytest.skip("the development sets are not at hand (../shared/nlu)")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    cases = [Case(row["id"], row["text"], row["expected"], tuple(row.get("also", ()))) for row in rows]
    kind = kind_of(cases)
    return kind, [judge(case, kind, understand(case.text), titles) for case in cases]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("name", ["phones", "names", "names_whole", "topics", "addresses", "flags"])
def test_a_set_is_understood(name: str, folder: str, understand: Understanding, titles: Mapping[str, str]) -> None:
    kind, judged = _judged(name, folder, understand, titles)
    figures = summary(judged, kind, 1.0)
    missed = [(one.case.text, one.case.expected, one.got) for one in judged if not one.exact]
    assert figures["accuracy"] >= LEAST[kind], missed
    if kind in MOST_WRONG:
        assert figures["wrong"] <= 1 + MOST_WRONG[kind] * figures["n"], missed
    if kind is Kind.TOPICS:
        assert figures["top3"] >= 0.98 * figures["n"], missed


@pytest.mark.parametrize("folder", FOLDERS)
def test_whole_messages_are_understood(folder: str, understand: Understanding, titles: Mapping[str, str]) -> None:
    kind, judged = _judged("whole", folder, understand, titles)
    count = len(judged)
    least = {"phone": count, "name": count - count // 30, "topic": count - count // 30}
    right = {slot: sum(one.slots[slot] for one in judged) for slot in least}
    assert kind is Kind.WHOLE
    assert all(right[slot] >= least[slot] for slot in least), [
        (one.case.text, one.got) for one in judged if not one.exact
    ]


@pytest.mark.parametrize("name", ["phones", "names", "names_whole", "topics", "addresses", "flags", "whole"])
def test_no_two_lines_of_a_set_are_the_same(name: str) -> None:
    rows = [json.loads(line) for line in (OWN / f"{name}.jsonl").read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == len(rows)
