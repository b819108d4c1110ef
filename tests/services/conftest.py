"""Fixtures of the services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journals import new_journal
from tests.mail_server import certificate
from tests.office import Office, opened


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A mail server's certificate and key."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def office(tmp_path: Path, files: tuple[Path, Path]) -> Iterator[Office]:
    """The filing of one house."""
    with opened(new_journal(tmp_path / "journal.db"), files) as it:
        yield it
