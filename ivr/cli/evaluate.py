"""`ivr evaluate`: how well a set of phrases is understood."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ivr.adapters.files.ui import words
from ivr.bootstrap.house import House
from ivr.domain.vocabulary import Kind as Lists
from ivr.errors import SettingsError
from ivr.language.evaluation import Case, Judged, fits, judge, kind_of, summary


def evaluate_texts(house: House, file: Path, *, as_json: bool, errors: bool) -> None:
    """Print the figures of a set of JSON Lines.

    Raises:
        SettingsError: every line that cannot be read.
    """
    cases = _read(file)
    kind = kind_of(cases)
    titles = house.vocabulary.titles(Lists.TOPICS)
    if cases:
        house.understand(cases[0].text)
    started = time.process_time()  # neighbours on the machine are no part of the cost
    understood = [house.understand(case.text) for case in cases]
    seconds = time.process_time() - started
    judged = [judge(case, kind, facts, titles) for case, facts in zip(cases, understood, strict=True)]
    figures = summary(judged, kind, seconds)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)
    if errors:
        _show_errors([one for one in judged if not one.exact], as_json=as_json)


def _read(file: Path) -> list[Case]:
    cases: dict[int, Case] = {}
    mistakes: list[str] = []
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{file}: {fault}") from fault
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            also = tuple(map(str, row.get("also", ())))
            cases[number] = Case(str(row.get("id", number)), str(row["text"]), row["expected"], also)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            mistakes.append(f"{file}:{number}: {type(fault).__name__}: {fault}")
    if mistakes or not cases:
        raise SettingsError(mistakes or [f"{file}: {words('evaluate.empty')}"])
    try:
        kind = kind_of(list(cases.values()))
    except ValueError as fault:
        raise SettingsError(f"{file}: {fault}") from fault
    strange = [number for number, case in cases.items() if not fits(case, kind)]
    if strange:
        raise SettingsError([f"{file}:{number}: {words('evaluate.another_kind', kind=kind)}" for number in strange])
    return list(cases.values())


def _show(figures: dict[str, Any]) -> None:
    typer.echo(words("evaluate.figures", share=f"{figures['accuracy']:.1%}", **figures))
    if figures["top3"] is not None:
        typer.echo(words("evaluate.topics", **figures))
    for slot, right in figures["slots"].items():
        typer.echo(f"  {slot}: {right} / {figures['n']}")


def _show_errors(missed: Sequence[Judged], *, as_json: bool) -> None:
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    for one in missed:
        mark = words("evaluate.wrong") if one.wrong else words("evaluate.missing")
        console.print(f"{mark} {one.case.id}: {one.case.text}", markup=False)
        console.print(words("evaluate.difference", expected=one.case.expected, got=one.got), markup=False)
