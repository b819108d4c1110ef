"""The audit of recordings: every point graded, questions only to those who can answer."""

from __future__ import annotations

import pytest

from ivr.domain.review import CHECKLIST, Review, Why
from ivr.errors import RuleBroken
from tests.samples import FRIDAY_NIGHT as NOW

REVIEW = Review("r", "demo", "m", Why.RANDOM, "Петрова А. В.", NOW, "Власова В. И.")
ALL = dict.fromkeys(CHECKLIST, "yes")


def test_a_score_is_the_share_of_the_points_it_came_to() -> None:
    grades = {**ALL, "law_59": "none", "address": "no"}
    graded = REVIEW.graded(grades, " хорошо ", "Власова В. И.", NOW)
    assert (graded.score, graded.note, graded.reviewed_by) == (7 / 8, "хорошо", "Власова В. И.")
    assert REVIEW.score is None
    assert REVIEW.graded(dict.fromkeys(CHECKLIST, "none"), "", "x", NOW).score is None


@pytest.mark.parametrize("grades", [{}, {**ALL, "extra": "yes"}, {**ALL, "polite": "perhaps"}])
def test_every_point_has_its_grade(grades: dict[str, str]) -> None:
    with pytest.raises(RuleBroken, match="grade"):
        REVIEW.graded(grades, "", "x", NOW)


def test_a_question_is_asked_and_answered() -> None:
    asked = REVIEW.ask("Почему без адреса?", NOW)
    answered = asked.answered("Адрес уже был.", NOW)
    assert (answered.answer, answered.answered_at) == ("Адрес уже был.", NOW)
    assert answered.ask("А теперь?", NOW).answered_at is None


def test_nobody_is_asked_where_nobody_talked() -> None:
    machine = Review("r", "demo", "m", Why.RANDOM, "", NOW, "x")
    for wrong in (lambda: machine.ask("?", NOW), lambda: REVIEW.ask(" ", NOW), lambda: REVIEW.answered("x", NOW),
                  lambda: REVIEW.ask("x" * 2001, NOW)):  # fmt: skip
        with pytest.raises(RuleBroken):
            wrong()
