"""Every text of the pages exists, and gets the facts it wants."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest

from ivr.adapters.files.ui import words

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "ivr" / "web" / "templates").rglob("*.html"))
_CALL = re.compile(r"""\bt\(\s*(["'])([a-z_.0-9:]+)\1\s*([,)~])""")


def _facts(text: str, start: int) -> set[str]:
    """Names of the keyword facts of a call whose brackets begin before `start`."""
    depth, at = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return set(re.findall(r"(?:^|[,(]\s*)(\w+)=(?!=)", re.sub(r"\([^()]*\)", "", text[start - 1 : at])))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_exists_and_gets_its_facts(template: Path) -> None:
    text = template.read_text("utf-8")
    for call in _CALL.finditer(text):
        key = f"console.{call[2]}"
        if call[3] == "~":
            continue
        if call[3] == ")":
            given: set[str] = set()
        else:
            given = _facts(text, call.end())
        raw = _raw(key)
        assert raw is not None, f"{template.name}: {key}"
        wanted = {name for _, name, _, _ in string.Formatter().parse(raw) if name}
        assert wanted == given, f"{template.name}: {key}: wants {wanted}, gets {given}"


def _raw(key: str) -> str | None:
    family, _, name = key.removeprefix("console.").partition(".")
    texts = tomllib.loads((ROOT / "config" / "console" / f"{family}.ru.toml").read_text("utf-8"))
    found = texts.get(name)
    return found if isinstance(found, str) else None


def test_every_prefix_that_is_completed_at_run_time_has_texts() -> None:
    for template in TEMPLATES:
        for prefix in re.findall(r"""\bt\(["']([a-z_.]+)["']\s*~""", template.read_text("utf-8")):
            family, _, name = prefix.partition(".")
            texts = tomllib.loads((ROOT / "config" / "console" / f"{family}.ru.toml").read_text("utf-8"))
            assert any(key.startswith(name) for key in texts), f"{template.name}: {prefix}"


def test_no_text_lies_about_unused() -> None:
    sources = [path for path in (ROOT / "ivr" / "web").rglob("*") if path.suffix in (".py", ".html")]
    used = "\n".join(path.read_text("utf-8") for path in sources)
    idle = []
    for file in sorted((ROOT / "config" / "console").glob("*.ru.toml")):
        family = file.name.removesuffix(".ru.toml")
        if f'"{family}." ~' in used or f"console.{family}.{{" in used:
            continue
        for key in tomllib.loads(file.read_text("utf-8")):
            prefixes = [key[:end] for end in range(1, len(key)) if key[end - 1] == "_"]
            known = [f"{family}.{key}", *(f'{family}.{one}"' for one in prefixes)]
            known += [f"{family}.{one}'" for one in prefixes] + [f"{family}.{one}{{" for one in prefixes]
            if not any(one in used for one in known):
                idle.append(f"{family}.{key}")
    assert idle == []


def test_the_texts_of_the_pages_are_at_hand() -> None:
    assert words("console.frame.product") == "Телефон доверия"
