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
_DISCOUNT = 0.6
# Share kept after a history for what no sentence had: callers say far more than was written for them, but a number, a
# name, a beginning go on as they do in the sentences. Found by the perplexity of the development messages.
_DOUBT, _DOUBT_AFTER_START, _DOUBT_AFTER_CLASS, _DOUBT_AFTER_NUMERAL = 0.7, 0.4, 0.2, 0.1


@dataclass(slots=True)
class Counts:
    """How often each token followed each history of up to two tokens."""

    after: dict[History, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, tokens: Sequence[str], weight: float = 1.0) -> None:
        """One sentence; a token in angle brackets is a class."""
        history: History = (START,)
        for token in (*tokens, END):
            for start in range(len(history) + 1):
                self.after[history[start:]][token] += weight  # type: ignore[assignment]
            history = _moved(history, token)


def _moved(history: History, token: str) -> History:
    """What is remembered after a token; a class stands alone."""
    return (token,) if token.startswith("<") else (*history, token)[-2:]


class Grammar:
    """The back-off acceptor.

    Args:
        counts: of the sentences.
        classes: words of each class with their shares.
        background: shares of single words in general speech.
        words: the vocabulary; word n has label n + 1.
        numerals: those of the words that make up numbers.
        domain_share: of the sentences in the share of a single word; the rest is general speech.
        scale: how much the language model weighs against the network.
        penalty: cost of every word.
        trigrams: how many are kept at most.
    """

    def __init__(
        self,
        counts: Counts,
        classes: Mapping[str, Mapping[str, float]],
        background: Mapping[str, float],
        words: Sequence[str],
        *,
        numerals: Iterable[str] = (),
        domain_share: float = 0.4,
        scale: float = 1.0,
        penalty: float = 0.0,
        trigrams: int | None = None,
    ) -> None:
        self._label = {word: label for label, word in enumerate(words, start=1)}
        self._classes, self._scale, self._penalty = classes, scale, penalty
        self._after = {
            history: followers
            for history, seen in counts.after.items()
            if history and (followers := self._kept(history, seen))
        }
        self._spread = {
            history: _spread(seen, self._doubt(history[-1], frozenset(numerals)))
            for history, seen in self._after.items()
        }
        self._single = self._mixed(counts.after[()], background, domain_share)
        if trigrams is not None:
            self._forget_all_but(trigrams)
        self._states: dict[History, int] = {}
        self._lines: list[str] = []

    def _doubt(self, last: str, numerals: frozenset[str]) -> float:
        if last == START:
            return _DOUBT_AFTER_START
        if last in numerals:
            return _DOUBT_AFTER_NUMERAL
        return _DOUBT_AFTER_CLASS if last in self._classes else _DOUBT

    def _kept(self, history: History, seen: Counter[str]) -> dict[str, float]:
        least = len(history) + 1
        known = {token: count for token, count in seen.items() if self._known(token) and count >= least}
        return known if len(history) < 2 or sum(known.values()) >= 4 else {}

    def _known(self, token: str) -> bool:
        return token == END or token in self._classes or token in self._label

    def _mixed(self, seen: Counter[str], background: Mapping[str, float], share: float) -> dict[str, float]:
        known = {token: count for token, count in seen.items() if self._known(token)}
        total = sum(known.values())
        general = sum(background.values())
        single = {token: share * count / total for token, count in known.items()}
        for word in self._label:
            single[word] = single.get(word, 0.0) + (1 - share) * background.get(word, 0.0) / general
        return single

    def share(self, history: History, token: str) -> float:
        """Probability of a token after a history."""
        if not history:
            return self._single[token]
        lower = self.share(history[1:], token)
        seen = self._after.get(history)
        if seen is None:
            return lower
        kept, left = self._spread[history]
        return (1 - left) * max(seen.get(token, 0.0) - _DISCOUNT, 0.0) / kept + left * lower

    def _forget_all_but(self, trigrams: int) -> None:
        """Keep the trigrams that tell most beyond their bigrams (entropy pruning, Stolcke 1998)."""
        long = [history for history in self._after if len(history) == 2]
        gains = {
            (history, token): count * math.log(self.share(history, token) / self._lesser(history, token))
            for history in long
            for token, count in self._after[history].items()
        }
        kept: dict[History, dict[str, float]] = defaultdict(dict)
        for history, token in sorted(gains, key=lambda one: -gains[one])[:trigrams]:
            kept[history][token] = self._after[history][token]
        for history in long:
            followers = kept.get(history)
            if followers is None:
                del self._after[history], self._spread[history]
                continue
            before, left = self._spread[history]
            now = sum(max(count - _DISCOUNT, 0.0) for count in followers.values())
            self._after[history], self._spread[history] = followers, (now, 1 - (1 - left) * now / before)

    def _lesser(self, history: History, token: str) -> float:
        """Probability of a token after a history that knows nothing of it."""
        return self._spread[history][1] * self.share(history[1:], token)

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
            self._arc(history, back, 0, -self._scale * math.log(self._spread[history][1]))

    def _write_class(self, name: str, members: Mapping[str, float]) -> None:
        total = sum(members.values())
        for word, share in members.items():
            cost = -self._scale * math.log(share / total) + self._penalty
            self._arc(("in", name), self._known_history((name,)), self._label[word], cost)

    def _known_history(self, history: History) -> History:
        while history and history not in self._after:
            history = history[1:]
        return history


def _spread(seen: Mapping[str, float], doubt: float) -> tuple[float, float]:
    """What is kept of the counts after a history, and the share that is left for all else."""
    kept = sum(max(count - _DISCOUNT, 0.0) for count in seen.values())
    whole = sum(seen.values())
    return kept, max(1 - kept / whole, doubt)


def _by_state(line: str) -> int:
    return int(line.split("\t", 1)[0])


def class_shares(seen: Counter[str], listed: Iterable[str], floor: float) -> dict[str, float]:
    """Shares of a class's words: as often as said in the sentences, none below the floor."""
    shares = dict.fromkeys(listed, floor)
    for word, count in seen.items():
        shares[word] = shares.get(word, 0.0) + count
    return shares
