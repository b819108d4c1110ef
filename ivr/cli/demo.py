"""`ivr demo`: sample citizens call over real SIP; the conversations are shown, the callbacks stand in the journal."""

from __future__ import annotations

import asyncio
import socket
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr.adapters.files import wav
from ivr.adapters.files.settings import Settings, project_root, read_settings
from ivr.adapters.files.ui import words
from ivr.adapters.live import LiveReceiver
from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.settings import SipSettings
from ivr.adapters.supervision import Supervisor
from ivr.bootstrap import House, build
from ivr.domain.callback import Callback
from ivr.domain.message import Message
from ivr.domain.vocabulary import Kind
from ivr.ports import HungUp, Leg

_START_SECONDS = 60.0
_CALL_SECONDS = 150.0
_THINKING_SECONDS = 0.4
_FIRST_WORDS = 60
_CALLER_RTP_PORT = 29000


@dataclass(frozen=True, slots=True)
class SampleCaller:
    """A citizen of `audio/samples/script.toml`."""

    name: str
    title: str
    number: str
    turns: Sequence[dict[str, Any]]
    expected: dict[str, str]

    @property
    def uri(self) -> str:
        """Who the call comes from."""
        return f"sip:{self.number}@127.0.0.1" if self.number else "sip:anonymous@anonymous.invalid"


def sample_callers(folder: Path) -> list[SampleCaller]:
    """All sample citizens."""
    script = tomllib.loads((folder / "script.toml").read_text("utf-8"))
    return [SampleCaller(c["name"], c["title"], c["number"], c["turns"], c["expected"]) for c in script["callers"]]


async def run_demo(settings: Settings, *, once: bool) -> int:
    """Run the whole thing; the exit status is 0 only when every callback stands as it should."""
    console = Console(highlight=False)
    folder = project_root() / "var" / "demo"
    house, config = _prepare(settings, folder)
    live = LiveReceiver(house.live_socket)
    supervisor = Supervisor(house.children(config))
    console.print(words("demo.setting_up"))
    supervisor.start()
    try:
        ready = await _wait_for(live, "engine_ready", _START_SECONDS)
        if ready is None:
            console.print(words("demo.not_started", seconds=int(_START_SECONDS)))
            return 1
        model = house.settings.model.name
        console.print(words("demo.ready", port=ready["port"], legs=ready["legs"], model=model))
        demo = _Demo(console, house, live, int(str(ready["port"])))
        faults = await demo.run(sample_callers(project_root() / "audio" / "samples"))
        if not once and not faults:
            console.print(words("demo.serving", port=ready["port"]))
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        return 0
    finally:
        await supervisor.stop()
        live.close()
    return 1 if faults else 0


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
        '[log]\nformat = "text"\nlevel = "warning"\n',
        "utf-8",
    )
    return build(read_settings(config)), config


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
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


class _Demo:
    """The calls, one after another, shown as they happen."""

    def __init__(self, console: Console, house: House, live: LiveReceiver, port: int) -> None:
        self._console = console
        self._house = house
        self._live = live
        self._port = port

    async def run(self, callers: Sequence[SampleCaller]) -> list[str]:
        """All calls, then the list; what did not come out as expected."""
        telephone = Engine(SipSettings(port=0, tcp=False, rtp_port=_CALLER_RTP_PORT))
        await telephone.start()
        faults = []
        calls: dict[str, str] = {}
        for caller in callers:
            self._console.rule(
                words("demo.caller", title=caller.title, number=caller.number or words("demo.anonymous"))
            )
            try:
                async with asyncio.timeout(_CALL_SECONDS):
                    calls[caller.name] = await self._call(telephone, caller)
            except TimeoutError:
                faults.append(words("demo.timed_out", caller=caller.title, seconds=int(_CALL_SECONDS)))
        await telephone.stop()
        journal = self._house.journal()
        rows = await journal.callbacks()
        journal.dispose()
        self._show(rows)
        found = {message.id: message for _, message in rows}
        for caller in callers:
            faults += self._compare(caller, found.get(calls.get(caller.name, "")))
        for fault in faults:
            self._console.print(fault, style="red")
        if not faults:
            self._console.print(words("demo.passed", count=len(callers)), style="green")
        return faults

    def _topic(self, key: object) -> str:
        return self._house.vocabulary.title(Kind.TOPICS, str(key or ""))

    async def _call(self, telephone: Engine, caller: SampleCaller) -> str:
        """One call, from INVITE to BYE; the id of its row."""
        leg = await telephone.dial(f"sip:112@127.0.0.1:{self._port}", from_uri=caller.uri)
        hearing = asyncio.create_task(_listen_to_the_end(leg))
        turns = list(caller.turns)
        while True:
            news = await self._live.next()
            self._tell(news)
            if news["action"] == "listening" and turns and turns[0]["hears"] == news["asked"]:
                number = len(caller.turns) - len(turns) + 1
                await self._answer(leg, caller, number, turns.pop(0))
            elif news["action"] == "call_ended":
                leg.hang_up()
                await hearing
                return str(news["call"])

    async def _answer(self, leg: Any, caller: SampleCaller, number: int, turn: dict[str, Any]) -> None:
        await asyncio.sleep(_THINKING_SECONDS)
        if "keys" in turn:
            leg.send_keys(turn["keys"])
            return
        file = project_root() / "audio" / "samples" / f"{caller.name}_{number}.wav"
        sound = wav.parse(file.read_bytes())
        leg.play(sound.pcm)
        if turn.get("hang_up"):
            await asyncio.sleep(sound.seconds * 0.8)
            leg.hang_up()

    def _tell(self, news: dict[str, object]) -> None:
        action = news["action"]
        if action == "prompt" and news["text"]:
            self._console.print(f"[cyan]{words('demo.assistant')}:[/] {news['text']}")
        elif action == "heard":
            keys = words("demo.keys", keys=news["keys"]) if news["keys"] else ""
            left = words("demo.hung_up") if news["ended_by"] == "hangup" else ""
            said = " ".join(part for part in (str(news["text"]), keys, left) if part) or words("demo.silence")
            self._console.print(f"[yellow]{words('demo.citizen')}:[/] {said}")
        elif action == "partial" and self._console.is_terminal:
            self._console.print(f"   … {str(news['text'])[-70:]}", style="dim", end="\r")
        elif action == "facts" and news["facts"]:
            self._console.print(f"   {words('demo.understood')}: {self._facts(news)}", style="green")

    def _facts(self, news: dict[str, object]) -> str:
        facts = news["facts"]
        assert isinstance(facts, dict)
        shown = {**facts, "topic": self._topic(facts.get("topic"))}
        return ", ".join(words(f"demo.{key}", value=value) for key, value in shown.items() if value)

    def _show(self, rows: Sequence[tuple[Callback, Message]]) -> None:
        table = Table(title=words("demo.list_title"))
        for column in ("due", "who", "number", "about", "words"):
            table.add_column(words(f"demo.{column}"))
        for callback, message in rows:
            due = callback.due_at.astimezone(self._house.calendar.zone)
            table.add_row(
                f"{due:%d.%m.%Y %H:%M}",
                message.name.full if message.name else words("demo.no_name"),
                callback.number or words("demo.anonymous"),
                self._topic(message.topic) or words("demo.no_topic"),
                message.text[:_FIRST_WORDS],
            )
        self._console.print(table)

    def _compare(self, caller: SampleCaller, message: Message | None) -> list[str]:
        """What the journal holds against what the caller meant."""
        found = {
            "phone": message.phone.e164 if message and message.phone else "",
            "surname": (message.name.surname or "") if message and message.name else "",
            "topic": (message.topic or "") if message else "",
        }
        wrong = {key for key, value in caller.expected.items() if message is None or (value and found[key] != value)}
        if not wrong:
            return []
        return [words("demo.failed", caller=caller.title, expected=caller.expected, found=found)]


async def _listen_to_the_end(leg: Leg) -> None:
    while not isinstance(await leg.next_event(), HungUp):
        pass
