"""How well texts are understood: phrases with what is meant by them, compared with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ivr.language.facts import Facts

NAME = ("surname", "name", "patronymic")
ADDRESS = ("locality", "street", "house", "flat")
_YO, _YE = "\u0451", "\u0435"


class Kind(StrEnum):
    """What a set of phrases asks for; seen by the shape of its answers."""

    PHONES = "phones"
    NAMES = "names"
    TOPICS = "topics"
    ADDRESSES = "addresses"
    FLAGS = "flags"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Case:
    """One phrase.

    Attributes:
        expected: what is meant; its shape depends on the kind of the set.
        also: titles of topics that are right as well.
    """

    id: str
    text: str
    expected: Any
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One phrase compared.

    Attributes:
        got: what was found, in the shape of what was expected.
        exact: all of it is right.
        wrong: something was found that was not said; what is merely missing is not wrong.
        slots: each part by name, right or not.
        in_three: the topic is among the first three.
    """

    case: Case
    got: Any
    exact: bool
    wrong: bool
    slots: Mapping[str, bool] = field(default_factory=dict)
    in_three: bool = False


def kind_of(cases: Sequence[Case]) -> Kind:
    """The kind of a set.

    Raises:
        ValueError: no kind has such answers.
    """
    first = cases[0].expected if cases else None
    if isinstance(first, str):
        return Kind.TOPICS
    if isinstance(first, Mapping):
        if "phones" in first or "topic" in first:
            return Kind.WHOLE
        return Kind.ADDRESSES if set(first) & {"street", "house", "locality"} else Kind.NAMES
    if isinstance(first, list):
        items = [item for case in cases for item in case.expected]
        return Kind.PHONES if any(str(item).startswith("+") for item in items) else Kind.FLAGS
    raise ValueError("expected must be a list, a title, or a table of slots")


def fits(case: Case, kind: Kind) -> bool:
    """The answer has the shape of this kind."""
    expected = case.expected
    if kind in (Kind.PHONES, Kind.FLAGS):
        return isinstance(expected, list) and all(isinstance(item, str) for item in expected)
    if kind is Kind.TOPICS:
        return isinstance(expected, str)
    shown = kind_of([case]) if isinstance(expected, Mapping) and expected else None
    return shown is kind


def judge(case: Case, kind: Kind, facts: Facts, titles: Mapping[str, str]) -> Judged:
    """Compare one phrase; titles are those of the topics by key."""
    return _JUDGES[kind](case, facts, titles)


def summary(judged: Sequence[Judged], kind: Kind, seconds: float) -> dict[str, Any]:
    """The figures of a set: counts out of `n`, shares 0..1 where the name says so."""
    count = len(judged)
    exact = sum(one.exact for one in judged)
    figures: dict[str, Any] = {
        "kind": str(kind),
        "n": count,
        "exact": exact,
        "accuracy": round(exact / count, 4) if count else None,
        "wrong": sum(one.wrong for one in judged),
        "top3": sum(one.in_three for one in judged) if kind is Kind.TOPICS else None,
        "macro_f1": _macro_f1(judged) if kind is Kind.TOPICS else None,
        "ms_per_message": round(1000 * seconds / count, 3) if count else None,
    }
    slots = {slot: sum(one.slots.get(slot, False) for one in judged) for one in judged[:1] for slot in one.slots}
    return figures | {"slots": slots}


def plain(value: Any) -> str:
    """As labels are compared: without case, yo as ye, a hyphen as a space."""
    return " ".join(str(value or "").lower().replace(_YO, _YE).replace("-", " ").split())


def _phones(case: Case, facts: Facts, _titles: Mapping[str, str]) -> Judged:
    got = [phone.value.e164 for phone in facts.phones]
    return Judged(case, got, got == case.expected, bool(set(got) - set(case.expected)))


def _names(case: Case, facts: Facts, _titles: Mapping[str, str]) -> Judged:
    got = {slot: getattr(facts.name.value, slot) if facts.name else None for slot in NAME}
    return _by_slots(case, got)


def _addresses(case: Case, facts: Facts, _titles: Mapping[str, str]) -> Judged:
    got = {slot: getattr(facts.address.value, slot) if facts.address else None for slot in ADDRESS}
    return _by_slots(case, got)


def _by_slots(case: Case, got: Mapping[str, Any]) -> Judged:
    slots = {slot: plain(got[slot]) == plain(case.expected.get(slot)) for slot in got}
    wrong = any(plain(got[slot]) and not right for slot, right in slots.items())
    return Judged(case, dict(got), all(slots.values()), wrong, slots)


def _topics(case: Case, facts: Facts, titles: Mapping[str, str]) -> Judged:
    got = [titles.get(topic.value, topic.value) for topic in facts.topics]
    right = {plain(case.expected), *map(plain, case.also)}
    exact = bool(got) and plain(got[0]) in right
    in_three = any(plain(title) in right for title in got[:3])
    return Judged(case, got[:3], exact, bool(got) and not exact, in_three=in_three)


def _flags(case: Case, facts: Facts, _titles: Mapping[str, str]) -> Judged:
    got = sorted(flag.value for flag in facts.flags if flag.value != "emergency")
    return Judged(case, got, got == sorted(case.expected), bool(set(got) - set(case.expected)))


def _whole(case: Case, facts: Facts, titles: Mapping[str, str]) -> Judged:
    expected = case.expected
    phones = _phones(Case(case.id, case.text, expected.get("phones", [])), facts, titles)
    names = _names(Case(case.id, case.text, expected), facts, titles)
    topics = _topics(Case(case.id, case.text, expected.get("topic"), case.also), facts, titles)
    slots = {"phone": phones.exact, "name": names.exact, "topic": topics.exact}
    got = {"phones": phones.got, **names.got, "topic": topics.got[:1]}
    return Judged(case, got, all(slots.values()), phones.wrong or names.wrong, slots)


_JUDGES: Mapping[Kind, Callable[[Case, Facts, Mapping[str, str]], Judged]] = {
    Kind.PHONES: _phones,
    Kind.NAMES: _names,
    Kind.TOPICS: _topics,
    Kind.ADDRESSES: _addresses,
    Kind.FLAGS: _flags,
    Kind.WHOLE: _whole,
}


def _macro_f1(judged: Iterable[Judged]) -> float:
    """Mean over the topics of the harmonic mean of precision and recall."""
    hits, expected, found = Counter[str](), Counter[str](), Counter[str]()
    for one in judged:
        top = plain(one.got[0]) if one.got else ""
        meant = top if one.exact else plain(one.case.expected)
        expected[meant] += 1
        found[top] += 1
        hits[meant] += one.exact
    scores = [2 * hits[topic] / (expected[topic] + found[topic]) for topic in expected]
    return round(sum(scores) / len(scores), 4) if scores else 0.0
