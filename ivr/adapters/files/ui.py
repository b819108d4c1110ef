"""Russian texts: of the command line from `config/ui.ru.toml`, of the pages from `config/console/`, a file a family."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.files.settings import project_root
from ivr.errors import RuleBroken


@cache
def _texts() -> dict[str, Any]:
    config = project_root() / "config"
    texts = tomllib.loads((config / "ui.ru.toml").read_text("utf-8"))
    families = {
        file.name.removesuffix(".ru.toml"): tomllib.loads(file.read_text("utf-8"))
        for file in sorted((config / "console").glob("*.ru.toml"))
    }
    return texts | {"console": families}


def refusal(fault: RuleBroken, zone: ZoneInfo) -> str:
    """What the regulation forbids, for people: the sentence, its times local, and the clause."""
    facts = {
        name: f"{fact.astimezone(zone):%d.%m %H:%M}" if isinstance(fact, datetime) else fact
        for name, fact in fault.facts.items()
    }
    known = f"refused.{fault.code}"
    sentence = words(known, **facts)
    sentence = fault.reason if sentence == known else sentence
    appendix = fault.clause.removeprefix("app.")
    if appendix != fault.clause:
        return words("refused.appendix", sentence=sentence, number=appendix)
    return words("refused.clause", sentence=sentence, clause=fault.clause)


def words(key: str, **facts: object) -> str:
    """The text with this dotted key, facts filled in; the key itself where there is none."""
    found: Any = _texts()
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return str(found).format(**facts) if isinstance(found, str) else key
