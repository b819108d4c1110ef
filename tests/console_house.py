"""A console over a seeded journal, for tests: in this process, or behind a real port for browsers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI

from ivr.adapters.files.settings import read_settings
from ivr.bootstrap.web import Console, build_console
from ivr.domain.people import Role
from ivr.ports import Clock
from ivr.web.server import Address, server
from tests.access_samples import ADMINISTRATOR, PASSWORD, QUICK
from tests.journals import new_journal
from tests.seeding import morning

T = TypeVar("T")

TOWN = "demo"
PEOPLE: Mapping[str, tuple[str, set[Role]]] = {
    "petrova": ("Петрова А. В.", {Role.OPERATOR}),
    "sidorov": ("Сидоров Б. Н.", {Role.OPERATOR}),
    "vlasova": ("Власова В. И.", {Role.CURATOR}),
    "chief": ("Главный И. И.", {Role.ADMINISTRATOR}),
    "auditor": ("Ревизоров П. П.", {Role.AUDITOR}),
}
REGION = ("region", "Областной О. О.")
NEIGHBOUR = "neighbour"
NEIGHBOURS: Mapping[str, tuple[str, set[Role]]] = {
    "n-operator": ("Соседова А. В.", {Role.OPERATOR}),
    "n-curator": ("Соседин В. И.", {Role.CURATOR}),
    "n-chief": ("Соседов И. И.", {Role.ADMINISTRATOR}),
    "n-auditor": ("Соседко П. П.", {Role.AUDITOR}),
}
"""People of another municipality, who are there when it is served: `serve_neighbour`."""


def serve_neighbour(folder: Path) -> str:
    """Lines of the settings by which a municipality two hours further east is served too."""
    calendar = folder / "calendar.neighbour.toml"
    calendar.parent.mkdir(parents=True, exist_ok=True)
    week = "".join(f'{day} = "10:00-16:00"\n' for day in ("monday", "tuesday", "wednesday"))
    calendar.write_text(f'time_zone = "Asia/Yekaterinburg"\n[week]\n{week}', "utf-8")
    return (
        f'[[municipalities]]\nkey = "{NEIGHBOUR}"\ntitle = "Соседский округ"\nnumbers = ["+74875631000"]\n'
        f'calendar = "{calendar}"\nnumber_plan = {{ local_code = "48756" }}\n'
    )


class Exchange:
    """The port `Switchboard`: what it was asked; answers as told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.answer: Mapping[str, object] = {"outcome": "answered"}

    async def call_back(self, callback: str, who: str, telephone: str) -> Mapping[str, object]:
        """Remember it."""
        self.asked.append((callback, who, telephone))
        return self.answer

    async def try_line(self, address: str) -> Mapping[str, object]:
        """Remember it."""
        self.asked.append((address,))
        return self.answer


@dataclass
class House:
    """A console with people and, unless told otherwise, a morning's work."""

    folder: Path
    console: Console
    exchange: Exchange = field(default_factory=Exchange)
    rows: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, work: object) -> object:
        """Run a coroutine of a service."""
        return run(work)  # type: ignore[arg-type]


def make_house(folder: Path, *, seeded: bool = True, people: bool = True, clock: Clock | None = None,
               now: datetime | None = None, database: str = "", more: str = "") -> House:  # fmt: skip
    """A new house; its settings are for plain HTTP on this machine, with more of them when told."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "ivr.toml"
    at = f'database = "{database}"\n' if database else ""
    config.write_text(
        f'[municipality]\nkey = "{TOWN}"\ntitle = "Администрация МО Тёпло-Огарёвский район"\n'
        f'[storage]\ndata = "{folder}"\n{at}[web]\nsecure = false\n{more}', "utf-8"
    )  # fmt: skip
    if not database and not (folder / "journal.db").exists():
        new_journal(folder / "journal.db")
    exchange = Exchange()
    console = build_console(read_settings(config), config, passwords=QUICK, clock=clock, switchboard=exchange)
    if people:
        run(_people(console))
    rows = []
    if seeded:
        moment = now or datetime.now(UTC)
        rows = morning(console.callbacks.engine, moment, TOWN, "Петрова А. В.", folder / "recordings")
    return House(folder, console, exchange, rows)


def run(work: Coroutine[Any, Any, T]) -> T:
    """A coroutine to its end, in a thread of its own: Playwright has a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _people(console: Console) -> None:
    for login, (name, roles) in PEOPLE.items():
        telephone = "sip:101@127.0.0.1" if Role.OPERATOR in roles else ""
        await console.rooms.people.add(ADMINISTRATOR, login, name, roles, PASSWORD, telephone)
    if NEIGHBOUR not in console.rooms.people.towns:
        return
    await console.rooms.people.add(ADMINISTRATOR, *REGION, {Role.REGION}, PASSWORD)
    for login, (name, roles) in NEIGHBOURS.items():
        await console.rooms.people.add(ADMINISTRATOR, login, name, roles, PASSWORD, municipality=NEIGHBOUR)


@contextlib.contextmanager
def served(house: House) -> Iterator[House]:
    """The house behind a real port."""
    with listening(house.console.app) as house.port:
        yield house


@contextlib.contextmanager
def listening(app: FastAPI) -> Iterator[int]:
    """An application behind a real port of our own server, in a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = server(app, Address("127.0.0.1", port))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + 20
    while not running.started:
        assert thread.is_alive() and time.monotonic() < give_up, "the server does not start"
        time.sleep(0.02)
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join(15)
