"""`ivr understand`: what is understood of a sentence, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.bootstrap.house import House
from ivr.domain.vocabulary import Kind
from ivr.language.facts import Certain, Facts


def show_understanding(house: House, text: str, alternatives: Sequence[str], *, as_json: bool) -> None:
    """Print the facts with their grounds; alternatives are other readings of the same sound."""
    facts = house.understand(text, alternatives=alternatives)
    titles = house.vocabulary.titles(Kind.TOPICS)
    if as_json:
        typer.echo(json.dumps(_as_data(facts, titles), ensure_ascii=False))
    else:
        Console(highlight=False).print(_table(facts, titles))


def _as_data(facts: Facts, titles: Mapping[str, str]) -> dict[str, Any]:
    topics = [_certain(topic) | {"title": titles.get(topic.value, "")} for topic in facts.topics]
    return {
        "phones": [_certain(phone) | {"value": phone.value.e164} for phone in facts.phones],
        "name": _certain(facts.name) if facts.name else None,
        "topic": topics[0]["title"] if topics else None,
        "topics": topics,
        "address": _certain(facts.address) if facts.address else None,
        "flags": [_certain(flag) for flag in facts.flags],
        "gist": facts.gist,
        "incomplete_phone": _certain(facts.incomplete_phone) if facts.incomplete_phone else None,
        "wants_caller_id": facts.wants_caller_id,
        "refused_name": facts.refused_name,
        "neighbours": dict(facts.neighbours),
    }


def _certain(fact: Certain[Any]) -> dict[str, Any]:
    value = asdict(fact.value) if is_dataclass(fact.value) and not isinstance(fact.value, type) else fact.value
    span = [fact.span.start, fact.span.end]
    return {"value": value, "confidence": round(fact.confidence, 3), "span": span, "why": list(fact.why)}


def _table(facts: Facts, titles: Mapping[str, str]) -> Table:
    table = Table(show_lines=False)
    for column in ("fact", "value", "confidence", "why"):
        table.add_column(words(f"understand.{column}"))
    rows: list[tuple[str, str, Certain[Any]]] = []
    rows += [("phone", phone.value.e164, phone) for phone in facts.phones]
    if facts.incomplete_phone:
        rows.append(("incomplete_phone", facts.incomplete_phone.value, facts.incomplete_phone))
    if facts.name:
        rows.append(("name", facts.name.value.full, facts.name))
    rows += [("topic", titles.get(topic.value, topic.value), topic) for topic in facts.topics]
    if facts.address:
        rows.append(("address", facts.address.value.full, facts.address))
    rows += [("flag", words(f"understand.flags.{flag.value}"), flag) for flag in facts.flags]
    for key, value, fact in rows:
        table.add_row(words(f"understand.{key}"), value, f"{fact.confidence:.0%}", " ".join(fact.why))
    if facts.wants_caller_id:
        table.add_row(words("understand.phone"), words("understand.caller_id"))
    if facts.refused_name:
        table.add_row(words("understand.name"), words("understand.refused"))
    for topic, number in facts.neighbours:
        table.add_row(words("understand.neighbours"), titles.get(topic, topic), "", str(number))
    table.add_row(words("understand.gist"), facts.gist)
    return table
