"""The language model: a trigram with classes (surnames, names, streets...), as a back-off acceptor for Gr.fst.

A class is entered from any history by one silent arc and left into a history of its own, so a thousand surnames cost
a thousand arcs, and a surname that no sentence has is as likely as its neighbours.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

START, END = "<s>", "</s>"
History = tuple[str, ...]
_GROWN_DISCOUNT, _TALK_DISCOUNT = 0.6, 0.9
# Share kept after a history for what no grown sentence had: callers say far more than was written for them, but a
# number, a name, a beginning go on as they do in the sentences. Found by the perplexity of the development messages.
_DOUBT, _DOUBT_AFTER_START, _DOUBT_AFTER_CLASS, _DOUBT_AFTER_NUMERAL = 0.8, 0.4, 0.2, 0.1


@dataclass(slots=True)
class Counts:
    """How often each token followed each history of up to two tokens."""

    after: dict[History, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, tokens: Sequence[str]) -> None:
        """One sentence; a token in angle brackets is a class."""
        history: History = (START,)
        for token in (*tokens, END):
            for start in range(len(history) + 1):
                self.after[history[start:]][token] += 1
            history = _moved(history, token)


def _moved(history: History, token: str) -> History:
    """What is remembered after a token; a class stands alone."""
    return (token,) if token.startswith("<") else (*history, token)[-2:]


@dataclass(frozen=True, slots=True)
class Texts:
    """What the grammar learns from.

    Attributes:
        grown: counts of sentences grown from templates; there are as many as one likes, so they tell little of what
            else may follow.
        talk: counts of lines that people wrote by hand. talk_weight: how many grown tokens a token of theirs is worth.
        talk_weight_firm: the same where callers go on as the grown sentences do: first words, numbers, after names.
        background: shares of single words in general speech.
        domain_share: of the sentences in the share of a single word; the rest is general speech.
    """

    grown: Counts
    talk: Counts
    talk_weight: float
    talk_weight_firm: float
    background: Mapping[str, float]
    domain_share: float


class Grammar:
    """The back-off acceptor.

    Args:
        texts: what it learns from.
        classes: words of each class with their shares.
        words: the vocabulary; word n has label n + 1.
        numerals: those of the words that make up numbers.
        scale: how much the language model weighs against the network.
        penalty: cost of every word.
        ngrams: how many bigrams and trigrams are kept at most.
    """

    def __init__(
        self,
        texts: Texts,
        classes: Mapping[str, Mapping[str, float]],
        words: Sequence[str],
        *,
        numerals: Iterable[str] = (),
        scale: float = 1.0,
        penalty: float = 0.0,
        ngrams: int | None = None,
    ) -> None:
        self._label = {word: label for label, word in enumerate(words, start=1)}
        self._texts, self._classes, self._numerals = texts, classes, frozenset(numerals)
        self._scale, self._penalty = scale, penalty
        self._single = self._mixed()
        self._after: dict[History, dict[str, float]] = {}
        self._left: dict[History, float] = {}
        self._weight: dict[History, float] = {}
        for history in {**texts.grown.after, **texts.talk.after}:
            if history:
                self._learn(history)
        if ngrams is not None:
            self._forget_all_but(ngrams)
        self._states: dict[History, int] = {}
        self._lines: list[str] = []

    def _mixed(self) -> dict[str, float]:
        """Shares of single words."""
        texts = self._texts
        said: dict[str, float] = defaultdict(float)
        for counts, weight in ((texts.grown, 1.0), (texts.talk, texts.talk_weight)):
            for token, count in counts.after[()].items():
                if self._known(token):
                    said[token] += count * weight
        total, general = sum(said.values()), sum(texts.background.values())
        single = {token: texts.domain_share * count / total for token, count in said.items()}
        for word in self._label:
            heard = texts.background.get(word, 0.0) / general
            single[word] = single.get(word, 0.0) + (1 - texts.domain_share) * heard
        return single

    def _learn(self, history: History) -> None:
        """What follows a history by both kinds of text, each in proportion to how often it has it."""
        texts, whole = self._texts, 0.0
        shares: dict[str, float] = defaultdict(float)
        grown, talk = texts.grown.after.get(history, Counter()), texts.talk.after.get(history, Counter())
        firm = history == (START,) or history[-1] in self._numerals or history[-1] in self._classes
        for seen, least, weight, discount, doubt in (
            (grown, len(history) + 1, 1.0, _GROWN_DISCOUNT, self._doubt(history[-1])),
            (talk, 1, texts.talk_weight_firm if firm else texts.talk_weight, _TALK_DISCOUNT, 0.0),
        ):
            known = {token: count for token, count in seen.items() if count >= least and self._known(token)}
            if not known:
                continue
            total = sum(known.values())
            share = 1 - max(discount * len(known) / total, doubt)
            kept = total - discount * len(known)
            for token, count in known.items():
                shares[token] += weight * total * share * (count - discount) / kept
            whole += weight * total
        if whole:
            self._keep(history, {token: share / whole for token, share in shares.items()}, whole)

    def _keep(self, history: History, shares: dict[str, float], weight: float) -> None:
        self._after[history], self._left[history] = shares, 1 - sum(shares.values())
        self._weight[history] = weight

    def _doubt(self, last: str) -> float:
        if last == START:
            return _DOUBT_AFTER_START
        if last in self._numerals:
            return _DOUBT_AFTER_NUMERAL
        return _DOUBT_AFTER_CLASS if last in self._classes else _DOUBT

    def _known(self, token: str) -> bool:
        return token == END or token in self._classes or token in self._label

    def share(self, history: History, token: str) -> float:
        """Probability of a token after a history."""
        if not history:
            return self._single[token]
        lower = self.share(history[1:], token)
        if history not in self._after:
            return lower
        return self._after[history].get(token, 0.0) + self._left[history] * lower

    def _forget_all_but(self, ngrams: int) -> None:
        """Keep those that tell most beyond what is known without them (entropy pruning, Stolcke 1998)."""
        gains: dict[tuple[History, str], float] = {}
        for history, followers in self._after.items():
            for token in followers:
                share, lesser = self.share(history, token), self._left[history] * self.share(history[1:], token)
                gains[history, token] = self._weight[history] * share * math.log(share / lesser)
        kept: dict[History, dict[str, float]] = defaultdict(dict, {(START,): {}})
        for history, token in sorted(gains, key=lambda one: -gains[one])[:ngrams]:
            kept[history][token] = self._after[history][token]
        weights, self._after, self._left, self._weight = self._weight, {}, {}, {}
        for history, followers in kept.items():
            self._keep(history, followers, weights[history])

    def text(self) -> str:
        """The acceptor in OpenFst's text; the first state is the start of a sentence."""
        self._state((START,))
        for history in [(), *self._after]:
            self._write(history)
        for name, members in self._classes.items():
            self._write_class(name, members)
        return "".join(sorted(self._lines, key=_by_state))

    def _state(self, history: History) -> int:
        return self._states.setdefault(history, len(self._states))

    def _arc(self, source: History, target: History, label: int, cost: float) -> None:
        self._lines.append(f"{self._state(source)}\t{self._state(target)}\t{label}\t{label}\t{cost:.3f}\n")

    def _write(self, history: History) -> None:
        for token in self._after.get(history, self._single if not history else {}):
            cost = -self._scale * math.log(self.share(history, token))
            if token == END:
                self._lines.append(f"{self._state(history)}\t{cost:.3f}\n")
            elif token in self._classes:
                self._arc(history, ("in", token), 0, cost)
            else:
                after = self._known_history(_moved(history, token))
                self._arc(history, after, self._label[token], cost + self._penalty)
        if history:
            back = self._known_history(history[1:])
            self._arc(history, back, 0, -self._scale * math.log(self._left[history]))

    def _write_class(self, name: str, members: Mapping[str, float]) -> None:
        total = sum(members.values())
        for word, share in members.items():
            cost = -self._scale * math.log(share / total) + self._penalty
            self._arc(("in", name), self._known_history((name,)), self._label[word], cost)

    def _known_history(self, history: History) -> History:
        while history and history not in self._after:
            history = history[1:]
        return history


def _by_state(line: str) -> int:
    return int(line.split("\t", 1)[0])


def class_shares(seen: Counter[str], listed: Iterable[str], floor: float) -> dict[str, float]:
    """Shares of a class's words: as often as said in the sentences, none below the floor."""
    shares = dict.fromkeys(listed, floor)
    for word, count in seen.items():
        shares[word] = shares.get(word, 0.0) + count
    return shares
