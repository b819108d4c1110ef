"""A model with more words: the decoding graph is made anew around the same network, without training.

Where a new word may stand in a sentence is taken from a word like it: the model names, in graph/classes.txt, a member
of each class of its grammar (surnames, streets, places), and the new word gets arcs like those of that member.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.speech.graph import LETTERS_FILE, UNKNOWN, grammar_arcs, write_graph
from ivr.adapters.speech.model import check_model
from ivr.errors import SettingsError

CLASSES_FILE = "graph/classes.txt"
ANY = "any"  # the class of words that stand anywhere, in graph/classes.txt
_EPSILON = "<eps>"


@dataclass(frozen=True, slots=True)
class Adapted:
    """What an adaptation did: words that are new in the model, and those that it had."""

    added: tuple[str, ...]
    known: tuple[str, ...]


def adapt(model: Path, words: Mapping[str, str], into: Path) -> Adapted:
    """Writes a copy of a model that knows these words too.

    Args:
        model: one with graph/letters.txt and graph/classes.txt, such as the bundled one.
        words: each with its class in the grammar ("": any word).
        into: the directory of the copy; replaced when it is there.

    Raises:
        SettingsError: another kind of model; a letter that the network does not know; OpenFst is missing.
    """
    letters, examples = letters_of(model), _examples(model)
    mistakes = [_unspellable(word, letters) for word in words if not set(word) <= set(letters)]
    if mistakes:
        raise SettingsError(mistakes)
    labels = _labels(model)
    added = tuple(sorted(word for word in words if word not in labels))
    vocabulary = sorted({*labels, *added} - {_EPSILON, UNKNOWN})
    grammar = _grammar(model, labels, vocabulary, {word: examples[words[word]] for word in added})
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
        made = Path(scratch) / into.name
        shutil.copytree(model, made)
        write_graph(made, letters, vocabulary, grammar)
        check_model(made)
        if into.exists():
            shutil.rmtree(into)
        made.rename(into)
    return Adapted(added, tuple(sorted(set(words) - set(added))))


def letters_of(model: Path) -> str:
    """The letters that the network of a model tells.

    Raises:
        SettingsError: a model without its files, or one that was not made so that words can be added.
    """
    check_model(model)
    missing = [name for name in (LETTERS_FILE, CLASSES_FILE) if not (model / name).is_file()]
    if missing:
        raise SettingsError([f"{model / name}: missing; this model cannot take words of its own" for name in missing])
    return (model / LETTERS_FILE).read_text(encoding="utf-8").strip()


def _examples(model: Path) -> dict[str, str]:
    """A member of each class of the grammar."""
    lines = (model / CLASSES_FILE).read_text(encoding="utf-8").splitlines()
    return {"" if name == ANY else name: word for name, word in map(str.split, lines)}


def _unspellable(word: str, letters: str) -> str:
    strange = " ".join(sorted(set(word) - set(letters)))
    return f"{word}: cannot be spelled with the letters of the model: {strange}"


def _labels(model: Path) -> dict[str, int]:
    lines = (model / "graph/words.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(label) for word, label in map(str.split, lines)}


def _grammar(model: Path, labels: Mapping[str, int], vocabulary: list[str], like: Mapping[str, str]) -> str:
    """The model's grammar over the labels of the larger vocabulary, with arcs for the new words."""
    new_label = {word: label for label, word in enumerate(vocabulary, start=1)}
    renumbered = {str(old): new_label.get(word, 0) for word, old in labels.items()}
    followers: defaultdict[int, list[int]] = defaultdict(list)
    for word, example in like.items():
        followers[new_label[example]].append(new_label[word])
    return "\n".join(_lines(model, renumbered, followers)) + "\n"


def _lines(model: Path, renumbered: Mapping[str, int], followers: Mapping[int, list[int]]) -> Iterator[str]:
    for fields in grammar_arcs(model / "graph/Gr.fst"):
        if len(fields) < 4:  # a final state
            yield "\t".join(fields)
            continue
        source, target, heard, _, *cost = fields
        label = renumbered[heard]
        for each in (label, *followers.get(label, ())):
            yield "\t".join((source, target, str(each), str(each), *cost))
