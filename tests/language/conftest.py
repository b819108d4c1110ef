"""The understanding as it is shipped, built once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.vocabulary import Kind
from ivr.language.lexicon import Lexicon
from ivr.language.understanding import Understanding

CONFIG = project_root() / "config"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """All word lists."""
    return read_lexicon(CONFIG)


@pytest.fixture(scope="session")
def understand(lexicon: Lexicon) -> Understanding:
    """Finds facts; nobody votes."""
    return Understanding(lexicon)


@pytest.fixture(scope="session")
def titles() -> Mapping[str, str]:
    """Words of the topics by key."""
    return read_vocabulary(CONFIG).titles(Kind.TOPICS)
