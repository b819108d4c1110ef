"""What the weekly report hides of free text, and what it hides in vain.

On our own phrases (`tests/language/*.jsonl`, as a recogniser writes them). A name has leaked when a stem of one of its
parts is still there, a number when four digits in a row can still be heard. Hidden in vain: a phrase without name and
number that has lost a word. The baseline hides what pymorphy3 takes for a name first of all, and five written digits.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import project_root
from ivr.domain.contact import PersonName
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import Morphology
from ivr.language.phone_runs import find_runs
from ivr.language.text import plain

_PHRASES = Path(__file__).resolve().parent.parent / "language"
_PARTS = ("surname", "name", "patronymic")
_MANY = 20_000

Hide = Callable[[str, PersonName | None], str]


def _phrases(*names: str) -> Iterator[tuple[str, Any]]:
    for name in names:
        for line in (_PHRASES / f"{name}.jsonl").read_text("utf-8").splitlines():
            phrase = json.loads(line)
            yield phrase["text"], phrase["expected"]


def _names_leaked(hide: Hide, *, known: bool) -> str:
    leaked = total = 0
    for text, expected in _phrases("names", "whole"):
        parts = [expected[part] for part in _PARTS if expected and expected.get(part)]
        if parts:
            caller = PersonName(*(expected.get(part) for part in _PARTS)) if known else None
            words = re.findall(r"[^\W\d_]+", plain(hide(text, caller)))
            stems = tuple(plain(part)[: max(3, len(part) - 2)] for part in parts)
            total += 1
            leaked += any(word.startswith(stems) for word in words)
    return f"{leaked} of {total}"


def _numbers_leaked(hide: Hide) -> str:
    lexicon = read_lexicon(project_root() / "config")
    leaked = total = 0
    for text, expected in _phrases("phones", "whole"):
        if expected if isinstance(expected, list) else expected["phones"]:
            runs = find_runs(re.findall(r"\w+", hide(text, None).lower()), lexicon)
            total += 1
            leaked += any(sum(len(one.digits) for one in run.numerals) >= 4 for run in runs)
    return f"{leaked} of {total}"


def _in_vain(hide: Hide) -> str:
    texts = [text for text, _ in _phrases("topics", "flags")]
    return f"{sum(hide(text, None) != text for text in texts)} of {len(texts)}"


def _milliseconds(hide: Hide) -> float:
    texts = [text for text, _ in _phrases("topics", "flags", "names", "phones")]
    began = time.process_time()
    for number in range(_MANY):
        hide(texts[number % len(texts)], None)
    return (time.process_time() - began) / _MANY * 1000


def run() -> str:
    """Ours beside the baseline."""
    morphology = Morphology()
    covers = Covers("#", "@", frozenset(read_report_words().week.flat_words))
    ours = Discretion(read_lexicon(project_root() / "config"), morphology, covers).hide

    def plainly(text: str, _caller: PersonName | None) -> str:
        def word(found: re.Match[str]) -> str:
            tag = morphology.parses(found[0].lower())[0].tag
            return "@" if any(role in tag for role in ("Surn", "Name", "Patr")) else found[0]

        return re.sub(r"[^\W\d_]+", word, re.sub(r"\+?\d(?:[\s().-]{0,3}\d){4,}", "#", text))

    table = "| | names leaked, caller unknown | known | numbers leaked | hidden in vain | ms a text |\n"
    table += "|---|---|---|---|---|---|\n"
    for name, hide in (("the dictionary's first guess", plainly), ("ours", ours)):
        table += (
            f"| {name} | {_names_leaked(hide, known=False)} | {_names_leaked(hide, known=True)} | "
            f"{_numbers_leaked(hide)} | {_in_vain(hide)} | {_milliseconds(hide):.2f} |\n"
        )  # fmt: skip
    return table
