"""«Who heard what»: the access log with its filters, the proof that nobody changed it, its export (152-FZ, F36)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.audit import Entry, LogQuery
from ivr.web.moments import day_of
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_PAGE = 100
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Short = Annotated[str, Query(max_length=64)]


class Kind(StrEnum):
    """What rows are wanted."""

    ALL = "all"
    HEARD = "heard"
    SEEN = "seen"
    CHANGED = "changed"
    EXPORTED = "exported"
    ENTERED = "entered"


_DEEDS: Mapping[Kind, frozenset[str]] = {
    Kind.ALL: frozenset(), Kind.HEARD: frozenset({"hear"}), Kind.SEEN: frozenset({"view", "list"}),
    Kind.CHANGED: frozenset({"work", "overrule", "manage", "erase"}), Kind.EXPORTED: frozenset({"export"}),
    Kind.ENTERED: frozenset({"sign_in", "sign_out", "sign_out_all", "refused", "refused_setup"}),
}  # fmt: skip


_COUNTED = (Thing.ACT, Thing.CITIZEN)
"""Of these the facts are counts by thing; of others "callback" is an id."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as people read it; pieces of one recording heard one after another are one row.

    Attributes:
        heard: [from, to) in seconds, None where nothing was heard.
        path: of the object's page, "" where there is none for this person.
    """

    entry: Entry
    name: str
    heard: tuple[float, float] | None
    path: str
    facts: Sequence[tuple[str, str]]


@router.get("/access-log")
@needs(Deed.LIST, Thing.ACCESS_LOG)
async def access_log(
    visit: Known, who: Short = "", kind: Kind = Kind.ALL, since: Short = "", until: Short = "",
    subject: Annotated[str, Query(max_length=200)] = "", before: int | None = None,
) -> Response:  # fmt: skip
    """A page of it, the newest first."""
    query = _query(visit, who, kind, since, until, subject)
    entries = await visit.rooms.log.read(visit.actor, query, before, _PAGE + 1)
    people = await visit.rooms.people.everybody(visit.actor)
    shown, more = entries[:_PAGE], len(entries) > _PAGE
    given = {"who": who, "kind": kind.value if kind is not Kind.ALL else "", "since": since, "until": until,
             "subject": subject}  # fmt: skip
    return visit.page(
        "access_log.html", rows=_rows(visit, shown, {one.login: one.name for one in people}), people=people,
        kinds=list(Kind), given=given | {"kind": kind.value}, checked=visit.rooms.log.checked,
        next=_path("/access-log", given, before=shown[-1].number) if more else "",
        export=_path("/access-log/export", given) if visit.may("export", "access_log") else "",
        filtered=any(given.values()), now=visit.rooms.clock.now(), first=before is None,
    )  # fmt: skip


@router.get("/access-log/export")
@needs(Deed.EXPORT, Thing.ACCESS_LOG)
async def export(
    visit: Known, who: Short = "", kind: Kind = Kind.ALL, since: Short = "", until: Short = "",
    subject: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """All rows of the filters as a workbook; that they were taken is a row too."""
    entries = await visit.rooms.log.export(visit.actor, _query(visit, who, kind, since, until, subject))
    people = {one.login: one.name for one in await visit.rooms.people.everybody(visit.actor)}
    rows = [_exported(visit, entry, people) for entry in entries]
    heads = [visit.rooms.words(f"console.access_log.{name}") for name in
             ("number", "at", "name", "login", "source", "what", "subject", "details", "digest")]  # fmt: skip
    title = visit.rooms.words("console.access_log.title")
    content = visit.rooms.table(title, heads, rows)
    name = f"access-log-{visit.rooms.clock.now():%Y-%m-%d}.xlsx"
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/access-log/check")
@needs(Deed.VIEW, Thing.ACCESS_LOG)
async def check(visit: Known) -> Response:
    """Begin to walk the whole chain."""
    await visit.rooms.log.look(visit.actor)
    return _chain(visit) if visit.is_partial else visit.go("/access-log")


@router.get("/access-log/chain")
@needs(Deed.VIEW, Thing.ACCESS_LOG)
async def chain(visit: Known) -> Response:
    """How far that is, and what was found."""
    visit.actor.require(Deed.VIEW, Thing.ACCESS_LOG)
    return _chain(visit)


def _chain(visit: Visit) -> Response:
    return visit.page("parts/chain.html", checked=visit.rooms.log.checked, now=visit.rooms.clock.now())


def _query(visit: Visit, who: str, kind: Kind, since: str, until: str, subject: str) -> LogQuery:
    return LogQuery(
        visit.actor.account.municipality, who.strip(), subject.strip(), _DEEDS[kind], _midnight(visit, since),
        _midnight(visit, until, days=1),
    )  # fmt: skip


def _midnight(visit: Visit, text: str, days: int = 0) -> datetime | None:
    """The beginning of a day in the town's time, or of the day after it; None for what is no date."""
    day = day_of(text)
    return datetime.combine(day + timedelta(days=days), time(), visit.town.zone) if day else None


def _rows(visit: Visit, entries: Sequence[Entry], people: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = []
    for entry in entries:
        row = Row(entry, people.get(entry.who, ""), _heard(entry), _page_of(visit, entry), _facts(visit, entry))
        last = rows[-1] if rows else None
        if last and last.heard and row.heard and _goes_on(row, last):
            rows[-1] = replace(last, heard=(min(row.heard[0], last.heard[0]), max(row.heard[1], last.heard[1])))
        else:
            rows.append(row)
    return rows


def _goes_on(earlier: Row, later: Row) -> bool:
    """One piece of a recording was heard after another, by the same person, without a jump."""
    one, two = earlier.entry, later.entry
    same = (one.who, one.deed, one.subject, one.source) == (two.who, two.deed, two.subject, two.source)
    assert earlier.heard
    assert later.heard
    return same and abs(earlier.heard[1] - later.heard[0]) < 1 and two.at - one.at < timedelta(minutes=5)


def _heard(entry: Entry) -> tuple[float, float] | None:
    found = _SECONDS.fullmatch(entry.facts.get("seconds", ""))
    return (float(found[1]), float(found[2])) if found else None


def _page_of(visit: Visit, entry: Entry) -> str:
    """Where the object is to be seen, for those who may."""
    if entry.thing in _COUNTED:
        is_act = entry.thing == Thing.ACT and entry.subject and visit.may("view", "act")
        return f"/keeping/acts/{entry.subject}" if is_act else ""
    callback = entry.facts.get("callback") or (entry.subject if entry.thing == Thing.CALLBACK else "")
    if callback and visit.may("view", "callback"):
        return f"/callbacks/{callback}"
    if entry.thing == Thing.MESSAGE and entry.subject and visit.may("view", "message"):
        return f"/messages/{entry.subject}"
    if entry.thing == Thing.PERSON and entry.subject and visit.may("view", "person"):
        return f"/settings/people/{entry.subject}"
    return ""


def _facts(visit: Visit, entry: Entry) -> list[tuple[str, str]]:
    """What else is known, its names in words where there are words."""
    hidden = () if entry.thing in _COUNTED else ("seconds", "callback")
    shown = {name: value for name, value in entry.facts.items() if name not in hidden}
    return [(_word(visit, f"fact_{name}", name), _said(visit, value)) for name, value in shown.items()]


def _said(visit: Visit, value: str) -> str:
    """A value; what are codes between spaces in words."""
    return ", ".join(_word(visit, f"value_{part}", part) for part in value.split(" "))


def _word(visit: Visit, key: str, other: str) -> str:
    known = f"console.access_log.{key}"
    found = visit.rooms.words(known)
    return other if found == known else found


def _exported(visit: Visit, entry: Entry, people: Mapping[str, str]) -> list[Any]:
    thing = "things" if entry.deed == Deed.LIST else "thing"
    what = f"{_word(visit, f'deed_{entry.deed}', entry.deed)}: {_word(visit, f'{thing}_{entry.thing}', entry.thing)}"
    facts = entry.facts.items()
    details = "; ".join(f"{_word(visit, f'fact_{name}', name)}: {_said(visit, value)}" for name, value in facts)
    at = entry.at.astimezone(visit.town.zone).replace(tzinfo=None)
    return [str(entry.number), at, people.get(entry.who, ""), entry.who, entry.source, what, entry.subject, details,
            entry.digest]  # fmt: skip


def _path(path: str, given: Mapping[str, str], **more: object) -> str:
    query = urlencode({name: value for name, value in {**given, **more}.items() if value})
    return f"{path}?{query}" if query else path
