"""The decoding graph of a letter model: words spelled into HCLr.fst, a grammar into Gr.fst, by the OpenFst tools.

The network tells letters and blanks, so a word's spelling is its pronunciation and any spellable word can be added
without training. The graph stays dynamic: Vosk composes both halves while it listens, and phrase lists work.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from ivr.errors import SettingsError

UNKNOWN = "[unk]"
LETTERS_FILE = "graph/letters.txt"
BLANK_COST = 0.3  # a frame of blank inside a word; found on the development voices
UNKNOWN_COST = 3.0  # a letter of speech outside the phrase list
_LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")
_LOOKAHEAD = "libfstlookahead.so*"

Phone = NewType("Phone", str)
SILENCE, BLANK = Phone("SIL"), Phone("BLK_I")


class Phones:
    """Letters with their place in the word (begin, end, inside, single) as Kaldi's phones; the first two are blanks.

    Attributes:
        outputs: the network's output of every phone, 0 for a blank.
        boundaries: the line of word_boundary.int of every phone.
    """

    def __init__(self, letters: str) -> None:
        self.letters = letters
        self.outputs, self.boundaries = [0, 0], ["nonword", "internal"]
        self._number = {SILENCE: 1, BLANK: 2}
        for output, letter in enumerate(letters, start=1):
            for place, boundary in zip("BEIS", ("begin", "end", "internal", "singleton"), strict=True):
                self._number[Phone(f"{letter}_{place}")] = len(self._number) + 1
                self.outputs.append(output)
                self.boundaries.append(boundary)

    def enter(self, phone: Phone) -> int:
        """Label of the first frame of a phone."""
        return 2 * self._number[phone]

    def stay(self, phone: Phone) -> int:
        """Label of every further frame of a phone."""
        return 2 * self._number[phone] - 1

    def spelled(self, word: str) -> tuple[Phone, ...]:
        """A word letter by letter.

        Raises:
            KeyError: a character that the network does not know.
        """
        for letter in word:
            if letter not in self.letters:
                raise KeyError(letter)
        if len(word) == 1:
            return (Phone(f"{word}_S"),)
        return (Phone(f"{word[0]}_B"), *(Phone(f"{x}_I") for x in word[1:-1]), Phone(f"{word[-1]}_E"))


@dataclass(slots=True)
class _Node:
    """A place in the tree of spellings: the words that go on from here."""

    children: dict[Phone, _Node] = field(default_factory=dict)
    words: int = 0
    label: int = 0  # of one of the words; of the only one where `words` is 1


class Lexicon:
    """Writes the spellings as a transducer from network labels to words."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self._lines: list[str] = []
        self._states = 0
        self._ends: dict[Phone, int] = {}
        self._tails: dict[tuple[Phone, tuple[Phone, ...]], int] = {}
        self._loop, self._word_start = 0, 0

    def text(self, words: Mapping[str, int]) -> str:
        """The transducer in OpenFst's text; `words` gives each word's label, with UNKNOWN among them."""
        start, self._loop, silence, self._word_start = (self._state() for _ in range(4))
        self._arc(start, self._loop, 0)
        self._arc(self._loop, silence, self._phones.enter(SILENCE))
        self._arc(silence, silence, self._phones.stay(SILENCE))
        self._arc(silence, self._word_start, 0)
        self._arc(self._loop, self._word_start, 0)
        tree = _Node()
        for word, label in words.items():
            if word != UNKNOWN:
                self._plant(tree, self._phones.spelled(word), label)
        self._grow(tree, self._word_start, self._word_start, None, labelled=False)
        self._any_letters(words[UNKNOWN])
        return "\n".join([*self._lines, str(self._word_start)]) + "\n"

    def _state(self) -> int:
        self._states += 1
        return self._states - 1

    def _arc(self, source: int, target: int, heard: int, word: int = 0, cost: float = 0.0) -> None:
        self._lines.append(f"{source}\t{target}\t{heard}\t{word}\t{cost:g}")

    @staticmethod
    def _plant(tree: _Node, spelling: Sequence[Phone], label: int) -> None:
        for phone in spelling:
            tree = tree.children.setdefault(phone, _Node())
            tree.words += 1
            tree.label = label

    def _grow(self, node: _Node, letter: int, blank: int, last: Phone | None, *, labelled: bool) -> None:
        """Arcs from a letter's state and the blank after it to all that follows; a word is told where it is certain."""
        for phone, child in node.children.items():
            certain = not labelled and child.words == 1
            target = self._target(phone, child, certain=certain or labelled)
            self._enter(letter, blank, target, phone, last, child.label if certain else 0)

    def _enter(self, letter: int, blank: int, target: int, phone: Phone, last: Phone | None, word: int) -> None:
        doubled = last is not None and last[0] == phone[0]  # an equal letter is only told apart by a blank
        for source in {blank} if doubled or letter == blank else {letter, blank}:
            self._arc(source, target, self._phones.enter(phone), word)

    def _target(self, phone: Phone, child: _Node, *, certain: bool) -> int:
        if not child.children:
            return self._end(phone)
        if certain:
            return self._tail(phone, _only_way(child))
        letter, blank = self._letter(phone)
        self._grow(child, letter, blank, phone, labelled=False)
        return letter

    def _tail(self, phone: Phone, rest: tuple[Phone, ...]) -> int:
        """The rest of a word that is certain already, shared by all words that end so."""
        if not rest:
            return self._end(phone)
        if (phone, rest) not in self._tails:
            letter, blank = self._letter(phone)
            self._tails[phone, rest] = letter
            self._enter(letter, blank, self._tail(rest[0], rest[1:]), rest[0], phone, 0)
        return self._tails[phone, rest]

    def _letter(self, phone: Phone) -> tuple[int, int]:
        letter, blank = self._state(), self._state()
        self._arc(letter, letter, self._phones.stay(phone))
        self._arc(letter, blank, self._phones.enter(BLANK))
        self._arc(blank, blank, self._phones.stay(BLANK), cost=BLANK_COST)
        return letter, blank

    def _end(self, phone: Phone) -> int:
        if phone not in self._ends:
            state = self._ends[phone] = self._state()
            self._arc(state, state, self._phones.stay(phone))
            self._arc(state, self._loop, 0)
        return self._ends[phone]

    def _any_letters(self, label: int) -> None:
        """[unk]: any letters at a price, so that other speech is not forced upon the phrases of a question."""
        letter, blank, following = self._state(), self._state(), self._state()
        self._arc(letter, blank, self._phones.enter(BLANK))
        self._arc(blank, blank, self._phones.stay(BLANK))
        self._arc(blank, following, 0)
        self._arc(letter, following, 0)
        for name in self._phones.letters:
            for place, source, word in (("B", self._word_start, label), ("I", following, 0)):
                phone, state = Phone(f"{name}_{place}"), self._state()
                self._arc(source, state, self._phones.enter(phone), word, UNKNOWN_COST)
                self._arc(state, state, self._phones.stay(phone))
                self._arc(state, letter, 0)
            end = Phone(f"{name}_E")
            self._arc(following, self._end(end), self._phones.enter(end), 0, UNKNOWN_COST)


def _only_way(node: _Node) -> tuple[Phone, ...]:
    way = []
    while node.children:
        ((phone, node),) = node.children.items()
        way.append(phone)
    return tuple(way)


def write_graph(directory: Path, letters: str, words: Sequence[str], grammar: str) -> None:
    """Writes graph/ of a model: both halves, words, boundaries.

    Args:
        directory: the model.
        letters: what the network tells, in the order of its outputs.
        words: the vocabulary; word n has label n + 1, [unk] the label after the last.
        grammar: an acceptor of these labels, in OpenFst's text.

    Raises:
        SettingsError: the OpenFst tools are missing or failed.
    """
    phones = Phones(letters)
    labels = {word: label for label, word in enumerate((*words, UNKNOWN), start=1)}
    graph = directory / "graph"
    (graph / "phones").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tools = OpenFst(Path(scratch))
        (tools.scratch / "lexicon.txt").write_text(Lexicon(phones).text(labels), encoding="ascii")
        (tools.scratch / "grammar.txt").write_text(grammar, encoding="ascii")
        tools.run("fstcompile lexicon.txt | fstarcsort --sort_type=olabel > lexicon.fst")
        tools.run("fstcompile grammar.txt grammar.fst")
        tools.run("fstconvert --fst_type=olabel_lookahead --save_relabel_opairs=pairs lexicon.fst HCLr.fst")
        tools.run(
            "fstrelabel --relabel_ipairs=pairs --relabel_opairs=pairs grammar.fst"
            " | fstarcsort --sort_type=ilabel | fstconvert --fst_type=const > Gr.fst"
        )
        relabelled = _pairs(tools.scratch / "pairs")
        for name in ("HCLr.fst", "Gr.fst"):
            (graph / name).write_bytes((tools.scratch / name).read_bytes())
    lines = "".join(f"{word} {relabelled[label]}\n" for word, label in labels.items())
    (graph / "words.txt").write_text("<eps> 0\n" + lines, encoding="utf-8")
    (directory / LETTERS_FILE).write_text(letters + "\n", encoding="utf-8")
    (graph / "disambig_tid.int").write_text("1000000\n", encoding="ascii")  # there are none; the file must exist
    boundaries = "".join(f"{number} {name}\n" for number, name in enumerate(phones.boundaries, start=1))
    (graph / "phones/word_boundary.int").write_text(boundaries, encoding="ascii")


def _pairs(path: Path) -> dict[int, int]:
    return {int(old): int(new) for old, new in map(str.split, path.read_text(encoding="ascii").splitlines())}


class OpenFst:
    """The OpenFst command line tools, run in a scratch directory."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        library = next((found for place in _LIBRARIES for found in sorted(Path(place).glob(_LOOKAHEAD))), None)
        if library is None:
            raise SettingsError("the OpenFst tools are missing: apt install libfst-tools")
        (scratch / "olabel_lookahead-fst.so").symlink_to(library)

    def run(self, command: str) -> str:
        """One pipeline of tools; its standard output.

        Raises:
            SettingsError: a tool is missing or failed.
        """
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.scratch,
            env=os.environ | {"LD_LIBRARY_PATH": str(self.scratch)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 127:
            raise SettingsError("the OpenFst tools are missing: apt install libfst-tools")
        if done.returncode:
            raise SettingsError(f"{command.split(maxsplit=1)[0]} failed: {done.stderr.strip()}")
        return done.stdout


def grammar_arcs(graph: Path) -> Iterator[list[str]]:
    """Lines of Gr.fst as text fields, with the labels of words.txt."""
    with tempfile.TemporaryDirectory() as scratch:
        yield from (line.split() for line in OpenFst(Path(scratch)).run(f"fstprint '{graph}'").splitlines())
