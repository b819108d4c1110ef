"""Fixtures that every room of the tests may ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.figures import Figures
from tests.journals import new_journal
from tests.postgres import journal_pattern, postgres_journal, postgres_server, postgres_url
from tests.s3 import s3_server

__all__ = ["database_url", "journal_pattern", "postgres_journal", "postgres_server", "postgres_url", "s3_server"]

_FIGURES = pytest.StashKey[Figures]()


def pytest_configure(config: pytest.Config) -> None:
    """The long runs write down what they measure."""
    config.stash[_FIGURES] = Figures()


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """Where a long run writes down what it measured."""
    return pytestconfig.stash[_FIGURES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of promises and figures."""
    lines = config.stash[_FIGURES].lines
    if lines:
        terminalreporter.section("what was promised, and what was measured")
        for promise, measured in sorted(lines, key=lambda line: (len(line[0]), line[0])):
            terminalreporter.write_line(f"{promise:<10} {measured}")


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the system has one: for thousands of transactions whose durability is not at stake."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="ivr-test-", dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind with the schema and no rows."""
    if request.param == "sqlite":
        return new_journal(tmp_path / "journal.db")
    url: str = request.getfixturevalue("postgres_journal")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
