"""The journal of all messages: searched by words in any form, filtered by links, exported as appendix 2 (clause 16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.selection import MOST_COUNTED, Column, Selection
from ivr.domain.vocabulary import Kind
from ivr.language.search_words import SearchWords
from ivr.services.register import RegisterPage
from ivr.web import journal_filters as filters
from ivr.web.downloads import download
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_SHOWN, _BEFORE_HIT = 220, 60
_DIGITS, _LARGEST = 20, 1 << 63  # what a database takes for a place


@router.get("/journal")
@needs(Deed.LIST, Thing.MESSAGE)
async def journal(visit: Known) -> Response:
    """The whole page."""
    return visit.page("journal.html", **await _facts(visit))


@router.get("/journal/rows")
@needs(Deed.LIST, Thing.MESSAGE)
async def rows(visit: Known) -> Response:
    """Only its rows, for the search and for live updates."""
    return visit.page("parts/journal_rows.html", **await _facts(visit))


@router.get("/journal.xlsx")
@needs(Deed.EXPORT, Thing.MESSAGE)
async def export(visit: Known) -> Response:
    """The selection as appendix 2."""
    selection = filters.selection_of(visit.request.query_params)
    messages = await visit.rooms.journals.export(visit.actor, selection)
    columns = [f"{one.title}: {one.value}" for one in filters.chosen(visit, selection)]
    what = "; ".join([*_days(selection), *columns]) or visit.rooms.words("console.journal.period_all")
    title = visit.rooms.words("console.journal.export_title", what=what)
    town = visit.actor.account.municipality
    papers = visit.rooms.papers(town)
    name = f"journal-{visit.rooms.clock.now():%Y-%m-%d}.xlsx"
    return download(lambda file: papers.write_selected(messages, file, title, town), name)


async def _facts(visit: Visit) -> dict[str, Any]:
    given = visit.request.query_params
    selection, below = filters.selection_of(given), _number(given.get("below", ""))
    page = await visit.rooms.journals.page(visit.actor, selection, below)
    vocabulary, words = visit.town.rulebook.vocabulary, visit.rooms.journals.words
    return {
        "page": page, "selection": selection, "q": selection.words, "below": below,
        "statuses": filters.links(selection, Column.STATUS, vocabulary.titles(Kind.STATUSES).items()),
        "all_statuses": filters.path_of(selection.but(Column.STATUS)), "by_status": Column.STATUS in selection.filters,
        "periods": filters.periods(visit, selection), "picks": await filters.menus(visit, selection),
        "chosen": filters.chosen(visit, selection),
        "any_day": filters.path_of(replace(selection, first=None, last=None)),
        "here": filters.path_of(selection, "/journal/rows", below=below or ""), "renews": below is None,
        "next": filters.path_of(selection, below=page.next) if page.next else "", "first": filters.path_of(selection),
        "export": filters.path_of(selection, "/journal.xlsx"), "more_than": page.count >= MOST_COUNTED,
        "topic": lambda key: vocabulary.title(Kind.TOPICS, key),
        "status_title": lambda key: vocabulary.title(Kind.STATUSES, key),
        "marked": lambda text: marked(text, page, words),
    }  # fmt: skip


def marked(text: str, page: RegisterPage, words: SearchWords, at_most: int = _SHOWN) -> list[tuple[str, bool]]:
    """A text around the first word that was searched, in pieces: what was found, and what stands between."""
    hits = [said for said in words.said(text) if said.forms & page.asked] if page.asked else []
    start = max(0, hits[0].start - _BEFORE_HIT) if hits and hits[0].end > at_most else 0
    start = text.find(" ", start) + 1 if start else 0
    end = min(len(text), start + at_most)
    pieces, at = ([("…", False)] if start else []), start
    for hit in hits:
        if hit.start >= at and hit.end <= end:
            pieces += [(text[at : hit.start], False), (text[hit.start : hit.end], True)]
            at = hit.end
    pieces.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]


def _days(selection: Selection) -> list[str]:
    days = [f"{day:%d.%m.%Y}" for day in (selection.first, selection.last) if day]
    return ["–".join(dict.fromkeys(days))] if days else []


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None
    return number if number is None or number < _LARGEST else None
