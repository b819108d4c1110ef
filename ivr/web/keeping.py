"""«Хранение»: holds, acts of destruction, withheld recordings, one person's data (clause 6.3, 152-FZ)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.selection import Selection
from ivr.errors import RuleBroken
from ivr.services.citizen import is_message
from ivr.web.downloads import attachment, download
from ivr.web.reports import attached
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_ID = re.compile(r"[0-9a-f]{32}")
_HOLD_SAID = ("held", "released")
_ROWS_SHOWN = 1000
_ZIP = "application/zip"
_COLUMNS = ("thing", "key", "of", "at", "sounds")
Short = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=1000)]


@router.get("/keeping")
@needs(Deed.LIST, Thing.HOLD)
async def holds(visit: Known, subject: Annotated[str, Query(max_length=200)] = "", said: str = "") -> Response:
    """Holds that stand."""
    return await _holds(visit, subject=subject, said=said)


@router.post("/keeping/holds")
@needs(Deed.MANAGE, Thing.HOLD)
async def hold(visit: Known, subject: Short = "", why: Reason = "") -> Response:
    """Nothing of a row is destroyed from now on; the row is named by its id, or by its card's address."""
    found = _ID.search(subject.lower())
    try:
        await visit.rooms.keeping.keeping.hold(visit.actor, found[0] if found else subject.strip(), why)
    except RuleBroken as fault:
        return await _holds(visit, subject=subject, why=why, fault=fault)
    return visit.go("/keeping?said=held")


@router.post("/keeping/holds/{hold}/release")
@needs(Deed.MANAGE, Thing.HOLD)
async def release(visit: Known, hold: str) -> Response:
    """It protects nothing more."""
    await visit.rooms.keeping.keeping.release(visit.actor, hold)
    return visit.go("/keeping?said=released")


@router.get("/keeping/acts")
@needs(Deed.LIST, Thing.ACT)
async def acts(visit: Known) -> Response:
    """The latest acts of destruction."""
    return _page(visit, "acts", acts=await visit.rooms.keeping.keeping.destructions(visit.actor))


@router.get("/keeping/acts/{destruction}")
@needs(Deed.VIEW, Thing.ACT)
async def act(visit: Known, destruction: str, said: str = "") -> Response:
    """One act, as it is printed and signed."""
    found, rows = await visit.rooms.keeping.keeping.look(visit.actor, destruction)
    return _page(
        visit, "act", act=found, rows=rows[:_ROWS_SHOWN], left_out=len(rows[_ROWS_SHOWN:]), erased=said == "erased",
        days=visit.rooms.keeping.citizens.retention.days(visit.actor.account.municipality),
    )  # fmt: skip


@router.get("/keeping/acts/{destruction}/paper")
@needs(Deed.EXPORT, Thing.ACT)
async def paper(visit: Known, destruction: str) -> Response:
    """The same as a text."""
    found, rows = await visit.rooms.keeping.keeping.paper(visit.actor, destruction)
    content = visit.rooms.keeping.paper(found, rows)
    return Response(content, media_type="text/plain; charset=utf-8", headers=attachment(f"act-{found.id[:8]}.txt"))


@router.get("/keeping/acts/{destruction}/table")
@needs(Deed.EXPORT, Thing.ACT)
async def table(visit: Known, destruction: str) -> Response:
    """All that it names as a workbook; the last row is the hash over it."""
    found, rows = await visit.rooms.keeping.keeping.paper(visit.actor, destruction)
    words = visit.rooms.words

    def local(moment: datetime) -> datetime:
        return moment.astimezone(visit.town.zone).replace(tzinfo=None)

    lines: list[list[Any]] = [
        [words(f"console.keeping.thing_{row.thing}"), row.key, local(row.of), local(row.at), str(row.sounds)]
        for row in rows
    ]
    lines.append([words("console.keeping.digest"), found.digest, local(found.begun_at), "", ""])
    heads = [words(f"console.keeping.column_{name}") for name in _COLUMNS]
    content = visit.rooms.table(words("console.keeping.act_short", number=found.id[:8]), heads, lines)
    return attached(content, f"act-{found.id[:8]}.xlsx")


@router.get("/keeping/withheld")
@needs(Deed.LIST, Thing.RECORDING)
async def withheld(visit: Known) -> Response:
    """Recordings that nobody hears: nothing proves that the citizen knew of them."""
    return _page(visit, "withheld", found=await visit.rooms.listening.withheld(visit.actor))


@router.get("/keeping/person")
@needs(Deed.VIEW, Thing.CITIZEN)
async def ask(visit: Known) -> Response:
    """Whose data?"""
    visit.actor.require(Deed.VIEW, Thing.CITIZEN)
    return _page(visit, "person", asked="")


@router.post("/keeping/person")
@needs(Deed.VIEW, Thing.CITIZEN)
async def person(visit: Known, asked: Short = "") -> Response:
    """What is kept of a number; of a name, whose numbers there are. What is asked stands in no address and no log."""
    visit.actor.require(Deed.VIEW, Thing.CITIZEN)
    if any(letter.isalpha() for letter in asked) and not is_message(asked):
        named = await visit.rooms.journals.page(visit.actor, Selection(asked))
        return _page(visit, "person", asked=asked, named=named)
    return await _person(visit, asked)


@router.post("/keeping/person/export")
@needs(Deed.EXPORT, Thing.CITIZEN)
async def export(visit: Known, number: Short = "") -> Response:
    """All of it as an archive for the citizen."""
    _, write = await visit.rooms.keeping.citizens.dossier(visit.actor, number)
    return download(write, f"person-{visit.rooms.clock.now():%Y-%m-%d}.zip", _ZIP)


@router.post("/keeping/person/erase")
@needs(Deed.ERASE, Thing.CITIZEN)
async def erase(
    visit: Known, number: Short = "", why: Reason = "", count: Annotated[int, Form()] = 0, sure: str = Form("")
) -> Response:
    """Destroy all of it, as much as the person has confirmed."""
    if sure != "yes":
        unsure = RuleBroken("3", "it was not confirmed", "not_confirmed")
        return await _person(visit, number, why=why, fault=unsure)
    try:
        done = await visit.rooms.keeping.citizens.erase(visit.actor, number, why, count)
    except RuleBroken as fault:
        return await _person(visit, number, why=why, fault=fault)
    return visit.go(f"/keeping/acts/{done.id}?said=erased")


async def _holds(
    visit: Visit, *, subject: str = "", why: str = "", said: str = "", fault: RuleBroken | None = None
) -> Response:
    found = await visit.rooms.keeping.keeping.held(visit.actor)
    return _page(visit, "holds", fault, found=found, subject=subject, why=why, said=said if said in _HOLD_SAID else "")


async def _person(visit: Visit, number: str, *, why: str = "", fault: RuleBroken | None = None) -> Response:
    asked = "" if is_message(number) else number
    try:
        found, kept = await visit.rooms.keeping.citizens.inventory(visit.actor, number)
    except RuleBroken as gone:
        return _page(visit, "person", gone, asked=asked)
    return _page(visit, "person", fault, asked=asked, whom=number, found=found, kept=kept, why=why)


def _page(visit: Visit, name: str, fault: RuleBroken | None = None, **facts: Any) -> Response:
    sentence = visit.rooms.refusal(fault, visit.town.zone) if fault else ""
    return visit.page(
        f"keeping/{name}.html", 409 if fault else 200, now=visit.rooms.clock.now(), fault=sentence,
        code=fault.code if fault else "", **facts,
    )  # fmt: skip
