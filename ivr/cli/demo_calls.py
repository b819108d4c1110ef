"""The sample citizens of `ivr demo` make their calls, and the conversations are shown as they happen."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType

from ivr.adapters.files import wav
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.ui import words
from ivr.adapters.live import LiveReceiver
from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from ivr.adapters.sip.settings import SipSettings
from ivr.errors import IvrError
from ivr.ports import HungUp, Leg

_CALL_SECONDS = 150.0
_THINKING_SECONDS = 0.4
_PAUSE_SECONDS = 1.0
_SHORT = 100  # letters of a phrase that has already been shown in full
_RTP_PORT = 29000

_FRESH_LINE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
_SHOWN_FACTS = ("phone", "name", "topic", "address")

News = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleCaller:
    """A citizen of `audio/samples/script.toml`."""

    name: str
    title: str
    voice: str
    number: str
    turns: Sequence[dict[str, Any]]
    expected: dict[str, str]

    @property
    def uri(self) -> str:
        """Who the call comes from."""
        return f"sip:{self.number}@127.0.0.1" if self.number else "sip:anonymous@anonymous.invalid"


class SampleCalls:
    """The first call alone, so that it can be followed; then all the others at once."""

    def __init__(self, console: Console, live: LiveReceiver, port: int, titles: Mapping[str, str]) -> None:
        self._console = console
        self._live = live
        self._port = port
        self._titles = titles
        self._news: dict[str, asyncio.Queue[News]] = {}
        self._alone = True

    async def run(self, callers: Sequence[SampleCaller]) -> dict[str, str]:
        """Make all calls; the id of the row of each caller who came to the end."""
        telephone = Engine(SipSettings(port=0, tcp=False, rtp_port=_RTP_PORT))
        await telephone.start()
        sorting = asyncio.create_task(self._sort_news())
        first, *others = callers
        ids = [await self._call(telephone, first)]
        if others:
            self._alone = False
            await asyncio.sleep(_PAUSE_SECONDS)
            self._console.rule(words("demo.all_at_once", count=len(others)))
            ids += await asyncio.gather(*(self._call(telephone, caller) for caller in others))
        sorting.cancel()
        await telephone.stop()
        return {caller.name: call for caller, call in zip(callers, ids, strict=True)}

    async def _sort_news(self) -> None:
        """News of each call to the one who waits for it; a caller is known by his number."""
        whose: dict[str, str] = {}
        while True:
            news = await self._live.next()
            if news["action"] == "call_started":
                whose[str(news["call"])] = str(news["caller"])
            queue = self._news.get(whose.get(str(news.get("call")), "-"))
            if queue:
                queue.put_nowait(news)

    async def _call(self, telephone: Engine, caller: SampleCaller) -> str:
        """One call, from INVITE to BYE; the id of its row, "" when it did not come to an end in time."""
        news = self._news[caller.number] = asyncio.Queue()
        if self._alone:
            self._console.rule(
                words("demo.caller", title=caller.title, number=caller.number or words("demo.anonymous"))
            )
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                return await self._converse(telephone, caller, news)
        except TimeoutError:
            why = words("demo.timed_out", caller=caller.title, seconds=int(_CALL_SECONDS))
        except IvrError as fault:
            why = f"{caller.title}: {fault}"
        self._console.print(why, style="red")
        return ""

    async def _converse(self, telephone: Engine, caller: SampleCaller, news: asyncio.Queue[News]) -> str:
        leg = await telephone.dial(f"sip:112@127.0.0.1:{self._port}", from_uri=caller.uri)
        hearing = asyncio.create_task(_listen_to_the_end(leg))
        turns = list(enumerate(caller.turns, start=1))
        while True:
            event = await news.get()
            self._tell(caller, event)
            if event["action"] == "listening" and turns and turns[0][1]["hears"] == event["asked"]:
                await _answer(leg, caller, *turns.pop(0))
            elif event["action"] == "call_ended":
                leg.hang_up()
                await hearing
                return str(event["call"])

    def _tell(self, caller: SampleCaller, news: News) -> None:
        action = news["action"]
        if action == "prompt" and news["text"]:
            text = news["text"] if self._alone else textwrap.shorten(news["text"], _SHORT, placeholder=" …")
            self._line(caller, "cyan", words("demo.assistant"), text)
        elif action == "heard":
            keys = words("demo.keys", keys=news["keys"]) if news["keys"] else ""
            left = words("demo.hung_up") if news["ended_by"] == "hangup" else ""
            said = " ".join(part for part in (news["text"], keys, left) if part) or words("demo.silence")
            self._line(caller, "yellow", words("demo.citizen"), said)
        elif action == "facts":
            facts = ", ".join(words(f"demo.{key}", value=value) for key, value in self._shown(news).items())
            self._line(caller, "green", words("demo.understood"), facts)
        elif action == "partial" and self._alone and self._console.is_terminal:
            self._console.control(_FRESH_LINE)
            self._console.print(f"   … {news['text'][-70:]}", style="dim", end="\r")

    def _shown(self, news: News) -> dict[str, str]:
        facts = {key: str(news[key]) for key in _SHOWN_FACTS if news.get(key)}
        return facts | ({"topic": self._titles.get(facts["topic"], facts["topic"])} if "topic" in facts else {})

    def _line(self, caller: SampleCaller, colour: str, who: str, what: str) -> None:
        whose = "" if self._alone else f"[dim]{caller.title} │[/] "
        self._console.control(_FRESH_LINE)
        self._console.print(f"{whose}[{colour}]{who}:[/] {what}")


async def _answer(leg: SipLeg, caller: SampleCaller, number: int, turn: dict[str, Any]) -> None:
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


async def _listen_to_the_end(leg: Leg) -> None:
    while not isinstance(await leg.next_event(), HungUp):
        pass
