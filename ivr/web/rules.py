"""What a route is for: declared beside it, checked in the services, proven by a test over all routes.

A route without a rule stops the program at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from ivr.domain.access import Deed, Thing

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may come in by a route.

    Attributes:
        public: everybody, signed in or not.
        deed, thing: the right it takes; None: every person who is signed in.
    """

    public: bool = False
    deed: Deed | None = None
    thing: Thing | None = None


def public(endpoint: F) -> F:
    """Everybody may."""
    return _marked(endpoint, Rule(public=True))


def signed_in(endpoint: F) -> F:
    """Every person who is signed in."""
    return _marked(endpoint, Rule())


def needs(deed: Deed, thing: Thing) -> Callable[[F], F]:
    """Whoever has this right."""
    return lambda endpoint: _marked(endpoint, Rule(deed=deed, thing=thing))


@dataclass(frozen=True, slots=True)
class Entrance:
    """A route as the outside sees it."""

    path: str
    methods: frozenset[str]
    endpoint: Callable[..., Any]
    rule: Rule


def entrances(app: FastAPI) -> Iterator[Entrance]:
    """All routes with their rules; files are the same for everybody.

    Raises:
        LookupError: a route has none.
    """
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            continue
        rule = getattr(context.endpoint, "__rule__", None)
        if rule is None or context.endpoint is None or context.path is None:
            raise LookupError(f"{context.path} has no rule: mark its function with one of ivr.web.rules")
        yield Entrance(context.path, frozenset(context.methods or ()), context.endpoint, rule)


def _marked(endpoint: F, rule: Rule) -> F:
    endpoint.__rule__ = rule  # type: ignore[attr-defined]
    return endpoint
