"""The vocabulary: every word that the model can write, drawn from the lists of data/."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pymorphy3

DATA = Path(__file__).parent / "data"
CONFIG = Path(__file__).parents[2] / "config"
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_NUMERALS = (
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать тридцать сорок пятьдесят шестьдесят "
    "семьдесят восемьдесят девяносто сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот "
    "тысяча миллион"
).split()
_INFLECTED_SURNAMES = 700


@dataclass(frozen=True, slots=True)
class Person:
    """A given name with its familiar form ("" where none is usual)."""

    name: str
    familiar: str


@functools.cache
def morphology() -> pymorphy3.MorphAnalyzer:
    """The dictionary of Russian word forms."""
    return pymorphy3.MorphAnalyzer()


def lines(name: str) -> list[str]:
    """Lines of a list of data/, without remarks."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def general() -> dict[str, float]:
    """Frequent words with their Zipf frequency: the decimal logarithm of uses in a billion words."""
    return {word: float(zipf) for word, zipf in map(str.split, lines("general.txt"))}


def surnames() -> list[tuple[str, str]]:
    """Surnames of men and of women, the commonest first."""
    return [(man, woman) for man, woman in map(str.split, lines("surnames.txt"))]


@functools.cache
def people(section: str) -> tuple[Person, ...]:
    """The given names of `men` or of `women`."""
    found, current = [], ""
    for line in lines("names.txt"):
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section:
            name, _, familiar = line.partition(" ")
            found.append(Person(name, familiar))
    return tuple(found)


def patronymics(father: str) -> tuple[str, ...]:
    """Patronymics of a son and of a daughter, the full forms first, then those of quick speech."""
    irregular = {
        "илья": ("ильич", "ильинична"),
        "лука": ("лукич", "лукинична"),
        "фома": ("фомич", "фоминична"),
        "кузьма": ("кузьмич", "кузьминична"),
        "никита": ("никитич", "никитична"),
        "данила": ("данилович", "даниловна"),
        "савелий": ("савельевич", "савельевна"),
        "лев": ("львович", "львовна"),
        "павел": ("павлович", "павловна", "палыч", "пална"),
        "пётр": ("петрович", "петровна"),
        "яков": ("яковлевич", "яковлевна"),
        "михаил": ("михайлович", "михайловна", "михалыч"),
        "гавриил": ("гаврилович", "гавриловна"),
        "иван": ("иванович", "ивановна", "иваныч", "иванна"),
        "александр": ("александрович", "александровна", "саныч", "санна"),
        "николай": ("николаевич", "николаевна", "николаич"),
        "алексей": ("алексеевич", "алексеевна", "алексеич"),
        "сергей": ("сергеевич", "сергеевна", "сергеич"),
        "андрей": ("андреевич", "андреевна", "андреич"),
        "степан": ("степанович", "степановна", "степаныч"),
        "прохор": ("прохорович", "прохоровна"),
    }
    if father in irregular:
        return irregular[father]
    if father.endswith("ий") and father not in ("дмитрий", "георгий"):
        stem = father[:-2] + "ьев"
    elif father.endswith("ий") or father.endswith("й") or father.endswith("ь"):
        stem = father[:-1] + "ев"
    else:
        stem = father + "ов"
    return stem + "ич", stem + "на"


def streets(section: str) -> list[str]:
    """Streets: `adjectives` (said in the feminine) or `others`."""
    found, current = [], ""
    for line in lines("streets.txt"):
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section:
            found.append(line.strip())
    return found


def places() -> list[tuple[str, str]]:
    """Towns and villages: how they are called, and after «in»."""
    return [(name, within) for name, within in map(str.split, lines("places.txt"))]


def forms(lemma: str) -> Iterator[str]:
    """Every form of a word but full participles, adverbial participles and forms of verse."""
    for parse in morphology().parse(lemma):
        if not parse.is_known or parse.normal_form.replace("ё", "е") != lemma.replace("ё", "е"):
            continue
        for form in parse.lexeme:
            marks = set(form.tag.grammemes)
            if not marks & {"GRND", "PRTF", "V-ey", "V-ej", "V-oy", "Supr", "V-be", "V-ie"}:
                yield form.word


def inflected(word: str, marks: Iterable[str]) -> str:
    """A word in the form with these grammemes, or as it is when it has none."""
    for parse in morphology().parse(word):
        form = parse.inflect(set(marks))
        if form is not None:
            return str(form.word)
    return word


def surname_in(surname: str, case: str, *, woman: bool) -> str:
    """A surname in a case; those that do not bend stay."""
    for parse in morphology().parse(surname):
        if "Surn" in parse.tag and ("femn" if woman else "masc") in parse.tag:
            form = parse.inflect({"sing", case})
            if form is not None:
                return str(form.word)
    return surname


def everyday() -> list[str]:
    """Words of complaints and requests in their first form."""
    return " ".join(lines("everyday.txt")).split()


def as_said() -> list[str]:
    """Words that have no other form; an underscore stands where writing has a hyphen or a space."""
    return [part for word in " ".join(lines("as-said.txt")).split() for part in word.split("_")]


def _said_in_sentences() -> set[str]:
    """Words of the hand-written sentences."""
    text = " ".join(line for name in ("slots.txt", "templates.txt", "talk.txt") for line in lines(name))
    return set(re.findall("[а-яё]+", text))


def _topic_lemmas() -> Iterator[str]:
    topics = tomllib.loads((CONFIG / "topics.ru.toml").read_text(encoding="utf-8"))["topics"]
    for topic in topics.values():
        for weight in ("strong", "medium", "weak"):
            yield from topic.get(weight, ())
        yield from (word for pair in topic.get("pairs", ()) for word in pair)
        yield from topic["title"].lower().split()


def _lexicon_words(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for value in table.values():
            yield from _lexicon_words(value)
    elif isinstance(table, list):
        for phrase in table:
            yield from str(phrase).split()


def own_lemmas() -> Iterator[str]:
    """First forms of the words of complaints, topics, facts and of the hand-written sentences."""
    yield from everyday()
    yield from _topic_lemmas()
    for word in _said_in_sentences():
        yield from (parse.normal_form for parse in morphology().parse(word)[:1])


def _all_words() -> Iterator[str]:
    frequent = general()
    yield from frequent
    for lemma in own_lemmas():
        yield lemma
        yield from (form for form in forms(lemma) if form in frequent)
    yield from _said_in_sentences()
    lexicon = tomllib.loads((CONFIG / "lexicon.ru.toml").read_text(encoding="utf-8"))
    for lemma in (*_lexicon_words(lexicon), *_NUMERALS):
        yield lemma
        yield from forms(lemma)
    yield from as_said()
    for rank, (man, woman) in enumerate(surnames()):
        yield from (man, woman)
        if rank < _INFLECTED_SURNAMES:
            yield from (surname_in(man, case, woman=False) for case in CASES)
            yield from (surname_in(woman, case, woman=True) for case in CASES)
    for section in ("men", "women"):
        for person in people(section):
            for name in filter(None, (person.name, person.familiar)):
                yield name
                yield from (inflected(name, {"sing", case}) for case in CASES)
    for father in people("men"):
        for patronymic in patronymics(father.name):
            yield patronymic
            yield from (inflected(patronymic, {"sing", case}) for case in CASES)
    for street in streets("adjectives"):
        yield street
        yield from (inflected(street, {"femn", "sing", case}) for case in CASES)
        yield from (inflected(street, {"masc", "sing", case}) for case in CASES)
    yield from streets("others")
    yield from (word for place in places() for word in place)


@functools.cache
def vocabulary() -> tuple[str, ...]:
    """Every word, once, in alphabetical order; only those that the letters of the network can spell."""
    return tuple(sorted(word for word in set(_all_words()) if word and set(word) <= set(LETTERS)))
