"""What the voices read for the training of the network: words of the whole vocabulary, numbers, names and sentences.

Half of it is words in random order, so that the network learns letters and not the sentences of the language model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from recipe.numbers import cardinal, ordinal, telephone
from recipe.words import CASES, general, patronymics, people, places, streets, surname_in, surnames, vocabulary


class Reader:
    """Draws the texts, the same ones for the same seed."""

    def __init__(self, seed: str, sentences: Sequence[str] = ()) -> None:
        self._chance = random.Random(seed)
        self._words = vocabulary()
        self._usual = list(general())
        self._weights = [10 ** (zipf / 3) for zipf in general().values()]
        self._surnames = surnames()
        self._men, self._women = people("men"), people("women")
        self._sentences = sentences

    def text(self) -> str:
        """One text of 2 to 18 words."""
        draw = self._chance.random()
        if draw < 0.42 or (draw > 0.72 and not self._sentences):
            return self._words_at_random()
        if draw < 0.58:
            return telephone(self._chance)[0]
        if draw < 0.64:
            return self._numbers()
        if draw < 0.72:
            return self._person()
        return self._chance.choice(self._sentences)

    def _words_at_random(self) -> str:
        count = self._chance.randint(2, 9)
        usual = self._chance.choices(self._usual, self._weights, k=count)
        rare = self._chance.choices(self._words, k=count)
        return " ".join(a if self._chance.random() < 0.45 else b for a, b in zip(usual, rare, strict=True))

    def _numbers(self) -> str:
        chance = self._chance
        parts = []
        for _ in range(chance.randint(1, 4)):
            number = chance.randint(0, 999)
            if chance.random() < 0.5:
                parts.append(cardinal(number, chance.choice(CASES)))
            else:
                parts.append(ordinal(number % 100, chance.choice(CASES), chance.choice(("masc", "femn", "neut"))))
        return " ".join(parts)

    def _person(self) -> str:
        chance = self._chance
        woman = chance.random() < 0.5
        man_form, woman_form = chance.choice(self._surnames)
        surname = woman_form if woman else man_form
        if chance.random() < 0.15:
            surname = surname_in(surname, chance.choice(CASES), woman=woman)
        person = chance.choice(self._women if woman else self._men)
        sons = patronymics(chance.choice(self._men).name)
        patronymic = sons[1 if woman else 0] if chance.random() < 0.9 or len(sons) < 4 else sons[3 if woman else 2]
        name = person.familiar if person.familiar and chance.random() < 0.1 else person.name
        order = chance.choice(([surname, name, patronymic], [name, patronymic, surname], [name, patronymic], [surname]))
        lead = chance.choice(("", "", "", "меня зовут ", "это ", "фамилия ", "звонит ", "я "))
        tail = chance.choice(("", "", "", self._address()))
        return f"{lead}{' '.join(order)} {tail}".strip()

    def _address(self) -> str:
        chance = self._chance
        adjective = chance.random() < 0.5
        street = chance.choice(streets("adjectives" if adjective else "others"))
        place = chance.choice(places())[chance.randint(0, 1)]
        return f"{place} улица {street} дом {cardinal(chance.randint(1, 150))}"
