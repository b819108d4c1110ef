"""One engine process: answers calls until it is asked to end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.ui import refusal
from ivr.adapters.intercom import HOW_ARE_YOU, Intercom
from ivr.adapters.live import LiveSender
from ivr.adapters.watchdog import end_when_stuck
from ivr.bootstrap.house import House
from ivr.bootstrap.office import CallbackRoom, build_callback_room
from ivr.cli.carrying import carry_away
from ivr.domain.people import Person
from ivr.errors import JournalError, RuleBroken
from ivr.services.call_out import CallOut
from ivr.services.reception import Reception
from ivr.services.transcription import Transcription

log = logging.getLogger(__name__)

_SWEEP_SECONDS = 5.0
_LEARN_SECONDS = 3600.0
_GRACE_SECONDS = 100.0
_STUCK_SECONDS = 10.0
_WELL_SECONDS = 1.0


async def run_engine(house: House, number: int) -> None:
    """Recover what a crash left open, then answer every call; at SIGTERM let the calls in progress come to their end.

    Raises:
        JournalError: the database is away.
        SettingsError: a port, a folder or a database cannot be used.
    """
    from ivr.adapters.sip.dialler import SipDialler
    from ivr.adapters.sip.engine import Engine

    name = f"engine-{number}"
    tell = LiveSender(house.live_folder)
    recordings, recognizer, journal = house.recordings(), house.recognizer(), house.spooled(name)
    engine = Engine(house.sip(number))
    await _learn(house)
    room = build_callback_room(house.settings)
    reception = house.reception(name, journal, recordings, recognizer, SipDialler(engine), room)
    reception.free_legs = lambda: engine.free
    engine.on_refused = reception.refused
    rescued = await reception.recover()
    call_out = house.call_out(name, room, SipDialler(engine), recordings, recognizer)
    rescued += await house.rescue(room, recordings).recover(name)
    await engine.start()
    await recognizer.warm_up()
    facts = {"engine": name, "legs": engine.capacity, "port": engine.port}
    log.info("answering calls", extra={"action": "engine_ready", "rows": rescued, **facts})
    tell("engine_ready", facts)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    calls: set[asyncio.Task[object]] = set()
    intercom = Intercom(house.intercom(name), partial(_do_as_asked, house, call_out, room, engine.is_well))
    await intercom.open()
    beside = _Rounds(house, reception, call_out, room, engine).begin(number)
    guard = asyncio.create_task(end_when_stuck(partial(engine.is_well, _WELL_SECONDS), _STUCK_SECONDS))
    answering = asyncio.create_task(_answer_all(engine, reception, calls))
    await stop.wait()
    guard.cancel()
    intercom.close()
    answering.cancel()
    await engine.stop(_GRACE_SECONDS)
    await asyncio.gather(*calls, return_exceptions=True)
    await intercom.settle()
    for task in beside:
        task.cancel()
    await reception.settle()
    room.dispose()
    log.info("engine ended", extra={"action": "engine_ended", "engine": name})


async def _do_as_asked(
    house: House, call_out: CallOut, room: CallbackRoom, is_well: Callable[[float], Awaitable[bool]],
    asked: Mapping[str, Any],
) -> Mapping[str, Any]:  # fmt: skip
    """What another process asks by intercom: call a citizen back, or try the line; the answer comes when it is over.

    Or whether the line is well.
    """
    if asked == HOW_ARE_YOU:
        return {"well": await is_well(_WELL_SECONDS)}
    try:
        if "try" in asked:
            return {"outcome": str(await call_out.try_line(str(asked["try"])))}
        who = Person(str(asked["who"]))
        telephone = str(asked.get("telephone") or house.settings.desk.phones.get(who.name, ""))
        outcome, case = await call_out.call(str(asked["callback"]), who, telephone, str(asked.get("number", "")))
    except RuleBroken as fault:
        return {"refused": refusal(fault, room.rulebook.calendar.zone), "code": fault.code}
    return {
        "outcome": str(outcome), "state": str(case.callback.state), "failing": str(case.attempts[-1].failing),
    }  # fmt: skip


async def _answer_all(engine: object, reception: Reception, calls: set[asyncio.Task[object]]) -> None:
    while True:
        leg = await engine.next_leg()  # type: ignore[attr-defined]
        task: asyncio.Task[object] = asyncio.create_task(reception.answer(leg))
        calls.add(task)
        task.add_done_callback(calls.discard)


@dataclass(slots=True)
class _Rounds:
    """What an engine does every few seconds beside its calls."""

    house: House
    reception: Reception
    call_out: CallOut
    room: CallbackRoom
    engine: Any

    def begin(self, number: int) -> list[asyncio.Task[None]]:
        """All of it, beside the calls."""
        town, name = self.house.settings.municipality.key, f"engine-{number}"
        carrying = carry_away(self.reception.recordings, self.room.troubles, town, name, SystemClock())
        return [asyncio.create_task(self.make(number)), asyncio.create_task(carrying)]

    async def make(self, number: int) -> None:
        """The spool is replayed, the hours are followed, the PBX's refusal is noted; the first engine also gives late
        text to messages and talks. Every hour: what the operators have confirmed since is learnt."""
        reception, house = self.reception, self.house
        late = house.transcription(reception.journal, reception.recordings, reception.recognizer, self.room.talks)  # type: ignore[arg-type]
        learnt = 0.0
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            learnt += _SWEEP_SECONDS
            if learnt >= _LEARN_SECONDS:
                learnt = 0.0
                await _learn(house)
            try:
                await reception.journal.replay()  # type: ignore[attr-defined]
                await reception.keep_refusals()
                self._follow_hours(late)
                await self._follow_words(late)
                await self._note_registration(f"trunk:registration-{number}")
                if number == 1:
                    await late.sweep()
            except Exception:  # the edge of a sweep: the next one tries again
                log.exception("sweep failed", extra={"action": "sweep_failed"})

    def _follow_hours(self, late: Transcription) -> None:
        if served := self.house.hours_now():
            self.reception.follow(served)
            self.call_out.desk.follow(served)
            late.municipalities = served
            log.info("the hours have changed", extra={"action": "calendar_changed"})

    async def _follow_words(self, late: Transcription) -> None:
        house, reception = self.house, self.reception
        if await asyncio.to_thread(house.words_now):
            late.understand, late.locals = house.understand, house.locals
            reception.speak(house.understand, house.catalog.load(), house.locals)
            self.call_out.say, self.call_out.locals = reception.say, house.locals
            await _learn(house)
            log.info("the words have changed", extra={"action": "words_changed"})

    async def _note_registration(self, name: str) -> None:
        if self.engine.registered is not None:
            town = self.house.settings.municipality.key
            await self.room.troubles.since(town, name, not self.engine.registered, SystemClock().now())


async def _learn(house: House) -> None:
    try:
        rows = await house.learn()
    except JournalError:
        log.warning("nothing learnt: the database is away", extra={"action": "learning_failed"})
    else:
        log.info("operators' topics learnt", extra={"action": "topics_learnt", "rows": rows})
