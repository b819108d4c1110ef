"""What callers say: sentences grown from the hand-written templates, for the language model and for the voices."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from recipe.numbers import cardinal, ordinal, telephone
from recipe.words import CASES, inflected, lines, patronymics, people, places, streets, surname_in, surnames

_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()


@cache
def slots() -> dict[str, tuple[str, ...]]:
    """The written parts of sentences by name."""
    parts = (line.partition(":") for line in lines("slots.txt"))
    return {name: tuple(text.strip().split("|")) for name, _, text in parts}


@cache
def templates(section: str, file: str = "templates.txt") -> tuple[str, ...]:
    """The templates of a section."""
    found, current = [], ""
    for line in lines(file):
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section:
            found.append(line)
    return tuple(found)


class Caller:
    """Says sentences at random; the same ones for the same seed.

    Args:
        seed: of the choices.
        file: the templates.
        tagged: names and streets carry their class, as in `иванова/surname_f`, for the language model.
    """

    def __init__(self, seed: int, file: str = "templates.txt", *, tagged: bool = False) -> None:
        self._tagged = tagged
        self.chance = random.Random(seed)
        self._file = file
        self._surnames = surnames()
        self._streets = streets("adjectives"), streets("others")
        self._places = places()
        self._made: dict[str, Callable[[], str]] = {
            "phone": lambda: telephone(self.chance)[0],
            "person": self.person,
            "person_short": self._person_short,
            "name": self._name,
            "street": lambda: self._street("loct"),
            "street_of": lambda: self._street("nomn" if self.chance.random() < 0.7 else "gent"),
            "place": lambda: self._tag(self.chance.choice(self._places)[0], "place"),
            "place_in": lambda: self._tag(self.chance.choice(self._places)[1], "place_in"),
            "house": self._house,
            "flat": lambda: cardinal(self.chance.randint(1, 120)),
            "count": lambda: cardinal(self.chance.choice((self.chance.randint(1, 99), self.chance.randint(1, 999)))),
            "count_of": lambda: cardinal(self.chance.randint(1, 999), "gent"),
            "ordinal": lambda: ordinal(self.chance.randint(1, 31)),
            "ordinal_in": lambda: ordinal(self.chance.randint(20, 50)),
            "month_of": lambda: self.chance.choice(_MONTHS),
            "hour": lambda: cardinal(self.chance.randint(8, 20), "gent"),
        }

    def message(self) -> str:
        """What a caller leaves: often a greeting, a matter, a name, a number; now and then a lone answer."""
        chance = self.chance
        if chance.random() < 0.3:
            return self.grown(chance.choice(templates("answers", self._file))) or self.message()
        parts = ["{hello}"] if chance.random() < 0.5 else []
        if chance.random() < 0.35:
            parts.append("{um}")
        if chance.random() < 0.25:
            parts.append("{me}")
        parts += [chance.choice(templates("matters", self._file))]
        if chance.random() < 0.2:
            parts.append(chance.choice(templates("matters", self._file)))
        parts += [part for part, share in (("{who}", 0.12), ("{please}", 0.3), ("{me}", 0.2), ("{call}", 0.2)) if
                  chance.random() < share]  # fmt: skip
        return self.grown(" ".join(parts))

    def grown(self, template: str) -> str:
        """A template with every choice made and every part filled."""
        text = template
        while "(" in text or "{" in text:
            text = _CHOICE.sub(lambda found: self.chance.choice(found.group(1).split("|")), text)
            text = _SLOT.sub(lambda found: self._part(found.group(1)), text)
        return " ".join(text.split())

    def person(self) -> str:
        """Surname, name and patronymic, in the orders in which they are said."""
        surname, name, patronymic = self.full_name()
        if self.chance.random() < 0.05:
            case = self.chance.choice(CASES)
            woman = patronymic.endswith("а")
            bent = surname_in(surname, case, woman=woman)
            return f"{bent} {inflected(name, {'sing', case})} {inflected(patronymic, {'sing', case})}"
        surname, name, patronymic = self._tag_person(surname, name, patronymic)
        return self.chance.choice((f"{surname} {name} {patronymic}",) * 3 + (f"{name} {patronymic} {surname}",))

    def full_name(self) -> tuple[str, str, str]:
        """Surname, name and patronymic of somebody."""
        chance = self.chance
        woman = chance.random() < 0.55
        both = chance.choice(self._surnames[: chance.choice((300, 1000, len(self._surnames)))])
        sons = patronymics(chance.choice(people("men")).name)
        spoken = chance.random() < 0.07 and len(sons) == 4
        patronymic = sons[(2 if spoken else 0) + (1 if woman else 0)]
        return both[1 if woman else 0], chance.choice(people("women" if woman else "men")).name, patronymic

    def _tag_person(self, surname: str, name: str, patronymic: str) -> tuple[str, str, str]:
        gender = "f" if patronymic.endswith("а") else "m"
        words = {"surname": surname, "name": name, "patronymic": patronymic}
        tagged = [self._tag(word, f"{kind}_{gender}") for kind, word in words.items()]
        return tagged[0], tagged[1], tagged[2]

    def _name(self) -> str:
        return self._tag_person(*self.full_name())[1]

    def _person_short(self) -> str:
        surname, name, patronymic = self._tag_person(*self.full_name())
        return self.chance.choice((f"{name} {surname}", f"{surname} {name}", surname, name, f"{name} {patronymic}"))

    def _street(self, case: str) -> str:
        adjectives, others = self._streets
        if self.chance.random() < 0.55:
            return self._tag(inflected(self.chance.choice(adjectives), {"femn", "sing", case}), f"street_{case}")
        return self._tag(self.chance.choice(others), "street")

    def _tag(self, word: str, kind: str) -> str:
        return f"{word}/{kind}" if self._tagged else word

    def _house(self) -> str:
        number = cardinal(self.chance.randint(1, self.chance.choice((30, 90, 160))))
        return number + self.chance.choice(("",) * 12 + (" а", " б", " корпус один", " корпус два", " дробь два"))

    def _part(self, name: str) -> str:
        made = self._made.get(name)
        return made() if made else self.chance.choice(slots()[name])
