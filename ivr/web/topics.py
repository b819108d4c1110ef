"""Words by which topics are recognised: lists by topic, the file as a whole, a phrase to try, versions (appendix 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.topic_lists import PAIRS, WORDS, Mistake
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.services.topic_lists import Trial, WordsRefused
from ivr.web.rules import needs
from ivr.web.settings import settings_page
from ivr.web.visit import Known, Visit

router = APIRouter()

_LISTS = (*WORDS, *PAIRS)
_SAID = ("kept", "same", "restored")
_SHOWN = 20


@router.get("/settings/topics")
@needs(Deed.VIEW, Thing.TOPICS)
async def topics(visit: Known, said: str = "", phrase: str = "") -> Response:
    """All topics, a phrase to try, versions."""
    lists = visit.town.administration.topics
    trial = await lists.attempt(visit.actor, phrase[:500], "", None) if phrase.strip() else None
    return settings_page(
        visit, "topics", "topics", topics=lists.topics(visit.actor), versions=lists.history(visit.actor)[:_SHOWN],
        titles=_titles(visit), phrase=phrase[:500], trial=trial, said=said if said in _SAID else "",
        manages=visit.actor.may(Deed.MANAGE, Thing.TOPICS),
    )  # fmt: skip


@router.get("/settings/topics/{topic}")
@needs(Deed.VIEW, Thing.TOPICS)
async def one(visit: Known, topic: str, said: str = "") -> Response:
    """The lists of one topic."""
    return _page(visit, topic, said=said)


@router.post("/settings/topics/{topic}")
@needs(Deed.MANAGE, Thing.TOPICS)
async def keep(visit: Known, topic: str) -> Response:
    """Keep its lists."""
    given = await _given(visit)
    lists = visit.town.administration.topics
    try:
        kept = await lists.keep_topic(visit.actor, topic, given, _seen(given))
    except WordsRefused as fault:
        return _page(visit, topic, fault=fault, given=given, mistakes=fault.mistakes)
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        return _page(visit, topic, fault=fault, given=given)
    visit.town.administration.follow()
    return visit.go(f"/settings/topics/{topic}?said={'kept' if kept else 'same'}")


@router.post("/settings/topics/{topic}/try")
@needs(Deed.VIEW, Thing.TOPICS)
async def attempt(visit: Known, topic: str) -> Response:
    """What these lists would make of a phrase and of the latest messages; nothing is kept."""
    given = await _given(visit)
    lists = visit.town.administration.topics
    lists.topic(visit.actor, topic)
    try:
        trial = await lists.attempt(visit.actor, given["phrase"].strip()[:500], topic, given)
    except WordsRefused as fault:
        return _page(visit, topic, fault=fault, given=given, mistakes=fault.mistakes)
    return _page(visit, topic, given=given, trial=trial)


@router.get("/settings/topic-file")
@needs(Deed.VIEW, Thing.TOPICS)
async def file(visit: Known, said: str = "") -> Response:
    """The whole file with its line numbers."""
    lists = visit.town.administration.topics
    return _file(visit, lists.text(visit.actor), lists.seen, said=said)


@router.post("/settings/topic-file")
@needs(Deed.MANAGE, Thing.TOPICS)
async def keep_file(visit: Known) -> Response:
    """Keep it."""
    visit.actor.require(Deed.MANAGE, Thing.TOPICS)
    form = await visit.request.form()
    text, seen = str(form.get("text", "")), str(form.get("seen", ""))
    lists = visit.town.administration.topics
    try:
        kept = await lists.keep_text(visit.actor, text, int(seen) if seen.isdigit() else None)
    except WordsRefused as fault:
        return _file(visit, fault.text, lists.seen, fault=fault, mistakes=fault.mistakes)
    except RuleBroken as fault:
        return _file(visit, text, lists.seen, fault=fault)
    visit.town.administration.follow()
    return visit.go(f"/settings/topic-file?said={'kept' if kept else 'same'}")


@router.post("/settings/topic-versions/{number}/restore")
@needs(Deed.MANAGE, Thing.TOPICS)
async def restore(visit: Known, number: int) -> Response:
    """Put a version back."""
    await visit.town.administration.topics.restore(visit.actor, number)
    visit.town.administration.follow()
    return visit.go("/settings/topics?said=restored")


async def _given(visit: Visit) -> dict[str, str]:
    form = await visit.request.form()
    return {name: str(form.get(name, ""))[:20_000] for name in (*_LISTS, "phrase", "seen")}


def _seen(given: dict[str, str]) -> int | None:
    return int(given["seen"]) if given["seen"].isdigit() else None


def _titles(visit: Visit) -> dict[str, str]:
    return dict(visit.town.rulebook.vocabulary.titles(Kind.TOPICS))


def _page(
    visit: Visit, topic: str, *, fault: RuleBroken | None = None, given: dict[str, str] | None = None,
    mistakes: Sequence[Mistake] = (), trial: Trial | None = None, said: str = "",
) -> Response:  # fmt: skip
    lists = visit.town.administration.topics
    found = lists.topic(visit.actor, topic)
    facts: dict[str, Any] = {
        "topic": found, "values": given or {**dict.fromkeys((*_LISTS, "phrase"), ""), **found.lists},
        "words": WORDS, "pairs": PAIRS, "mistakes": mistakes,
        "wrong": {one.place.rpartition(".")[2] for one in mistakes},
        "trial": trial, "titles": _titles(visit), "seen": lists.seen, "said": said if said in _SAID else "",
        "fault": visit.rooms.refusal(fault, visit.town.zone) if fault else "",
        "manages": visit.actor.may(Deed.MANAGE, Thing.TOPICS),
    }  # fmt: skip
    return settings_page(visit, "topic", "topics", 409 if fault else 200, **facts)


def _file(
    visit: Visit, text: str, seen: int, *, fault: RuleBroken | None = None, mistakes: Sequence[Mistake] = (),
    said: str = "",
) -> Response:  # fmt: skip
    return settings_page(
        visit, "topic_file", "topics", 409 if fault else 200, text=text, seen=seen, mistakes=mistakes,
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "", said=said if said in _SAID else "",
        manages=visit.actor.may(Deed.MANAGE, Thing.TOPICS),
    )  # fmt: skip
