"""Templates to text: escaping always on, an unknown name is an error, the Russian words and filters at hand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ivr.ports.access import Words
from ivr.web.spoken import Spoken

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Pages:
    """The templates of `ivr/web/templates`."""

    def __init__(self, words: Words, spoken: Spoken) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._assets: dict[str, str] = {}
        self.environment.globals |= {"t": lambda key, **facts: words(f"console.{key}", **facts), "asset": self.asset}
        names = [name for name in dir(Spoken) if not name.startswith("_")]
        self.environment.filters |= {name: getattr(spoken, name) for name in names if callable(getattr(spoken, name))}
        self.environment.filters["doubtful"] = doubtful

    def render(self, template: str, **facts: Any) -> str:
        """A page's text."""
        return self.environment.get_template(template).render(facts)

    def asset(self, name: str) -> Markup:
        """Path of a static file; it changes with its content, so that it may be kept for ever."""
        if name not in self._assets:
            digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
            self._assets[name] = f"/static/{name}?v={digest}"
        return Markup(self._assets[name])  # a path of ours and a digest  # nosec B704


def doubtful(confidence: float) -> bool:
    """A word the recogniser is not sure of; few are marked, or none would be looked at."""
    return confidence < 0.6
