"""The spelling of words as a transducer: what the network tells goes in, words come out."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from ivr.adapters.speech.graph import BLANK, SILENCE, UNKNOWN, Lexicon, Phone, Phones, grammar_arcs, write_graph
from ivr.errors import SettingsError

LETTERS = "авдноь"
WORDS = {"анна": 1, "а": 2, "вода": 3, "водан": 4, "два": 5, UNKNOWN: 6}
PHONES = Phones(LETTERS)
needs_openfst = pytest.mark.skipif(
    shutil.which("fstcompile") is None, reason="the OpenFst tools are not installed: apt-get install libfst-tools"
)


class Transducer:
    """Reads OpenFst's text and follows all ways at once."""

    def __init__(self, text: str) -> None:
        self._arcs: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._ends: set[int] = set()
        for line in text.splitlines():
            fields = line.split("\t")
            if len(fields) == 1:
                self._ends.add(int(fields[0]))
            else:
                self._arcs[int(fields[0])].append((int(fields[1]), int(fields[2]), int(fields[3])))

    def words(self, heard: list[int]) -> set[tuple[int, ...]]:
        """All readings of a row of labels that end where a sentence may end."""
        here = self._silent({(0, ())})
        for label in heard:
            here = self._silent(
                {
                    (target, (*words, word) if word else words)
                    for state, words in here
                    for target, wanted, word in self._arcs[state]
                    if wanted == label
                }
            )
        return {words for state, words in here if state in self._ends}

    def _silent(self, ways: set[tuple[int, tuple[int, ...]]]) -> set[tuple[int, tuple[int, ...]]]:
        found, waiting = set(ways), list(ways)
        while waiting:
            state, words = waiting.pop()
            for target, label, word in self._arcs[state]:
                way = (target, (*words, word) if word else words)
                if label == 0 and way not in found:
                    found.add(way)
                    waiting.append(way)
        return found


LEXICON = Transducer(Lexicon(PHONES).text(WORDS))


def frames(*words: str, blanks: bool = True, frames_each: int = 2) -> list[int]:
    """What the network tells of some words: each letter for so many frames, a blank after it, silence between words."""
    labels: list[int] = []
    for word in words:
        labels += [PHONES.enter(SILENCE), PHONES.stay(SILENCE)] if blanks else []
        spelling = PHONES.spelled(word)
        for phone, following in zip(spelling, (*spelling[1:], None), strict=True):
            labels += [PHONES.enter(phone)] + [PHONES.stay(phone)] * (frames_each - 1)
            if following and (blanks or following[0] == phone[0]):
                labels += [PHONES.enter(BLANK)]
    return [*labels, PHONES.enter(SILENCE)] if blanks else labels


def known(readings: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
    return {reading for reading in readings if WORDS[UNKNOWN] not in reading}


@pytest.mark.parametrize("word", ["анна", "а", "вода", "водан", "два"])
@pytest.mark.parametrize("blanks", [True, False])
def test_every_word_is_read_off_its_letters_with_or_without_blanks(word: str, blanks: bool) -> None:
    assert known(LEXICON.words(frames(word, blanks=blanks))) == {(WORDS[word],)}


def test_words_follow_each_other_with_or_without_silence() -> None:
    expected = {(WORDS["вода"], WORDS["а"], WORDS["анна"])}
    assert known(LEXICON.words(frames("вода", "а", "анна"))) == expected
    assert known(LEXICON.words(frames("вода", "а", "анна", blanks=False, frames_each=1))) == expected


def test_an_equal_letter_after_a_letter_is_told_apart_by_a_blank_only() -> None:
    a, n = (PHONES.spelled("анна")[at] for at in (0, 1))
    last = PHONES.spelled("анна")[3]
    run_together = [PHONES.enter(a), PHONES.enter(n), PHONES.stay(n), PHONES.enter(n), PHONES.enter(last)]
    assert known(LEXICON.words(run_together)) == set()


def test_silence_alone_is_no_word() -> None:
    assert LEXICON.words([PHONES.enter(SILENCE), PHONES.stay(SILENCE), PHONES.stay(SILENCE)]) == {()}


def test_other_letters_are_other_speech() -> None:
    spelling = [Phone("н_B"), Phone("о_I"), Phone("в_E")]
    assert LEXICON.words([PHONES.enter(phone) for phone in spelling]) == {(WORDS[UNKNOWN],)}


@pytest.mark.parametrize("word", ["vода", "дом", "а-а"])
def test_a_word_of_other_letters_cannot_be_spelled(word: str) -> None:
    with pytest.raises(KeyError):
        PHONES.spelled(word)


@needs_openfst
def test_the_grammar_can_be_read_back_with_the_labels_of_the_words(tmp_path: Path) -> None:
    words = [word for word in WORDS if word != UNKNOWN]
    write_graph(tmp_path, LETTERS, words, "0\t1\t1\t1\t0.5\n1\t0\t3\t3\t0.25\n1\t1.5\n")
    labels = dict(line.split() for line in (tmp_path / "graph/words.txt").read_text("utf-8").splitlines())
    assert sorted(labels) == sorted([*WORDS, "<eps>"])
    arcs = [fields for fields in grammar_arcs(tmp_path / "graph/Gr.fst") if len(fields) > 2]
    assert {fields[2] for fields in arcs} == {labels[words[0]], labels[words[2]]}
    assert {fields[4] for fields in arcs} == {"0.5", "0.25"}


@needs_openfst
def test_a_grammar_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="fstcompile"):
        write_graph(tmp_path, LETTERS, ["а"], "nonsense here\n")


def test_missing_tools_are_named_with_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.adapters.speech.graph._LIBRARIES", (str(tmp_path),))
    with pytest.raises(SettingsError, match="libfst-tools"):
        write_graph(tmp_path, LETTERS, ["а"], "")
