"""The guides say what to do for everything that can be red, and every page they send to is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDES = ROOT / "docs" / "ru"
ADMINISTRATOR = (GUIDES / "администратору.md").read_text("utf-8")


def _texts(name: str) -> dict[str, object]:
    file = ROOT / "config" / name
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def _remedies() -> dict[str, str]:
    """What to do, by what is red."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", ADMINISTRATOR, re.MULTILINE)
    return {title.strip(): remedy.strip() for title, remedy in rows}


def test_every_check_of_the_doctor_has_its_remedy_in_the_guide() -> None:
    doctor = _texts("ui.ru.toml")["doctor"]
    assert isinstance(doctor, dict)
    checks = [key.removesuffix("_remedy") for key in doctor if key.endswith("_remedy")]
    assert len(checks) > 5
    assert [check for check in checks if len(_remedies().get(doctor[check], "")) < 20] == []


def test_every_lamp_of_the_board_has_its_remedy_in_the_guide() -> None:
    lamps = [text for key, text in _texts("console/board.ru.toml").items() if key.startswith("lamp_")]
    assert [lamp for lamp in lamps if len(_remedies().get(str(lamp), "")) < 20] == []


@pytest.mark.parametrize("guide", sorted(GUIDES.glob("*.md")), ids=lambda path: path.stem)
def test_every_link_of_a_guide_leads_somewhere(guide: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", guide.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        if "://" not in target:
            assert (guide.parent / target).exists(), target
