"""How the journal is filtered: every filter is a link, so that a selection can be kept, sent and gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from ivr.domain.call import Mode
from ivr.domain.correction import CORRECTABLE
from ivr.domain.report import Period
from ivr.domain.selection import NONE, Column, Selection
from ivr.domain.vocabulary import Kind
from ivr.web.moments import day_of
from ivr.web.visit import Visit

_FLAGS = ("emergency", "threat", "abuse", "advert")
_REPEATED = ("first", "repeat", "undecided")
_LONGEST = 100
_LISTS = {
    Column.STATUS: Kind.STATUSES, Column.TOPIC: Kind.TOPICS, Column.RESULT: Kind.RESULTS, Column.OUTCOME: Kind.OUTCOMES,
}  # fmt: skip
_NAMED = {
    Column.MODE: "journal.mode", Column.REPEATED: "journal.repeated", Column.FLAG: "card.flag",
    Column.CORRECTED: "card.field", Column.PROMISE: "journal.promise",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A filter as a link; `on`: it is the one that is chosen."""

    key: str
    title: str
    path: str
    on: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """A column with its values."""

    title: str
    links: Sequence[Link]
    on: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is chosen, and the link that takes it away."""

    title: str
    value: str
    path: str


def selection_of(given: Mapping[str, str]) -> Selection:
    """What a link asks for; what is no date of a journal and no column is left out."""
    filters = {column: given[column][:_LONGEST] for column in Column if given.get(column)}
    first, last = day_of(given.get("from", "")), day_of(given.get("to", ""))
    if first and last and last < first:
        first, last = last, first
    return Selection(given.get("q", "")[:_LONGEST], first, last, filters)


def path_of(selection: Selection, path: str = "/journal", **more: object) -> str:
    """The link that asks for it."""
    facts: dict[str, object] = {"q": selection.words, "from": selection.first, "to": selection.last}
    facts |= {column.value: value for column, value in selection.filters.items()} | more
    query = urlencode({name: str(value) for name, value in facts.items() if value})
    return f"{path}?{query}" if query else path


def links(selection: Selection, column: Column, titles: Iterable[tuple[str, str]]) -> list[Link]:
    """The values of a column."""
    now = selection.filters.get(column, "")
    return [Link(key, title, path_of(selection.but(column, key)), key == now) for key, title in titles]


async def menus(visit: Visit, selection: Selection) -> list[Menu]:
    """The columns with their values."""
    people = [(name, name) for name in await visit.rooms.people.colleagues(visit.actor)]
    blank = {Column.TOPIC: "no_topic", Column.OPERATOR: "nobody", Column.RESULT: "no_result"}
    values = {
        Column.TOPIC: _listed(visit, Column.TOPIC), Column.MODE: _titled(visit, Column.MODE, Mode),
        Column.OPERATOR: people, Column.RESULT: _listed(visit, Column.RESULT),
        Column.OUTCOME: _listed(visit, Column.OUTCOME), Column.REPEATED: _titled(visit, Column.REPEATED, _REPEATED),
        Column.FLAG: _titled(visit, Column.FLAG, _FLAGS),
        Column.CORRECTED: _titled(visit, Column.CORRECTED, CORRECTABLE),
        Column.PROMISE: _titled(visit, Column.PROMISE, ("made", NONE)),
    }  # fmt: skip
    words = visit.rooms.words
    for column, key in blank.items():
        values[column] = [*values[column], (NONE, words(f"console.journal.{key}"))]
    return [
        Menu(words(f"console.journal.pick_{column}"), links(selection, column, titles), column in selection.filters)
        for column, titles in values.items()
    ]


def chosen(visit: Visit, selection: Selection) -> list[Chosen]:
    """What is filtered."""
    return [
        Chosen(
            visit.rooms.words(f"console.journal.pick_{column}"), _title(visit, column, value),
            path_of(selection.but(column)),
        )
        for column, value in selection.filters.items()
    ]  # fmt: skip


def periods(visit: Visit, selection: Selection) -> list[Link]:
    """Days that people ask for most."""
    today = visit.rooms.clock.now().astimezone(visit.town.zone).date()
    week, month = Period.week_of(today), Period.month_of(today)
    day_before = today - timedelta(days=1)
    known: Mapping[str, tuple[date | None, date | None]] = {
        "all": (None, None), "today": (today, today), "yesterday": (day_before, day_before),
        "week": (week.first, week.last), "month": (month.first, month.last),
        "month_before": (month.before.first, month.before.last),
    }  # fmt: skip
    now = (selection.first, selection.last)
    return [
        Link(key, visit.rooms.words(f"console.journal.period_{key}"),
             path_of(replace(selection, first=first, last=last)), (first, last) == now)
        for key, (first, last) in known.items()
    ]  # fmt: skip


def _listed(visit: Visit, column: Column) -> list[tuple[str, str]]:
    return list(visit.town.rulebook.vocabulary.titles(_LISTS[column]).items())


def _titled(visit: Visit, column: Column, values: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), _title(visit, column, str(value))) for value in values]


def _title(visit: Visit, column: Column, value: str) -> str:
    """A value as people read it; what nobody knows as it came."""
    words = visit.rooms.words
    if value == NONE and column is not Column.PROMISE:
        return words("console.journal.empty_value")
    if column in _LISTS:
        return visit.town.rulebook.vocabulary.title(_LISTS[column], value)
    key = f"console.{_NAMED.get(column, '')}_{value}"
    known = words(key)
    return value if known == key else known
