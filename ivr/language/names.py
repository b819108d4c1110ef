"""The caller's name: windows of words that agree in gender and case, near words that introduce a name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from ivr.domain.contact import PersonName
from ivr.language.facts import Certain, Span
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology

_ROLES = {"Surn": "surname", "Name": "name", "Patr": "patronymic"}
_LONGEST = 3
_CUE_REACH = 3
_LIKELY = 0.02
_ENOUGH = 2.0


def find_name(
    words: Sequence[str], lexicon: Lexicon, morphology: Morphology, *, asked: bool = False
) -> Certain[PersonName] | None:
    """The best window of one to three words, or None. `asked`: the text answers a question for the name."""
    best: tuple[float, Certain[PersonName]] | None = None
    for start in range(len(words)):
        for size in range(_LONGEST, 0, -1):
            window = words[start : start + size]
            if len(window) < size or (start and lexicon.has("names.not_before", words[start - 1])):
                continue
            parts = _read_window(window, morphology)
            if parts is None:
                continue
            score = _score(parts, words, start, size, lexicon, asked)
            if score >= _ENOUGH and (best is None or score > best[0]):
                name = PersonName(**{role: _shown(word) for role, word in parts.items()})
                best = (score, Certain(name, min(0.98, 0.4 + score / 8), Span(start, start + size), tuple(window)))
    return best[1] if best else None


def _score(parts: dict[str, str], words: Sequence[str], start: int, size: int, lexicon: Lexicon, asked: bool) -> float:
    near = (*words[max(start - _CUE_REACH, 0) : start], *words[start + size : start + size + 2])
    cue = asked or any(lexicon.has("names.cues", word) for word in near)
    score = float(len(parts)) + (1.0 if cue else 0.0)
    if "patronymic" in parts and "name" in parts:
        score += 1.0
    return score if len(parts) > 1 or cue else 0.0


def _read_window(window: Sequence[str], morphology: Morphology) -> dict[str, str] | None:
    """Roles of the words with their nominatives, when each has its own and all agree."""
    choices = [_name_parses(word, morphology) for word in window]
    if not all(choices):
        return None
    for parses in sorted(product(*choices), key=lambda chosen: -sum(parse.score for _, parse in chosen)):
        roles = [role for role, _ in parses]
        if len(set(roles)) == len(roles) and _agree([parse for _, parse in parses]):
            return {role: _nominative(word, parse) for word, (role, parse) in zip(window, parses, strict=True)}
    return None


def _name_parses(word: str, morphology: Morphology) -> list[tuple[str, Any]]:
    found = []
    for parse in morphology.parses(word):
        role = next((role for grammeme, role in _ROLES.items() if grammeme in parse.tag), None)
        if role and parse.score >= _LIKELY and "plur" not in parse.tag:
            found.append((role, parse))
    return found[:6]


def _agree(parses: Sequence[Any]) -> bool:
    """One gender and one case for all (indeclinable words agree with any)."""
    genders = {
        parse.tag.gender for parse in parses if parse.tag.gender and "Fixd" not in parse.tag and "ms-f" not in parse.tag
    }
    cases = {parse.tag.case for parse in parses if parse.tag.case and "Fixd" not in parse.tag}
    return len(genders) <= 1 and len(cases) <= 1


def _nominative(word: str, parse: Any) -> str:
    if parse.tag.case in (None, "nomn"):
        return word
    form = parse.inflect({"nomn"})
    return str(form.word) if form else word


def _shown(word: str) -> str:
    return "-".join(part.capitalize() for part in word.split("-"))
