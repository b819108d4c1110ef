"""The municipality's places and streets in every form in which they are said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from ivr.language.morphology import Morphology
from ivr.language.sound import sound_of
from ivr.language.text import plain

_ALIKE_PLACES, _ALIKE_STREETS = 93, 84  # villages differ by a letter more often than streets do
_SHORTEST_FUZZY = 6
_LONGEST_NAME = 3
_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_OWN_ENDS = ("", "\u0430", "\u0443", "\u043e\u043c", "\u0435")
_O, _YE = "\u043e", "\u0435"
_FEMININE = ("\u0430\u044f", "\u044f\u044f", "\u044c\u044f")


@dataclass(frozen=True, slots=True)
class Named:
    """A name found in a text.

    Attributes:
        name: in the nominative, as it is written.
        start, end: its words.
        exact: said just so; otherwise it only sounds so.
        case: grammatical case of the form, "" when it does not show.
        adjective: dictionary form of a street that is an adjective, so that it can take another gender; "" otherwise.
    """

    name: str
    start: int
    end: int
    exact: bool = True
    case: str = ""
    adjective: str = ""


class Gazetteer:
    """Finds names of places and streets, bent, torn or misheard.

    Args:
        localities, streets: as they are written, in the nominative.
        morphology: forms of words.
    """

    def __init__(self, localities: Iterable[str], streets: Iterable[str], morphology: Morphology) -> None:
        self._morphology = morphology
        self._localities = _Forms(_ALIKE_PLACES)
        self._streets = _Forms(_ALIKE_STREETS)
        for name in localities:
            for case, form in _bent(name, morphology).items():
                self._localities.add(form, name, case)
            for own in _own_forms(name):
                self._localities.add((own,), name, "")
        self._adjectives: dict[str, str] = {}
        for name in streets:
            lemma = _adjective(name, morphology)
            if lemma:
                self._adjectives[lemma] = name
                for case, form in _bent(name, morphology).items():
                    self._streets.add(form, name, case, lemma)
            else:
                self._streets.add(tuple(map(plain, name.split())), name, "")

    def is_locality(self, word: str) -> bool:
        """The word is a locality in some form."""
        return self._localities.has(word)

    def is_street(self, word: str) -> bool:
        """The word is a street as it is written."""
        return self._streets.has(word)

    def locality(self, words: Sequence[str], place: int, *, fuzzy: bool = False) -> Named | None:
        """The locality that begins at this word."""
        unknown = self._unknown(words, place)
        return self._localities.at(words, place, unknown or fuzzy, unknown)

    def street(self, words: Sequence[str], place: int, *, fuzzy: bool = False) -> Named | None:
        """The street that begins at this word; an adjective may have any gender here."""
        unknown = self._unknown(words, place)
        found = self._streets.at(words, place, unknown or fuzzy, unknown)
        return found or self._adjective_street(words, place)

    def _adjective_street(self, words: Sequence[str], place: int) -> Named | None:
        for parse in self._morphology.parses(words[place]):
            lemma = plain(str(parse.normal_form))
            if "ADJF" in parse.tag and lemma in self._adjectives:
                return Named(self._adjectives[lemma], place, place + 1, True, str(parse.tag.case or ""), lemma)
        return None

    def _unknown(self, words: Sequence[str], place: int) -> bool:
        return not self._morphology.known(words[place])


class _Forms:
    """Names by their forms, found exactly, torn in two, or by their sound."""

    def __init__(self, alike: int) -> None:
        self._alike = alike
        self._by_words: dict[tuple[str, ...], tuple[str, str, str]] = {}
        self._by_sound: dict[str, tuple[str, str, str]] = {}
        self._joined: dict[str, tuple[str, ...]] = {}

    def add(self, form: tuple[str, ...], name: str, case: str, adjective: str = "") -> None:
        self._by_words.setdefault(form, (name, case, adjective))
        joined = "".join(form)
        self._joined.setdefault(joined, form)
        self._by_sound.setdefault(sound_of(joined), (name, case, adjective))

    def has(self, word: str) -> bool:
        """The word alone is one of the names."""
        return (word,) in self._by_words

    def at(self, words: Sequence[str], place: int, fuzzy: bool, unknown: bool) -> Named | None:
        """The name that begins here; `fuzzy`: by its sound as well, and by its letters if the word is unknown."""
        for length in range(min(_LONGEST_NAME, len(words) - place), 0, -1):
            found = self._by_words.get(tuple(words[place : place + length]))
            if found:
                return Named(found[0], place, place + length, True, found[1], found[2])
        torn = "".join(words[place : place + 2])
        if place + 1 < len(words) and torn in self._joined and len(self._joined[torn]) == 1 and len(words[place]) > 2:
            name, case, adjective = self._by_words[self._joined[torn]]
            return Named(name, place, place + 2, True, case, adjective)
        return self._by_ear(words[place], place, unknown) if fuzzy else None

    def _by_ear(self, word: str, place: int, likeness: bool) -> Named | None:
        if len(word) < _SHORTEST_FUZZY:
            return None
        alike = self._by_sound.get(sound_of(word))
        if alike is None and likeness:
            close = process.extractOne(word, self._joined.keys(), scorer=fuzz.ratio, score_cutoff=self._alike)
            begins = close is not None and sound_of(close[0][:1]) == sound_of(word[:1])
            alike = self._by_words[self._joined[close[0]]] if close and begins else None
        return Named(alike[0], place, place + 1, False, alike[1], alike[2]) if alike else None


def _adjective(name: str, morphology: Morphology) -> str:
    """The dictionary form of a street's name that is one feminine adjective; "" of any other name."""
    word = plain(name)
    if " " in name or not word.endswith(_FEMININE):
        return ""
    return next((plain(str(p.normal_form)) for p in morphology.parses(word) if "ADJF" in p.tag), "")


def _bent(name: str, morphology: Morphology) -> dict[str, tuple[str, ...]]:
    """A name in every case, word by word; what does not bend stays."""
    words = [plain(word) for word in name.split()]
    forms = [_cases(word, morphology) for word in words]
    return {case: tuple(form.get(case, word) for form, word in zip(forms, words, strict=True)) for case in _CASES}


def _cases(word: str, morphology: Morphology) -> dict[str, str]:
    """Forms of a word by case, in the number and gender in which it is said; the usual one of two forms."""
    for parse in morphology.parses(word):
        if parse.tag.case == "nomn" and parse.tag.POS in {"NOUN", "ADJF"}:
            found: dict[str, str] = {}
            for form in parse.lexeme:
                tag = form.tag
                same = tag.POS == parse.tag.POS and tag.number == parse.tag.number and tag.gender == parse.tag.gender
                if same:
                    found.setdefault(str(tag.case), plain(str(form.word)))
            return found
    return {}


def _own_forms(name: str) -> Iterable[str]:
    """Names in -ovo and -ino bend in people's mouths, whatever the dictionary says."""
    word = plain(name)
    if " " in name or word[-1:] not in (_O, _YE):
        return ()
    return (word, *(word[:-1] + end for end in _OWN_ENDS[1:]))
