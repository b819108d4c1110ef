"""The steps from word lists to a measured model, each resumed from what is on disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from recipe import card, corpus, export, features, language_model, quiet, training, trial
from recipe.progress import CONSOLE, tracked
from recipe.sentences import Caller
from recipe.words import lines, vocabulary

SHARDS = {"espeak": 44, "rhvoice": 56}
COPIES = 2
QUIET_COPIES = 6
_MESSAGES_READ, _SEED_READ = 12_000, 11


class Steps:
    """The way of one model.

    Args:
        work: where every step keeps its result.
        model: the directory to be made.
        workers: processes, and threads of the training.
    """

    def __init__(self, work: Path, model: Path, workers: int) -> None:
        self._work, self._model, self._workers = work, model, workers
        self._network = work / "network.pt"
        work.mkdir(parents=True, exist_ok=True)

    def plan(self, minutes: float) -> list[tuple[str, Callable[[], object]]]:
        """Titles and steps, in order."""
        return [
            ("Vocabulary and sentences", lambda: self._sentences),
            ("Synthetic speech", lambda: self._speech),
            ("Telephone lines, noise, features", lambda: self._copies),
            ("Training", lambda: training.train(self._copies, self._network, minutes, self._workers)),
            ("Model files", self.write_model),
            ("Trials", self.measure),
        ]

    @cached_property
    def _sentences(self) -> list[str]:
        """What is read aloud beside random words."""
        path = self._work / "sentences.txt"
        if not path.exists():
            caller = Caller(_SEED_READ)
            said = [caller.message() for _ in tracked(range(_MESSAGES_READ), "sentences", _MESSAGES_READ)]
            path.write_text("\n".join(said + lines("talk.txt")) + "\n", encoding="utf-8")
        CONSOLE.print(f"{len(vocabulary())} words")  # known before the processes part, so that each need not ask
        return path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def _speech(self) -> list[Path]:
        return corpus.speak_all(self._work / "speech", SHARDS, self._sentences, self._workers)

    @cached_property
    def _copies(self) -> list[Path]:
        directory = self._work / "features"
        copies = features.make_copies(self._speech, directory, COPIES, self._workers)
        silent = [quiet.make_quiet_copy(directory / f"quiet.{n}.npz", n) for n in range(QUIET_COPIES)]
        return copies + silent

    def write_model(self) -> None:
        """am/, conf/ and graph/."""
        with CONSOLE.status("network"):
            export.write_acoustics(self._model, self._network)
        with CONSOLE.status("language model and graph (two minutes)"):
            export.write_words(self._model, language_model.language_model())

    def measure(self) -> None:
        """The figures, and the model card with them."""
        sets = trial.speak_sets(self._work / "trials", self._workers)
        card.write(self._model, card.measured(self._model, sets), self._work / "figures.json")
