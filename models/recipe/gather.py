"""Derives the word lists of data/ from free packages; run by hand when the lists shall change, not by `make model`.

    pip install wordfreq mimesis faker pymorphy3
    python -m recipe.gather

general.txt comes from wordfreq (CC BY-SA 4.0), surnames.txt from mimesis and faker (MIT) ordered by wordfreq, both
sifted with the OpenCorpora dictionary of pymorphy3 (CC BY-SA).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import mimesis
import pymorphy3
import wordfreq
from faker.providers.person.ru_RU import Provider

from recipe.words import forms, own_lemmas

DATA = Path(__file__).parent / "data"
FREQUENT, FREQUENT_OWN = 3.62, 2.75  # Zipf: uses in a billion words, as a decimal logarithm
SURNAMES = 2_600
_CYRILLIC = re.compile(r"[а-яё]+")
_PROPER = {"Name", "Surn", "Patr", "Geox", "Orgn", "Trad", "Abbr", "Init", "Erro"}
_OBSCENE = re.compile(r"(ху[йеяюё]|пизд|[еёи]б(а|у|л|ну|ёт)|бля|муда|пидор|сука|шлюх).*|.*(хуй|пизд|еба[лнт]|ёб).*")
_SURNAME = re.compile(r".{2,}(ов|ев|ёв|ин|ын|ский|цкий|ской|ко|ук|юк|ик|ак|як|ых|их|ец|ян|ой|ер|ич|ль|рь|аз|уз|оз)")


def general_words(morphology: pymorphy3.MorphAnalyzer) -> list[tuple[str, float]]:
    """Frequent Russian words and the usual forms of our own words, ё restored, with their Zipf frequency.

    Proper names are left out.
    """
    own = {form.replace("ё", "е") for lemma in own_lemmas() for form in (lemma, *forms(lemma))}
    found: dict[str, float] = {}
    for word in wordfreq.top_n_list("ru", 290_000, wordlist="large"):
        lone_letter = len(word) == 1 and word not in "авикосуюя"
        if _CYRILLIC.fullmatch(word) is None or _OBSCENE.fullmatch(word) or lone_letter:
            continue
        zipf = wordfreq.zipf_frequency(word, "ru")
        if zipf < (FREQUENT_OWN if word.replace("ё", "е") in own else FREQUENT):
            continue
        parses = [parse for parse in morphology.parse(word) if parse.is_known]
        if parses and not all(_PROPER & set(parse.tag.grammemes) for parse in parses[:2]):
            found.setdefault(with_yo(word, morphology), zipf)
    return list(found.items())


def with_yo(word: str, morphology: pymorphy3.MorphAnalyzer) -> str:
    """The dictionary's spelling with ё, where every reading of the word has it."""
    spellings = {parse.word for parse in morphology.parse(word) if parse.is_known}
    return spellings.pop() if len(spellings) == 1 else word


def surnames(morphology: pymorphy3.MorphAnalyzer) -> list[tuple[str, str]]:
    """Surnames of men and of women, the commonest first."""
    people = json.loads((Path(mimesis.__path__[0]) / "datasets/ru/person.json").read_text(encoding="utf-8"))
    commonest = [name.lower() for name in Provider.last_names_male]
    listed = [name.lower() for name in people["surnames"]["male"]]
    derived = []
    for word in wordfreq.top_n_list("ru", 250_000, wordlist="large"):
        if _CYRILLIC.fullmatch(word) is None or _SURNAME.fullmatch(word) is None:
            continue
        parse = morphology.parse(word)[0]
        if parse.is_known and "Surn" in parse.tag and {"nomn", "sing"} <= set(parse.tag.grammemes):
            derived.append(parse.word)
    others = {man: _use(man) for man in listed + derived if _CYRILLIC.fullmatch(man) and man not in commonest}
    men = [*commonest, *sorted(others, key=lambda man: -others[man])][:SURNAMES]
    return [(man, feminine(man)) for man in men]


def _use(man: str) -> float:
    """How common a surname is: by its feminine form, which is seldom an ordinary word or a town."""
    woman = feminine(man)
    return wordfreq.word_frequency(woman, "ru") * (1.0 if woman != man else 0.3)


def feminine(man: str) -> str:
    """The surname of his wife or daughter."""
    if man.endswith(("ский", "цкий")):
        return man[:-2] + "ая"
    if man.endswith("ой") or man.endswith(("ный", "тый", "рый", "лый", "вый")):
        return man[:-2] + "ая"
    return man + "а" if man.endswith(("ов", "ев", "ёв", "ин", "ын")) else man


def main() -> None:
    """Writes both lists."""
    morphology = pymorphy3.MorphAnalyzer()
    words = "".join(f"{word} {zipf}\n" for word, zipf in general_words(morphology))
    (DATA / "general.txt").write_text(
        "# Frequent words and their Zipf frequency. Source: wordfreq 3.1 (CC BY-SA 4.0), derived by gather.py.\n"
        + words,
        encoding="utf-8",
    )
    (DATA / "surnames.txt").write_text(
        "# Surnames: of a man, of a woman; commonest first. Sources: faker and mimesis (MIT), OpenCorpora (CC BY-SA),\n"
        "# ordered by wordfreq (CC BY-SA 4.0), derived by gather.py.\n"
        + "".join(f"{man} {woman}\n" for man, woman in surnames(morphology)),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
