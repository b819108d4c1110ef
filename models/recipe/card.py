"""The figures of a model, by the product's own command, and the card that tells them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from recipe.progress import tracked
from recipe.words import DATA, vocabulary

Figures = Mapping[str, Any]
"""What `ivr evaluate --audio` says of one set."""

_ROWS = (
    ("phone numbers in free groupings, number exact, %", "phones", lambda f: f["slots"]["phone"]["right"], "≥", 98, 95),
    ("surname, name, patronymic, all three exact, %", "names", lambda f: f["slots"]["name"]["right"], "≥", 92, 85),
    ("messages of templates the language model has not seen, WER %", "templates", lambda f: f["word_error_rate"], "≤",
     8, 15),
    ("messages written freely, WER %", "free", lambda f: f["word_error_rate"], "≤", 15, 20),
)  # fmt: skip


def measured(model: Path, sets: Sequence[Path]) -> dict[str, Figures]:
    """`ivr evaluate --audio` of every set, by the set's name."""
    return {directory.name: _evaluated(model, directory) for directory in tracked(sets, "trials", len(sets))}


def _evaluated(model: Path, directory: Path) -> Figures:
    command = [sys.executable, "-m", "ivr.cli.main", "evaluate", "--audio", str(directory), "--model", str(model)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: Figures = json.loads(done.stdout)
    return figures


def write(model: Path, figures: Mapping[str, Figures], kept: Path) -> None:
    """README.md of the model, and the raw figures beside the working files."""
    kept.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    megabytes = sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) / 1e6
    text = Template((DATA / "model-card.md").read_text(encoding="utf-8")).substitute(
        words=f"{len(vocabulary()):,}",
        megabytes=f"{megabytes:.1f}",
        accuracy=_accuracy(figures),
        cost=_cost(figures),
        confidence=_confidence(figures.values()),
    )
    (model / "README.md").write_text(text, encoding="utf-8")


def _accuracy(figures: Mapping[str, Figures]) -> str:
    lines = [
        "| set | wanted, seen voices | seen voices | wanted, unseen voices | unseen voices |",
        "|---|---|---|---|---|",
    ]
    for title, name, value, sign, seen, unseen in _ROWS:
        found = [value(figures[f"{name}-{kind}"]) for kind in ("seen", "unseen")]
        lines.append(f"| {title} | {sign} {seen} | **{found[0]}** | {sign} {unseen} | **{found[1]}** |")
    human = figures["human"]["word_error_rate"]
    lines.append(f"| prompts of Asterisk, spoken by a person in a studio, WER % | – | – | – | **{human}** |")
    invented = figures["noises"]["invented_words_per_minute"]
    lines.append(
        f"| silence, noise, tones, music: invented words a minute | ≤ 0.5 | **{invented}** | ≤ 0.5 | the same |"
    )
    return "\n".join(lines)


def _cost(figures: Mapping[str, Figures]) -> str:
    every = figures.values()
    seconds = sum(one["seconds"] for one in every)
    factor = sum(one["real_time_factor"] * one["seconds"] for one in every) / seconds
    return "\n".join(
        (
            "| | wanted | measured |",
            "|---|---|---|",
            f"| processor seconds a second of sound, one core | ≤ 0.05 | **{factor:.3f}** |",
            f"| start of the recogniser process, seconds | ≤ 1 | **{max(one['load_seconds'] for one in every)}** |",
            f"| memory of its process, MB | ≤ 150 | **{max(one['recogniser_megabytes'] for one in every)}** |",
        )
    )


def _confidence(every: Sequence[Figures] | Any) -> str:
    lines = ["| confidence of a word | words | right, % |", "|---|---|---|"]
    for bins in zip(*(one["confidence"] for one in every), strict=True):
        words = sum(one["words"] for one in bins)
        right = sum(one["words"] * (one["right"] or 0) for one in bins)
        share = f"{right / words:.1f}" if words else "–"
        lines.append(f"| {bins[0]['from']:.2f} – {bins[0]['to']:.2f} | {words} | {share} |")
    return "\n".join(lines)
