"""`make model`: from word lists to a model that Vosk loads, with its figures. Goes on where it was interrupted.

    PYTHONPATH=models python -m recipe [--minutes 90] [--workers 2] [--work build/model] [--to models/ru-helpline-8k]

Every step keeps its result in the working directory and is not done again while the result is there; to do one anew,
delete it: sentences.txt, speech/, features/, network.pt, trials/.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from recipe.progress import CONSOLE

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 2 when something must be installed first."""
    options = _options(arguments)
    from recipe.tools import missing

    if lacking := missing():
        print("The recipe needs, first:", *lacking, sep="\n", file=sys.stderr)
        return 2
    from recipe.steps import Steps

    steps = Steps(options.work, options.to, options.workers)
    for number, (title, step) in enumerate(steps.plan(options.minutes), start=1):
        CONSOLE.rule(f"{number}. {title}", align="left")
        step()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make model", description="Trains the bundled speech model anew.")
    parser.add_argument("--minutes", type=float, default=90, help="of training, on the threads of --workers")
    parser.add_argument("--workers", type=int, default=2, help="processes, and threads of the training")
    parser.add_argument("--work", type=Path, default=ROOT / "build/model", help="what is kept between the steps")
    parser.add_argument("--to", type=Path, default=ROOT / "models/ru-helpline-8k", help="the model")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
