"""Sets are told apart by the shape of their answers, and compared as people would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ivr.language.evaluation import Case, Kind, judge, kind_of, summary
from ivr.language.understanding import Understanding

ADDRESS = {"locality": None, "street": "Садовая", "house": "5", "flat": None}


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        ([["+79000001234"], []], Kind.PHONES),
        ([[], ["abuse"]], Kind.FLAGS),
        (["Отопление"], Kind.TOPICS),
        ([{"surname": "Иванова", "name": None, "patronymic": None}], Kind.NAMES),
        ([ADDRESS], Kind.ADDRESSES),
        ([{"surname": None, "phones": [], "topic": "Отопление", "address": ADDRESS}], Kind.WHOLE),
    ],
)
def test_the_kind_of_a_set_is_seen_by_its_answers(expected: list[Any], kind: Kind) -> None:
    assert kind_of([Case(str(number), "", answer) for number, answer in enumerate(expected)]) is kind


@pytest.mark.parametrize("expected", [None, 5, True])
def test_other_answers_are_refused(expected: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        kind_of([Case("1", "", expected)])


def test_missing_is_not_wrong(understand: Understanding, titles: Mapping[str, str]) -> None:
    number = "восемь девятьсот ноль ноль ноль один два три четыре"
    cases = [
        Case("1", f"телефон {number}", ["+79000001234"]),
        Case("2", f"телефон {number}", []),
        Case("3", "телефона нет", ["+79000001234"]),
    ]
    judged = [judge(case, Kind.PHONES, understand(case.text), titles) for case in cases]
    assert [(one.exact, one.wrong) for one in judged] == [(True, False), (False, True), (False, False)]


def test_case_yo_and_hyphens_do_not_count(understand: Understanding, titles: Mapping[str, str]) -> None:
    case = Case("1", "меня зовут пётр семёнов", {"surname": "СЕМЕНОВ", "name": "Петр", "patronymic": None})
    assert judge(case, Kind.NAMES, understand(case.text), titles).exact


def test_another_right_topic_counts(understand: Understanding, titles: Mapping[str, str]) -> None:
    case = Case("1", "батареи холодные", "Транспорт", ("Отопление",))
    assert judge(case, Kind.TOPICS, understand(case.text), titles).exact


def test_the_summary_has_the_agreed_keys(understand: Understanding, titles: Mapping[str, str]) -> None:
    case = Case("1", "батареи холодные", "Отопление")
    figures = summary([judge(case, Kind.TOPICS, understand(case.text), titles)], Kind.TOPICS, 0.002)
    agreed = {"kind": "topics", "n": 1, "exact": 1, "wrong": 0, "top3": 1, "macro_f1": 1.0, "ms_per_message": 2.0}
    assert agreed.items() <= figures.items()
