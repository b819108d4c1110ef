"""Measures the understanding in a process of its own, and the libraries it rests on alone; prints one JSON object.

Every text is understood once (its words may be new) and once more (they are known, as in a service that has run for a
day). Times are those of the processor, so that neighbours on the machine count little.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SETS = ("phones", "names", "topics", "addresses", "flags", "whole")
FOLDER = Path(__file__).resolve().parent.parent / "language"
PRECEDENTS = 2000


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _ms(work: Callable[[str], object], texts: Sequence[str]) -> float:
    began = time.process_time()
    for text in texts:
        work(text)
    return 1000 * (time.process_time() - began) / len(texts)


def _ours() -> dict[str, Any]:
    before, began = _megabytes(), time.process_time()
    from ivr.adapters.files.lexicons import read_lexicon
    from ivr.adapters.files.settings import project_root
    from ivr.domain.precedent import Precedent
    from ivr.language.understanding import Understanding

    imported = time.process_time()
    understand = Understanding(read_lexicon(project_root() / "config"))
    loaded = time.process_time()
    texts = {name: [row["text"] for row in _rows(name)] for name in SETS}
    figures: dict[str, Any] = {
        "import": imported - began,
        "load": loaded - imported,
        "megabytes": _megabytes() - before,
    }
    figures["sets"] = {name: [_ms(understand, texts[name]), _ms(understand, texts[name])] for name in reversed(SETS)}
    figures["warm_megabytes"] = _megabytes() - before
    talk = " ".join(text for name in SETS for text in texts[name]).split()
    understand(" ".join(talk))
    figures["lengths"] = {
        count: _ms(understand, [" ".join(talk[:count])] * 3) for count in (62, 250, 1000, 3000, 10_000)
    }
    figures["topics"] = _right(lambda text: understand(text).topics[0].value)
    every = [text for name in SETS for text in texts[name]]
    examples = [Precedent(str(at), every[at % len(every)], "snow") for at in range(PRECEDENTS)]
    began = time.process_time()
    understand.learn(examples)
    figures["learn"] = time.process_time() - began
    figures["with_votes"] = _ms(understand, texts["whole"])
    return figures


def _right(topic: Callable[[str], str]) -> float:
    """Share of the topic set's phrases with the right topic, by key or title."""
    from ivr.adapters.files.settings import project_root
    from ivr.adapters.files.vocabulary import read_vocabulary
    from ivr.domain.vocabulary import Kind

    titles = read_vocabulary(project_root() / "config").titles(Kind.TOPICS)
    rows = _rows("topics")
    hits = (
        titles.get(topic(row["text"]), topic(row["text"])) in (row["expected"], *row.get("also", ())) for row in rows
    )
    return sum(hits) / len(rows)


def _pymorphy3() -> dict[str, Any]:
    before, began = _megabytes(), time.process_time()
    from pymorphy3 import MorphAnalyzer

    analyser = MorphAnalyzer()
    loaded = time.process_time() - began
    texts = [row["text"] for row in _rows("whole")]
    first = _ms(lambda text: [analyser.parse(word) for word in text.split()], texts)
    return {"load": loaded, "megabytes": _megabytes() - before, "sets": {"whole": [first, first]}}


def _rapidfuzz() -> dict[str, Any]:
    before, began = _megabytes(), time.process_time()
    from rapidfuzz import fuzz, process

    titles = sorted({row["expected"] for row in _rows("topics")})
    loaded = time.process_time() - began

    def topic(text: str) -> str:
        return str(process.extractOne(text, titles, scorer=fuzz.token_set_ratio)[0])

    texts = [row["text"] for row in _rows("whole")]
    sets = {"whole": [_ms(topic, texts), _ms(topic, texts)]}
    megabytes = _megabytes() - before
    return {"load": loaded, "megabytes": megabytes, "sets": sets, "topics": _right(topic)}


if __name__ == "__main__":
    measured = {"ours": _ours, "pymorphy3": _pymorphy3, "rapidfuzz": _rapidfuzz}[sys.argv[1]]()
    json.dump(measured, sys.stdout)
