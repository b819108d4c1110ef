"""The n-grams of the recipe: shares that sum to one, classes, and the acceptor they are written as."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest
from recipe.ngram import END, START, Counts, Grammar, Texts, class_shares

WORDS = ("вода", "горячая", "иванова", "кукушкина", "меня", "нет", "у")
CLASSES = {"<surname>": {"иванова": 3.0, "кукушкина": 1.0}}
BACKGROUND = dict.fromkeys(WORDS, 1.0)


def a_grammar(talk_weight: float = 6.0, **options: float | None) -> Grammar:
    grown, talk = Counts(), Counts()
    for sentence in ("у меня нет", "нет", "меня <surname>", "меня <surname>") * 6:
        grown.add(sentence.split())
    for sentence in ("у меня вода горячая", "вода горячая", "вода горячая"):
        talk.add(sentence.split())
    return Grammar(Texts(grown, talk, talk_weight, 3.0, BACKGROUND, 0.6), CLASSES, WORDS, **options)


@pytest.mark.parametrize("history", [(), (START,), ("у",), ("у", "меня"), ("<surname>",), ("нет", "нет")])
@pytest.mark.parametrize("ngrams", [None, 4, 0])
def test_the_shares_after_any_history_sum_to_one(history: tuple[str, ...], ngrams: int | None) -> None:
    grammar = a_grammar(ngrams=ngrams)
    tokens = [*WORDS, *CLASSES, END]
    assert sum(grammar.share(history, token) for token in tokens) == pytest.approx(1, abs=0.02)


def test_what_was_said_after_a_history_is_likelier_than_what_was_not() -> None:
    grammar = a_grammar()
    assert grammar.share(("у", "меня"), "нет") > 2 * grammar.share(("у", "меня"), "у")
    assert grammar.share((), "у") > 0


def test_of_all_ngrams_those_stay_that_tell_most() -> None:
    whole, some, none = a_grammar(), a_grammar(ngrams=8), a_grammar(ngrams=0)
    assert len(none.text()) < len(some.text()) < len(whole.text())
    history = ("<surname>",)
    assert some.share(history, END) == pytest.approx(whole.share(history, END), rel=0.1)
    assert none.share(history, END) == none.share((), END)


def test_the_weight_of_talk_is_for_what_was_written_by_hand_and_against_what_was_grown() -> None:
    light, heavy = a_grammar(talk_weight=1.0), a_grammar(talk_weight=6.0)
    for history, token in ((("у", "меня"), "вода"), (("вода",), "горячая"), ((), "вода")):
        assert heavy.share(history, token) > light.share(history, token)
    assert heavy.share(("у", "меня"), "нет") < light.share(("у", "меня"), "нет")


def costs(grammar: Grammar) -> dict[int, list[tuple[int, int, float]]]:
    """Arcs of the acceptor: from each state (to, label, cost); -1 for a final state."""
    arcs: defaultdict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for line in grammar.text().splitlines():
        fields = line.split("\t")
        if len(fields) == 2:
            arcs[int(fields[0])].append((-1, 0, float(fields[1])))
        else:
            assert fields[2] == fields[3]
            arcs[int(fields[0])].append((int(fields[1]), int(fields[2]), float(fields[4])))
    return arcs


def cheapest(grammar: Grammar, sentence: str) -> float:
    """The cost of a sentence on the cheapest way through the acceptor."""
    arcs, labels = costs(grammar), {word: n for n, word in enumerate(WORDS, start=1)}
    here = _silent({0: 0.0}, arcs)
    for word in sentence.split():
        there: dict[int, float] = {}
        for state, cost in here.items():
            for target, label, more in arcs[state]:
                if label == labels[word] and target >= 0:
                    there[target] = min(there.get(target, math.inf), cost + more)
        here = _silent(there, arcs)
    ends = [cost + more for state, cost in here.items() for target, _, more in arcs[state] if target == -1]
    return min(ends, default=math.inf)


def _silent(states: dict[int, float], arcs: dict[int, list[tuple[int, int, float]]]) -> dict[int, float]:
    found, waiting = dict(states), list(states)
    while waiting:
        state = waiting.pop()
        for target, label, more in arcs[state]:
            if label == 0 and target >= 0 and found[state] + more < found.get(target, math.inf) - 1e-9:
                found[target] = found[state] + more
                waiting.append(target)
    return found


def test_every_sentence_of_known_words_can_be_said_and_a_likely_one_is_cheaper() -> None:
    grammar = a_grammar(scale=1.0)
    assert cheapest(grammar, "у меня нет") < cheapest(grammar, "нет меня у") < math.inf


def test_a_surname_no_sentence_has_stands_where_the_others_do() -> None:
    grammar = a_grammar(scale=1.0)
    known, new = cheapest(grammar, "меня иванова"), cheapest(grammar, "меня кукушкина")
    assert new - known == pytest.approx(math.log(3), abs=0.4)
    assert new < cheapest(grammar, "у кукушкина")


def test_the_scale_weighs_every_cost_and_the_penalty_every_word() -> None:
    whole, half = cheapest(a_grammar(scale=1.0), "у меня"), cheapest(a_grammar(scale=0.5), "у меня")
    assert half == pytest.approx(whole / 2, abs=0.01)
    assert cheapest(a_grammar(scale=1.0, penalty=0.5), "у меня") == pytest.approx(whole + 1.0, abs=0.01)


def test_the_words_of_a_class_are_as_likely_as_said_and_none_is_impossible() -> None:
    from collections import Counter

    shares = class_shares(Counter({"иванова": 8}), ["иванова", "петрова"], floor=2.0)
    assert shares == {"иванова": 10.0, "петрова": 2.0}
