"""What a doctor finds, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.files.ui import words


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: key of its title and of its remedy in the texts.
        fault: what is wrong, "" when all is well.
        detail: what was found.
        subject: which one of several.
    """

    what: str
    fault: str = ""
    detail: str = ""
    subject: str = ""


def show(findings: Iterable[Finding]) -> int:
    """All findings with their remedies; exit status 1 when something is wrong."""
    console = Console(highlight=False)
    table = Table(show_header=False, box=None, padding=(0, 1))
    faults = 0
    for finding in findings:
        faults += bool(finding.fault)
        mark = f"[red]{words('doctor.bad')}[/]" if finding.fault else f"[green]{words('doctor.good')}[/]"
        remedy = f"\n→ {words(f'doctor.{finding.what}_remedy')}" if finding.fault else ""
        title = f"{words(f'doctor.{finding.what}')} {finding.subject}".strip()
        table.add_row(mark, escape(title), escape(f"{finding.fault or finding.detail}{remedy}"))
    console.print(table)
    console.print(words("doctor.faults", count=faults) if faults else words("doctor.well"))
    return 1 if faults else 0
