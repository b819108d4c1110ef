"""From sentences to the grammar of the model."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipe.ngram import Counts, Grammar, Texts, class_shares
from recipe.numbers import NUMERALS
from recipe.sentences import Caller
from recipe.words import general, inflected, lines, patronymics, people, places, streets, surnames, vocabulary

MESSAGES = 150_000
NGRAMS = 150_000  # as many as the size of the model allows
_TALK_WEIGHT, _TALK_WEIGHT_FIRM = 20.0, 4.0
_DOMAIN_SHARE = 0.75
_MEDIUM = 4.0  # Zipf
_NEVER_COUNTED = 0.3  # uses in a million of a word of the vocabulary that the frequency list has not


def _listed() -> dict[str, list[str]]:
    """All words of each class."""
    adjectives = streets("adjectives")
    sons = [patronymics(person.name) for person in people("men")]
    return {
        "surname_m": [man for man, _ in surnames()],
        "surname_f": [woman for _, woman in surnames()],
        "name_m": [person.name for person in people("men")],
        "name_f": [person.name for person in people("women")],
        "patronymic_m": [forms[n] for forms in sons for n in range(0, len(forms), 2)],
        "patronymic_f": [forms[n] for forms in sons for n in range(1, len(forms), 2)],
        "street": streets("others"),
        **{
            f"street_{case}": [inflected(street, {"femn", "sing", case}) for street in adjectives]
            for case in ("nomn", "gent", "loct")
        },
        "place": [name for name, _ in places()],
        "place_in": [within for _, within in places()],
    }


def _pieces(message: str, chance: random.Random) -> list[list[str]]:
    """A message as the recogniser gets it: whole, or cut where the caller drew breath."""
    words = message.split()
    if len(words) > 6 and chance.random() < 0.3:
        cut = chance.randint(2, len(words) - 2)
        return [words[:cut], words[cut:]]
    return [words]


def grown(messages: int, seed: int = 7) -> tuple[Counts, dict[str, dict[str, float]]]:
    """Counts of so many grown messages, and the shares of the words in each class."""
    caller, chance, counts = Caller(seed, tagged=True), random.Random(seed), Counts()
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for _ in range(messages):
        for piece in _pieces(caller.message(), chance):
            tokens = []
            for word, _, kind in (token.partition("/") for token in piece):
                tokens.append(f"<{kind}>" if kind else word)
                if kind:
                    members[kind][word] += 1
            counts.add(tokens)
    listed = _listed()
    known = set(vocabulary())
    shares = {
        f"<{kind}>": class_shares(members[kind], [word for word in words if word in known], 2.0 + messages / 50_000)
        for kind, words in listed.items()
    }
    return counts, {kind: {w: s for w, s in found.items() if w in known} for kind, found in shares.items()}


def talk() -> Counts:
    """Counts of the lines written by hand."""
    counts = Counts()
    for line in lines("talk.txt"):
        counts.add(line.split())
    return counts


def background(words: Sequence[str]) -> dict[str, float]:
    """How often each word is used in a million words of general Russian."""
    uses = {word: 10 ** (zipf - 3) for word, zipf in general().items()}
    return {word: uses.get(word, _NEVER_COUNTED) for word in words}


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The grammar in OpenFst's text, and a member of each class, so that words can be added beside it later."""

    grammar: str
    examples: dict[str, str]


def language_model(
    messages: int = MESSAGES,
    *,
    scale: float = 1.0,
    penalty: float = 0.0,
    ngrams: int = NGRAMS,
) -> LanguageModel:
    """The acceptor for Gr.fst over the labels of the vocabulary."""
    words = vocabulary()
    counts, classes = grown(messages)
    said = talk()
    texts = Texts(counts, said, _TALK_WEIGHT, _TALK_WEIGHT_FIRM, background(words), _DOMAIN_SHARE)
    made = Grammar(texts, classes, words, numerals=NUMERALS, scale=scale, penalty=penalty, ngrams=ngrams)
    examples = {name.strip("<>"): _middling(members) for name, members in classes.items()}
    return LanguageModel(made.text(), examples | {"any": _uncounted(counts, said)})


def _middling(members: Mapping[str, float]) -> str:
    """A member of a class that is neither common nor rare."""
    return sorted(members, key=lambda word: (members[word], word))[len(members) // 2]


def _uncounted(*counts: Counts) -> str:
    """A word of medium frequency that no sentence has."""
    said = {word for one in counts for word in one.after[()]}
    return next(word for word, zipf in general().items() if zipf < _MEDIUM and word not in said)
