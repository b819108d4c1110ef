"""Spoken digits to telephone numbers: all ways to join the numerals, the valid ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import phonenumbers

from ivr.domain.contact import PhoneNumber
from ivr.language.facts import Certain, Span
from ivr.language.lexicon import Lexicon, NumberPlan

_LENGTHS = (11, 10, 6, 5)
_LONGEST = 11
_LOCAL = 6
_MOST_CANDIDATES = 4096
_JOIN_COST = 0.12


@dataclass(slots=True)
class Run:
    """Numerals spoken one after another.

    Attributes:
        atoms: their values as spoken, for example ["900", "20", "6"].
        start, end: words of the text.
        corrected: a word of correction stands before it.
        excluded: the words before say that it is no telephone.
    """

    start: int
    end: int
    corrected: bool = False
    excluded: bool = False
    atoms: list[str] = field(default_factory=list)


def find_runs(words: Sequence[str], lexicon: Lexicon) -> list[Run]:
    """Runs of numerals; fillers do not break them."""
    runs: list[Run] = []
    run: Run | None = None
    corrected = False
    for place, word in enumerate(words):
        atom = _atom(words, place, lexicon)
        if atom is None:
            if lexicon.has("phones.corrections", word):
                corrected, run = True, None
            elif not (lexicon.has("phones.fillers", word) or lexicon.has("phones.plus", word)):
                run = None
                corrected = corrected and not runs
            continue
        if run is None:
            excluded = any(lexicon.has("phones.not_phones", before) for before in words[max(place - 2, 0) : place])
            run = Run(place, place + 1, corrected, excluded)
            runs.append(run)
            corrected = False
        run.atoms.append(atom)
        run.end = place + 1
    return [_multiplied(run) for run in runs]


def _atom(words: Sequence[str], place: int, lexicon: Lexicon) -> str | None:
    word = words[place]
    if word.isdigit():
        return word
    if word in lexicon.repeated_digits and place and 2 <= lexicon.numerals.get(words[place - 1], 0) <= 4:
        return f"x{lexicon.repeated_digits[word]}"
    value = lexicon.numerals.get(word)
    return None if value is None else str(value)


def _multiplied(run: Run) -> Run:
    atoms: list[str] = []
    for atom in run.atoms:
        if atom.startswith("x") and atoms:
            atoms.extend([atom[1]] * int(atoms.pop()))
        else:
            atoms.append(atom.lstrip("x"))
    run.atoms = atoms
    return run


def readings(atoms: Sequence[str]) -> Iterator[tuple[str, int]]:
    """All digit strings the atoms may mean, with how many likely joins each leaves out; the likeliest first."""
    states: list[tuple[str, str, int]] = [("", "", 0)]  # digits, the group still open, cost
    for atom in atoms:
        grown: list[tuple[str, str, int]] = []
        for digits, group, cost in states:
            joined = _join(group, atom)
            if joined is not None:
                grown.append((digits, joined, cost))
            grown.append((digits + group, atom, cost + (joined is not None)))
        states = [state for state in grown if len(state[0]) <= _LONGEST][:_MOST_CANDIDATES]
    for digits, group, cost in sorted(states, key=lambda state: state[2]):
        yield digits + group, cost


def likeliest(atoms: Sequence[str]) -> str:
    """The digits as they are most simply read, however many."""
    groups: list[str] = []
    for atom in atoms:
        joined = _join(groups[-1], atom) if groups else None
        if joined is None:
            groups.append(atom)
        else:
            groups[-1] = joined
    return "".join(groups)


def _join(group: str, atom: str) -> str | None:
    """One numeral out of two: 900 and 26 are 926; 20 and 6 are 26."""
    if not group or atom == "0" or len(group) <= len(atom) or not group.endswith("0" * len(atom)):
        return None
    return group[: -len(atom)] + atom if group.strip("0") else None


def complete(digits: str, plan: NumberPlan) -> PhoneNumber | None:
    """The number in E.164 when it is a valid Russian one (interpretation 6)."""
    if len(digits) == 11 and digits[0] in "78":
        national = digits[1:]
    elif len(digits) == 10 and digits[0] in "94":
        national = digits
    elif len(digits) == 6 and digits.startswith(plan.regional_prefix):
        national = plan.regional_code + digits
    elif len(digits) == 5 and digits[0] != "0":
        national = plan.local_code + digits
    else:
        return None
    try:
        number = phonenumbers.parse("+7" + national)
    except phonenumbers.NumberParseException:
        return None
    return PhoneNumber("+7" + national) if phonenumbers.is_valid_number(number) else None


def find_phones(words: Sequence[str], lexicon: Lexicon) -> tuple[list[Certain[PhoneNumber]], Certain[str] | None]:
    """Numbers to call, in spoken order, and the digits that make no whole number."""
    found: list[Certain[PhoneNumber]] = []
    incomplete: Certain[str] | None = None
    for run in find_runs(words, lexicon):
        phone = None if run.excluded else _best(run, lexicon.number_plan)
        if phone is None:
            incomplete = _incomplete(run, incomplete)
        elif run.corrected and found:
            found[-1] = phone
        elif all(phone.value != known.value for known in found):
            found.append(phone)
    return found, None if found else incomplete


def _best(run: Run, plan: NumberPlan) -> Certain[PhoneNumber] | None:
    for digits, cost in readings(run.atoms):
        if len(digits) not in _LENGTHS:
            continue
        phone = complete(digits, plan)
        if phone:
            sure = max(0.3, (0.97 if len(digits) > _LOCAL else 0.75) - cost * _JOIN_COST)
            return Certain(phone, sure, Span(run.start, run.end), tuple(run.atoms))
    return None


def _incomplete(run: Run, known: Certain[str] | None) -> Certain[str] | None:
    digits = likeliest(run.atoms)
    if run.excluded or not len(digits) >= 4 or (known and len(known.value) >= len(digits)):
        return known
    return Certain(digits, 0.2, Span(run.start, run.end), tuple(run.atoms))
