"""Russian texts of the command line and the pages, from `config/ui.ru.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from ivr.adapters.files.settings import project_root


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((project_root() / "config" / "ui.ru.toml").read_text("utf-8"))


def words(key: str, **facts: object) -> str:
    """The text with this dotted key, facts filled in; the key itself where there is none."""
    found: Any = _texts()
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return str(found).format(**facts) if isinstance(found, str) else key
