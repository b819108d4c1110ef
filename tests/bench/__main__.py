"""`python -m tests.bench [NAME ...]`: measure, print, and write the tables into docs/performance.md.

A bench is a module of this folder with `run() -> str`: Markdown, without a heading. The first line of its docstring is
the heading. Sections of benches that were not run stay in the document as they are.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.markdown import Markdown

import tests.bench

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "performance.md"
HEAD = "# Performance\n\nMeasured by `make bench`; in each section product and baselines in one run on one machine.\n"
_SECTION = re.compile(r"<!-- bench: (\w+) -->\n(.*?)(?=<!-- bench: |\Z)", re.DOTALL)


def machine() -> str:
    """What it was measured on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {cpu[1] if cpu else platform.machine()} · {os.cpu_count()} cores · "
        f"load before {load:.1f} · Python {platform.python_version()}"
    )


def benches(names: list[str]) -> dict[str, ModuleType]:
    """The modules to run; when none is named, all that are not marked LONG."""
    found = {
        info.name: importlib.import_module(f"tests.bench.{info.name}")
        for info in pkgutil.iter_modules(tests.bench.__path__)
        if not info.name.startswith("_")
    }
    return {
        name: module
        for name, module in sorted(found.items())
        if hasattr(module, "run") and (name in names or not (names or getattr(module, "LONG", False)))
    }


def main() -> None:
    """Run, print, keep."""
    console = Console()
    text = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    sections = dict(_SECTION.findall(text))
    for name, module in benches(sys.argv[1:]).items():
        where, title = machine(), (module.__doc__ or name).split("\n", 1)[0].rstrip(".")
        console.print(f"{title} …", style="dim")
        section = f"## {title}\n\n{where}\n\n{module.run().strip()}\n\n"
        console.print(Markdown(section))
        sections[name] = section
        DOCUMENT.parent.mkdir(exist_ok=True)
        body = "".join(f"<!-- bench: {key} -->\n{sections[key]}" for key in sorted(sections))
        DOCUMENT.write_text(f"{HEAD}\n{body}".rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
