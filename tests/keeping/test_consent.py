"""A recording whose citizen was not told is kept, listed and heard by nobody (clause 7, 152-FZ)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from ivr.adapters.storage import tables
from ivr.domain.consent import Proof, Withheld
from ivr.errors import Forbidden, RuleBroken
from tests.access_samples import an_actor
from tests.keeping.kept import Kept, make_kept
from tests.keeping.test_retention import CURATOR, NOON


@pytest.fixture
def kept(journal_url: str, tmp_path: Path) -> Iterator[Kept]:
    made = make_kept(tmp_path, NOON, journal_url)
    yield made
    made.dispose()


@pytest.mark.parametrize(
    ("proof", "lacks"),
    [
        (Proof(9.6, "d", "e", 9.6), None),
        (Proof(9.5, "d", "e", 9.6), None),  # the last frame
        (Proof(9.6, "d"), None),  # of a time when the length was not kept
        (Proof(9.0, "d", "e", 9.6), Withheld.CUT_SHORT),
        (Proof(0.0, "d", "e", 9.6), Withheld.NOT_PLAYED),
        (Proof(9.6, "", "e", 9.6), Withheld.NOT_PLAYED),
        (Proof(), Withheld.NOT_PLAYED),
    ],
)
def test_what_proves_and_what_does_not(proof: Proof, lacks: Withheld | None) -> None:
    assert proof.lacks is lacks


async def test_a_recording_without_proof_is_withheld_and_listed_with_its_reason(kept: Kept) -> None:
    first, second = kept.left(1, NOON), kept.left(2, NOON)
    assert await kept.room.listening.withheld(CURATOR) == []
    with kept.engine.begin() as db:
        db.execute(update(tables.call).where(tables.call.c.id == first).values(notice_seconds=4.0))
        db.execute(update(tables.attempt).where(tables.attempt.c.callback_id == second).values(notice_seconds=0.0))
    attempt = f"{2 + 0xA0000000:032x}"
    listed = await kept.room.listening.withheld(CURATOR)
    assert {(one.name, one.callback, one.why) for one in listed} == {
        (first, first, Withheld.CUT_SHORT), (attempt, second, Withheld.NOT_PLAYED)
    }  # fmt: skip
    for name in (first, attempt):
        with pytest.raises(RuleBroken) as fault:
            await kept.room.listening.piece(CURATOR, name)
        assert fault.value.code == "recording_withheld"
        with pytest.raises(RuleBroken):
            await kept.room.listening.shape(CURATOR, name)
    assert (await kept.room.listening.piece(CURATOR, second)).size > 0
    with pytest.raises(Forbidden):
        await kept.room.listening.withheld(an_actor())
