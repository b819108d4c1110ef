"""`ivr demo`: sample citizens call over real SIP; the conversations are shown, the callbacks stand in the journal."""

from __future__ import annotations

import asyncio
import socket
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ivr.adapters.files.settings import Settings, project_root, read_settings
from ivr.adapters.files.ui import words
from ivr.adapters.live import LiveReceiver
from ivr.adapters.supervision import Supervisor
from ivr.bootstrap.children import console_child, telephone_children
from ivr.bootstrap.house import House, build
from ivr.cli.demo_calls import SampleCaller, SampleCalls
from ivr.cli.demo_console import LOGIN, DemoConsole
from ivr.domain.callback import Callback
from ivr.domain.message import Message
from ivr.domain.vocabulary import Kind
from ivr.errors import IvrError

_START_SECONDS = 60.0


def sample_callers(folder: Path) -> list[SampleCaller]:
    """All sample citizens."""
    script = tomllib.loads((folder / "script.toml").read_text("utf-8"))
    return [SampleCaller(**caller) for caller in script["callers"]]


async def run_demo(settings: Settings, *, once: bool) -> int:
    """Run the whole thing; the exit status is 0 only when every callback stands as it should."""
    console = Console(highlight=False)
    folder = project_root() / "var" / "demo"
    house, config = _prepare(settings, folder)
    live = LiveReceiver(house.live_folder)
    desk = DemoConsole(house.settings.web.port)
    await desk.employ(house.settings)
    supervisor = Supervisor([*telephone_children(house.settings, config), console_child(config)])
    console.print(words("demo.setting_up"))
    supervisor.start()
    try:
        ready = await _wait_for(live, "engine_ready", _START_SECONDS)
        if ready is None:
            console.print(words("demo.not_started", seconds=int(_START_SECONDS)))
            return 1
        model = house.settings.model.name
        console.print(words("demo.ready", port=ready["port"], legs=ready["legs"], model=model))
        callers = sample_callers(project_root() / "audio" / "samples")
        titles = house.vocabulary.titles(Kind.TOPICS)
        calls = await SampleCalls(console, live, int(str(ready["port"])), titles).run(callers)
        faults = await _report(console, house, callers, calls, titles)
        faults += await _look_at_console(console, desk, list(calls.values()))
        if not once and not faults:
            console.print(words("demo.serving", port=ready["port"]))
            console.print(words("demo.open", address=desk.address, login=LOGIN, password=desk.password), style="bold")
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        return 0
    finally:
        await supervisor.stop()
        live.close()
    return 1 if faults else 0


async def _look_at_console(console: Console, desk: DemoConsole, callbacks: Sequence[str]) -> list[str]:
    """What an operator who signs in does not find on the list."""
    try:
        missing = await desk.missing([callback for callback in callbacks if callback])
    except IvrError as fault:
        missing = [str(fault)]
    if missing:
        console.print(words("demo.not_on_console", missing=", ".join(missing)), style="red")
    else:
        console.print(words("demo.on_console", count=len(callbacks)), style="green")
    return missing


def _prepare(settings: Settings, folder: Path) -> tuple[House, Path]:
    """A house of its own, with an empty journal, on a free port, answering as after hours whatever the hour is."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("journal.db*"):
        old.unlink()
    for old in folder.glob("spool/*"):
        old.unlink()
    config = folder / "ivr.toml"
    municipality = settings.municipality
    config.write_text(
        f'[municipality]\nkey = "{municipality.key}"\n'
        f'[phone]\nport = {_free_port()}\nrtp_port = 27000\nforced_mode = "after_hours"\n'
        f'[speech]\nmodel = "{settings.model}"\n'
        f'[storage]\ndata = "{folder}"\n'
        f"[web]\nsecure = false\nport = {_free_port(socket.SOCK_STREAM)}\n"
        '[log]\nformat = "text"\nlevel = "error"\n',
        "utf-8",
    )
    return build(read_settings(config)), config


def _free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_for(live: LiveReceiver, action: str, seconds: float) -> dict[str, object] | None:
    try:
        async with asyncio.timeout(seconds):
            while True:
                news = await live.next()
                if news["action"] == action:
                    return news
    except TimeoutError:
        return None


async def _report(
    console: Console,
    house: House,
    callers: Sequence[SampleCaller],
    calls: Mapping[str, str],
    titles: Mapping[str, str],
) -> list[str]:
    """The callback list, and what in it is not as the callers meant it."""
    journal = house.journal()
    rows = await journal.callbacks()
    journal.dispose()
    console.print(_table(house, titles, rows))
    found = {message.id: message for _, message in rows}
    faults = [
        words("demo.failed", caller=caller.title, expected=caller.expected, found=_held(message))
        for caller in callers
        if not _as_meant(caller, message := found.get(calls.get(caller.name, "")))
    ]
    for fault in faults:
        console.print(fault, style="red")
    if not faults:
        console.print(words("demo.passed", count=len(callers)), style="green")
    return faults


def _table(house: House, titles: Mapping[str, str], rows: Sequence[tuple[Callback, Message]]) -> Table:
    table = Table(title=words("demo.list_title"))
    for column in ("due", "who", "number", "about", "words"):
        table.add_column(words(f"demo.{column}"))
    for callback, message in rows:
        due = callback.due_at.astimezone(house.calendar.zone)
        table.add_row(
            f"{due:%d.%m.%Y %H:%M}",
            message.name.full if message.name else words("demo.no_name"),
            callback.number or words("demo.anonymous"),
            titles.get(message.topic or "", words("demo.no_topic")),
            message.gist or message.text,
        )
    return table


def _held(message: Message | None) -> dict[str, str]:
    """What the journal holds, under the keys of the script's `expected`."""
    if message is None:
        return {}
    phone = message.phone.e164 if message.phone else ""
    surname = (message.name.surname or "") if message.name else ""
    return {"phone": phone, "surname": surname, "topic": message.topic or ""}


def _as_meant(caller: SampleCaller, message: Message | None) -> bool:
    held = _held(message)
    return message is not None and all(not value or held[key] == value for key, value in caller.expected.items())
