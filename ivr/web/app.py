"""The application: all pages, the REST interface, the static files, one gate before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from ivr.web import (
    access_log,
    account,
    api,
    board,
    callbacks,
    card,
    curator,
    directory,
    faults,
    first_start,
    health,
    hours,
    journal,
    keeping,
    message_card,
    older_journal,
    papers,
    people,
    prompts,
    recordings,
    region,
    reports,
    reviews,
    settings,
    sign_in,
    speech_words,
    topics,
)
from ivr.web.live import Hub
from ivr.web.metrics import Measured, Metrics
from ivr.web.pages import STATIC, Pages
from ivr.web.rooms import Rooms
from ivr.web.rules import entrances
from ivr.web.security import Gate
from ivr.web.spoken import Spoken
from ivr.web.upkeep import keep_up

FAMILIES = (
    sign_in, account, first_start, callbacks, card, board, journal, message_card, curator, region, reviews, papers,
    older_journal, reports, recordings, keeping, settings, people, hours, prompts, topics, speech_words, directory,
    access_log, health, api,
)  # fmt: skip
"""A module a family of pages, each with its `router`. A new one is added here."""


def create_app(rooms: Rooms) -> FastAPI:
    """The console over these services.

    Raises:
        LookupError: a route has no rule.
    """
    hub = Hub(rooms.news, rooms.calling, rooms.board)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        upkeep = asyncio.create_task(keep_up(rooms))
        yield
        upkeep.cancel()
        await hub.stop()

    app = FastAPI(
        title="IVR", version="1", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life,
        routes=[route for family in FAMILIES for route in family.router.routes], swagger_ui_oauth2_redirect_url=None,
    )  # fmt: skip
    app.state.rooms, app.state.hub = rooms, hub
    app.state.pages = cache(lambda zone: Pages(rooms.words, Spoken(rooms.words, zone)))
    app.state.metrics = Metrics()
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    faults.install(app)
    app.state.metrics.paths = {entrance.endpoint: entrance.path for entrance in entrances(app)}
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(Gate, manners=rooms.manners)
    return app
