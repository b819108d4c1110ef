"""Old rows are read with the words they were written under."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.vocabularies import keep_vocabulary, kept_titles
from ivr.domain.vocabulary import Kind, Term
from ivr.errors import SettingsError


def test_editions_are_kept_side_by_side_and_never_rewritten(journal_url: str) -> None:
    engine = connect(journal_url)
    first = read_vocabulary(project_root() / "config")
    keep_vocabulary(engine, first)
    keep_vocabulary(engine, first)
    renamed = {**first.lists[Kind.OUTCOMES], "consulted": Term("consulted", "дана консультация")}
    changed = replace(first, lists={**first.lists, Kind.OUTCOMES: renamed})
    with pytest.raises(SettingsError, match="give the new lists a new edition"):
        keep_vocabulary(engine, changed)
    keep_vocabulary(engine, replace(changed, edition="2027-01-01"))
    old, new = (kept_titles(engine, edition, Kind.OUTCOMES) for edition in (first.edition, "2027-01-01"))
    assert old["consulted"] == "консультация в рамках полномочий"
    assert new["consulted"] == "дана консультация"
    assert list(old) == list(first.lists[Kind.OUTCOMES])
    assert kept_titles(engine, "1999-01-01", Kind.OUTCOMES) == {}
    engine.dispose()
