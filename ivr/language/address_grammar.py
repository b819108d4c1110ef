"""Grammar of addresses: cases, genders and words that surround the names of streets and places."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology

_O = "\u043e"
TAKEN = "\u2205"  # stands for words that belong to a telephone number or to the caller's name


class AddressGrammar:
    """What can be said of single words of an address.

    Args:
        lexicon: the lists of `[addresses]`.
        morphology: forms of words.
    """

    def __init__(self, lexicon: Lexicon, morphology: Morphology) -> None:
        self.lexicon, self.morphology = lexicon, morphology
        self._lists = lexicon.section("addresses")
        self.matters = frozenset(word for topic in lexicon.topics for word in topic.weights)

    def has(self, group: str, word: str) -> bool:
        """The word is in a list of addresses."""
        return word in self._lists.get(group, frozenset())

    def gender(self, group: str, word: str) -> str:
        """Grammatical gender of «street», «lane», «village» and the like."""
        for gender in ("masc", "neut"):
            if self.has(f"{group}_{gender}", word):
                return gender
        return "femn"

    def adjective(self, word: str, gender: str) -> str | None:
        """The word in the nominative, if it is an adjective in some form of this gender."""
        for parse in self.morphology.parses(word):
            if "ADJF" in parse.tag and "Anum" not in parse.tag and "Apro" not in parse.tag and gender in parse.tag:
                form = parse.inflect({"nomn", "sing", gender})
                if form is not None:
                    return str(form.word)
        return None

    def in_gender(self, lemma: str, gender: str) -> str:
        """An adjective in the nominative of a gender."""
        return self._adjective_of(lemma, gender) or lemma

    def _adjective_of(self, lemma: str, gender: str) -> str | None:
        for parse in self.morphology.parses(lemma):
            form = parse.inflect({"nomn", "sing", gender}) if "ADJF" in parse.tag else None
            if form is not None:
                return str(form.word)
        return None

    def agrees(self, words: Sequence[str], place: int, gender: str) -> bool:
        """The word can have this gender."""
        return any(gender in parse.tag for parse in self.morphology.parses(words[place]))

    def same_case(self, adjective: str, noun: str) -> bool:
        """Both can stand in one case."""
        cases = {parse.tag.case for parse in self.morphology.parses(adjective) if "ADJF" in parse.tag}
        return bool(cases & {parse.tag.case for parse in self.morphology.parses(noun)}) or len(noun) < 4

    def noun_follows(self, words: Sequence[str], place: int, end: int = 0) -> bool:
        """The word is an ordinary adjective of the noun after it («the central square»)."""
        after = end or place + 1
        following = words[after] if after < len(words) else ""
        if len(following) < 3 or self.has("street_types", following) or self.has("house", following):
            return False
        adjectives = [p.tag for p in self.morphology.parses(words[place]) if "ADJF" in p.tag]
        return any(
            parse.tag.POS == "NOUN" and parse.score > 0.1 and parse.tag.case == tag.case
            and (parse.tag.gender == tag.gender or tag.number == "plur") and parse.tag.number == tag.number
            for parse in self.morphology.parses(following) for tag in adjectives
        )  # fmt: skip

    def is_genitive(self, word: str) -> bool:
        """A noun in the genitive that a street may be named after."""
        if self.has("not_names", word):
            return False
        parses = [p for p in self.morphology.parses(word) if p.tag.POS == "NOUN" and p.tag.case == "gent"]
        return any("anim" in p.tag or "Surn" in p.tag for p in parses) or (bool(parses) and parses[0].score > 0.2)

    def is_surname(self, word: str) -> bool:
        """A surname in the genitive, that a street may bear."""
        return any("Surn" in parse.tag and parse.tag.case == "gent" for parse in self.morphology.parses(word))

    def is_first_name(self, word: str) -> bool:
        """A given name in some case."""
        return any("Name" in parse.tag for parse in self.morphology.parses(word))

    def nominative(self, word: str) -> str:
        """The name of a place in the nominative; people in the genitive plural stay so."""
        parses = self.morphology.parses(word)
        if any({"plur", "gent", "anim"} <= set(parse.tag.grammemes) for parse in parses[:2]):
            return word
        if not self.morphology.known(word):
            neuter = tuple(self.lexicon.words.get("addresses.neuter_ends", ()))
            if word[:-1].endswith(neuter):
                return word[:-1] + _O
        for parse in parses:
            if parse.tag.case == "nomn":
                return word
        form = parses[0].inflect({"nomn"}) if parses else None
        return str(form.word) if form else word

    def denied(self, words: Sequence[str], start: int) -> bool:
        """«Not …»."""
        return start > 0 and self.has("denials", words[start - 1])

    def takes_back(self, words: Sequence[str], end: int, start: int) -> bool:
        """Words between two facts take the first one back."""
        return any(self.has("corrections", word) for word in words[end:start])


def titled(name: str) -> str:
    """A name as it is written, each word with a capital."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split())
