"""The understanding: milliseconds a message, seconds to load, megabytes.

Each line is a process of its own. pymorphy3 alone parses every word of the same messages, without a cache; rapidfuzz
alone compares each message with the 32 titles of the topics.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

MS_AT_MOST, LOAD_SECONDS_AT_MOST, MEGABYTES_AT_MOST = 5.0, 0.5, 80.0


def _measured(what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench._understanding", what]
    result: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return result


def run() -> str:
    """The tables."""
    ours, words, titles = (_measured(what) for what in ("ours", "pymorphy3", "rapidfuzz"))
    rows = [
        _row("ours: all facts of a message", ours),
        _row("pymorphy3 alone: the words' forms", words),
        _row("rapidfuzz alone: the titles of topics", titles),
    ]
    sets = [f"| {name} | {first:.2f} | {again:.2f} |" for name, (first, again) in ours["sets"].items()]
    lengths = [f"| {count} | {ms:.1f} | {ms / int(count) * 1000:.0f} |" for count, ms in ours["lengths"].items()]
    first, load, megabytes = ours["sets"]["whole"][0], ours["load"], ours["warm_megabytes"]
    met = first <= MS_AT_MOST and load <= LOAD_SECONDS_AT_MOST and megabytes <= MEGABYTES_AT_MOST
    bounds = f"{MS_AT_MOST:.0f} ms a whole message, {LOAD_SECONDS_AT_MOST} s to load, {MEGABYTES_AT_MOST:.0f} MB"
    return "\n".join(
        [
            "| | whole message, ms, words new | words known | load, s | MB | right topics |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"Wanted: at most {bounds}: {'met' if met else 'NOT MET'}. Importing takes {ours['import']:.2f} s more; "
            f"after all sets it is {megabytes:.0f} MB. 2,000 confirmed messages are learnt in {ours['learn']:.2f} s; "
            f"a whole message is then {ours['with_votes']:.1f} ms. The topics' phrases served to mend the lists.",
            "",
            "| set | ms, words new | words known |",
            "|---|---|---|",
            *sets,
            "",
            "A message of 90 seconds has some 250 words; what is beyond 3,000 is not read.",
            "",
            "| words | ms | µs a word |",
            "|---|---|---|",
            *lengths,
        ]
    )


def _row(name: str, figures: dict[str, Any]) -> str:
    first, again = figures["sets"]["whole"]
    right = f"{figures['topics']:.0%}" if "topics" in figures else ""
    return f"| {name} | {first:.2f} | {again:.2f} | {figures['load']:.2f} | {figures['megabytes']:.0f} | {right} |"
