"""What others wrote is what it says it is, and its licence lies beside it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "ivr" / "web" / "static" / "vendor", ROOT / "tests" / "browser" / "vendor")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_vendored_files_are_unchanged_and_licensed(folder: Path) -> None:
    known = tomllib.loads((folder / "VENDORED.toml").read_text("utf-8"))
    assert {path.name for path in folder.glob("*.js")} == set(known)
    for name, facts in known.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == facts["sha256"], name
        assert list(folder.glob(f"{name.partition('.')[0].partition('-')[0]}.LICENSE*")), name
        assert facts["licence"] in {"0BSD", "BSD-3-Clause", "Apache-2.0", "MPL-2.0"}


def test_the_package_takes_its_pages_and_files_along() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    assert "templates/**/*.html" in built["ivr.web"]
    assert "static/**/*" in built["ivr.web"]
