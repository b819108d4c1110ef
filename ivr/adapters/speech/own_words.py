"""Words that people add to the recogniser's model (fulfils `ports.house.SpeechModels`).

Each addition makes the next copy of the model in the data folder, whose own-words.txt says what was added so far, in
the form that `ivr model adapt` reads.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ivr.adapters.speech.adapt import adapt, letters_of
from ivr.errors import SettingsError
from ivr.language.local_words import WordKind
from ivr.ports.house import SpeechModel, Taught

_WORDS = "own-words.txt"
_KEPT = 3
_NUMBERED = re.compile(r"(.+)\+(\d+)")


class OwnWords:
    """The model in use and its copies.

    Args:
        folder: where the copies lie.
        model: the model in use, None: others' recogniser is used.
    """

    def __init__(self, folder: Path, model: Callable[[], Path | None]) -> None:
        self._folder, self._model = folder, model

    def now(self) -> SpeechModel:
        """Looked at anew: a model may be replaced under our feet."""
        model = self._model()
        if model is None:
            return SpeechModel("", why="elsewhere")
        try:
            return SpeechModel(model.name, letters_of(model), _read(model / _WORDS))
        except SettingsError:
            return SpeechModel(model.name, why="fixed")

    def add(self, words: Mapping[str, WordKind], forms: Mapping[str, str]) -> Taught:
        """A copy with more words; nothing is made when all of them are known."""
        model = self._model()
        if model is None:
            raise SettingsError("the recogniser is somebody else's: its model is not here")
        copy = self._folder / self._next(model)
        done = adapt(model, forms, copy)
        if not done.added:
            shutil.rmtree(copy)
            return Taught("", done.added, done.known)
        _write(copy / _WORDS, {**_read(model / _WORDS), **words})
        self._forget_old({model, copy})
        return Taught(str(copy), done.added, done.known)

    def _next(self, model: Path) -> str:
        named = _NUMBERED.fullmatch(model.name)
        stem = named[1] if named else model.name
        taken = [int(found[2]) for path in self._folder.glob("*") if (found := _NUMBERED.fullmatch(path.name))]
        return f"{stem}+{max(taken, default=0) + 1}"

    def _forget_old(self, used: set[Path]) -> None:
        copies = [path for path in self._folder.glob("*+*") if path not in used and _NUMBERED.fullmatch(path.name)]
        copies.sort(key=lambda path: int(path.name.rpartition("+")[2]))
        for old in copies[: -_KEPT or None]:
            shutil.rmtree(old)


def _read(file: Path) -> dict[str, WordKind]:
    kind, words = WordKind.OTHER, dict[str, WordKind]()
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        if line.startswith("["):
            kind = WordKind(line.strip("[]"))
        elif line:
            words[line] = kind
    return words


def _write(file: Path, words: Mapping[str, WordKind]) -> None:
    parts = [[f"[{kind}]", *sorted(word for word, known in words.items() if known is kind)] for kind in WordKind]
    file.write_text("".join(f"{line}\n" for part in parts if len(part) > 1 for line in part), "utf-8")
