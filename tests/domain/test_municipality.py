"""Whose line was dialled."""

from __future__ import annotations

import pytest

from ivr.domain.municipality import Municipalities, Municipality
from tests.samples import CALENDAR

TOWN = Municipality("town", "T", CALENDAR, ("+74875521000", "112"), ("199",))
NEIGHBOUR = Municipality("neighbour", "N", CALENDAR, ("84875631000",))
BOTH = Municipalities((TOWN, NEIGHBOUR))


@pytest.mark.parametrize(
    ("dialled", "key"),
    [
        ("84875521000", "town"), ("8 (48755) 2-10-00", "town"), ("74875521000", "town"), ("112", "town"),
        ("199", "town"), ("+74875631000", "neighbour"), ("74875699999", None), ("", None), ("anonymous", None),
    ],
)  # fmt: skip
def test_a_number_is_known_however_it_is_written(dialled: str, key: str | None) -> None:
    found = BOTH.dialled(dialled)
    assert (found.key if found else None) == key


def test_an_extension_for_those_whom_nobody_answered() -> None:
    assert TOWN.is_overflow("199")
    assert not TOWN.is_overflow("112")


def test_rows_of_a_town_that_is_served_no_longer_go_by_the_first_one_s_hours() -> None:
    assert BOTH.named("gone") is TOWN
    assert BOTH.named("neighbour") is NEIGHBOUR


def test_somebody_is_served() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Municipalities(())
