"""Rules of the house that no library checks."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "ivr").rglob("*.py"))


_RUSSIAN = re.compile("[\u0400-\u04ff]")


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | loose:
            yield node


def test_every_russian_word_is_data_and_none_is_code() -> None:
    found = [
        f"{module.relative_to(ROOT)}:{text.lineno}"
        for module in MODULES
        for source in (module.read_text("utf-8"),)
        if _RUSSIAN.search(source)  # else nothing in it has to be looked at closely, which is slow
        for text in _texts(ast.parse(source))
        if _RUSSIAN.search(ast.get_source_segment(source, text) or "")
    ]
    assert found == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_and_fits_a_head(module: Path) -> None:
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    assert not text or ast.get_docstring(ast.parse(text))


def test_every_text_that_the_program_shows_exists() -> None:
    texts = tomllib.loads((ROOT / "config" / "ui.ru.toml").read_text("utf-8"))
    for family in (ROOT / "config" / "console").glob("*.ru.toml"):
        texts.setdefault("console", {})[family.name.removesuffix(".ru.toml")] = tomllib.loads(family.read_text("utf-8"))
    keys = {match for module in MODULES for match in re.findall(r'\bwords\(\s*"([a-z_.]+)"', module.read_text("utf-8"))}
    missing = [key for key in sorted(keys) if not isinstance(_at(texts, key), str)]
    assert missing == []


def _at(texts: object, key: str) -> object:
    for part in key.split("."):
        texts = texts.get(part) if isinstance(texts, dict) else None
    return texts


def test_no_number_of_a_living_person_is_written_anywhere() -> None:
    kinds = ("*.py", "*.toml", "*.md", "*.jsonl")
    files = [path for kind in kinds for folder in ("ivr", "config", "docs") for path in (ROOT / folder).rglob(kind)]
    found = [
        f"{path.relative_to(ROOT)}: {number}"
        for path in files
        for number in re.findall(r"\+79\d{9}", path.read_text("utf-8"))
        if not number.startswith("+7900000") and number != "+79261234567"
    ]
    assert found == []


@pytest.mark.parametrize("paper", ["reliability.md", "regulation-map.md", "security.md"])
def test_every_test_that_a_paper_names_exists(paper: str) -> None:
    named = set(re.findall(r"`(tests/[\w/.*-]+)(?:::\w+)?`", (ROOT / "docs" / paper).read_text("utf-8")))
    assert named
    assert {path for path in named if not list(ROOT.glob(path))} == set()


def test_every_fault_has_its_promise_and_its_test() -> None:
    rows = re.findall(r"^\| (F[\d, F–]+) \|.*\| (.*) \|$", (ROOT / "docs" / "reliability.md").read_text("utf-8"), re.M)
    promised: set[int] = set()
    for faults, proof in rows:
        assert "`tests/" in proof, faults
        first, *others = map(int, re.findall(r"\d+", faults))
        promised |= set(range(first, others[-1] + 1)) if "–" in faults else {first, *others}
    assert promised == set(range(1, 38))
