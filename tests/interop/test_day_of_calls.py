"""A day of calls with sipp as callers, operators and citizens: the product's figures are those that sipp itself counted
(appendix 1, interpretations 9 to 11)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.intercom import ask
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.domain.card import Rulebook
from ivr.domain.people import Person
from ivr.services.callbacks import CallbackDesk
from tests.figures import Figures
from tests.interop import operators, sipp
from tests.interop.exchange import free_port
from tests.interop.service import NO_LIMITS, REPOSITORY, Service, eventually, make_home, tone
from tests.interop.sound import alaw
from tests.samples import CALENDAR, RULES, SetClock, a_call, a_callback, a_message, ended

pytestmark = pytest.mark.sip
ENGINES = 4
RING_SECONDS, TALK_SECONDS = 0.4, 0.6
ANNA = Person("Петрова")
CLOSE = 0.15  # seconds: a call's way through the engine and back, twice
RING, LENGTH = "ResponseTimering(C)", "CallLength(C)"  # sipp's means: until the handset is lifted; until the BYE


class Day:
    """One installation with two operators and a trunk, all played by sipp."""

    def __init__(self, folder: Path) -> None:
        self.phones, self.trunk = (free_port(), free_port()), free_port()
        self.sound = folder / "voice.al"
        self.sound.write_bytes(alaw(tone(2.0)))
        addresses = [f"sip:{101 + number}@127.0.0.1:{port}" for number, port in enumerate(self.phones)]
        tables = (
            f'{NO_LIMITS}\n[desk]\noperators = {addresses}\ncalls_per_person = 1000\n'
            f'[desk.phones]\n"{ANNA.name}" = "{addresses[0]}"'
        )  # fmt: skip
        phone = (
            f'engines = {ENGINES}\nno_media_seconds = 4.0\nrtp_port = 28000\ntrunk = "127.0.0.1:{self.trunk}"\n'
            "watch_trunk = false"
        )
        home = make_home(folder / "home", ring_seconds=4.0, message_seconds=2.0)
        self.service = Service(home, phone=phone, mode="front_desk", tables=tables, command="serve")

    def __enter__(self) -> Day:
        self.service.__enter__()
        for _ in range(ENGINES - 1):
            self.service.await_engine(60)
        return self

    def __exit__(self, *fault: object) -> None:
        self.service.__exit__(*fault)  # type: ignore[arg-type]

    def crowd(
        self, name: str, calls: int, phones: Sequence[str], *steps: str
    ) -> tuple[int, operators.Telephone, dict[str, int]]:
        """So many callers, one after another at each engine, and both telephones; how many calls went as written by the
        callers' own count; the first telephone, and what it counted."""
        rung = [
            operators.telephone(port, does, calls=calls, seconds=600)
            for port, does in zip(self.phones, phones, strict=True)
        ]
        each = calls // ENGINES
        callers = [
            sipp.start(
                port, f"{name}{place}", sipp.answered(sender=f"<sip:+7900{place}[call_number]@[local_ip]>"),
                sipp.speak(self.sound), *steps, calls=each, at_once=1, seconds=600,
            ) for place, port in enumerate(self.service.ports.values())
        ]  # fmt: skip
        outcomes = [caller.outcome(600) for caller in callers]
        assert sum(outcome.failed for outcome in outcomes) == 0
        counted = rung[0].finish()
        rung[1].finish()
        eventually(lambda: not self.service.rows("SELECT 1 FROM call WHERE ended_at IS NULL") or None, 30)
        return sum(outcome.successful for outcome in outcomes), rung[0], counted

    async def call_back(self, first: int, count: int, trunk: str) -> dict[str, int]:
        """The operator calls so many citizens back who were promised it; what the trunk counted."""
        phone = operators.telephone(
            self.phones[0], operators.invited(), operators.lifts(self.sound), sipp.expect_request("BYE"),
            calls=count, seconds=600,
        )  # fmt: skip
        citizens = operators.telephone(self.trunk, trunk, calls=count, seconds=600)
        database = connect(f"sqlite:///{self.service.data / 'journal.db'}")
        book, journal = DatabaseCallbackBook(database), DatabaseJournal(database)
        rulebook = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))
        desk = CallbackDesk(book, SetClock(datetime.now(UTC)), rulebook)
        for number in range(first, first + count):
            call = replace(a_call(number + (1 << 100), datetime.now(UTC)), municipality="test")
            message = a_message(call, phone=f"+7900001{number:04d}")
            await journal.close(ended(call), [], message, a_callback(message))
            await desk.take(message.id, ANNA)
            asked = {"callback": message.id, "who": ANNA.name}
            told = await asyncio.wait_for(ask(self.service.data / "engine-1.intercom", asked), 60)
            assert "outcome" in told, told
        book.dispose()
        journal.dispose()
        phone.finish()
        return citizens.finish()

    def figures(self) -> dict[str, Any]:
        """As the curator asks for them."""
        today = datetime.now(UTC).date()
        period = f"{today - timedelta(days=1)}..{today + timedelta(days=1)}"
        command = [sys.executable, "-m", "ivr.cli.main", "--config", str(self.service.home / "config" / "ivr.toml")]
        told = subprocess.run(
            [*command, "load", "show", "--week", period, "--json"], check=True, capture_output=True, text=True,
            cwd=REPOSITORY, env={**os.environ, "IVR_HOME": str(self.service.home)},
        )  # fmt: skip
        return dict(json.loads(told.stdout)["total"])


@pytest.mark.parametrize(
    ("answered", "overflowed", "left", "called_back"),
    [
        pytest.param(8, 8, 4, 2, id="a quiet day"),
        pytest.param(260, 140, 100, 20, id="500 calls", marks=pytest.mark.slow),
    ],
)
def test_the_figures_of_a_day_are_those_that_sipp_counted(
    tmp_path: Path, figures: Figures, answered: int, overflowed: int, left: int, called_back: int
) -> None:
    with Day(tmp_path) as day:
        lifts = (
            operators.invited("ring") + operators.ringing() + sipp.pause(RING_SECONDS)
            + operators.lifts(day.sound, "ring") + sipp.pause(TALK_SECONDS) + operators.parting()
        )  # fmt: skip
        busy = operators.invited() + operators.refuses(486)
        rings = operators.invited() + operators.ringing() + operators.cancelled()
        talked, phone, accepted = day.crowd("talks", answered, (lifts, busy), sipp.expect_request("BYE", 60))
        nobody, *_ = day.crowd("nobody", overflowed, (busy, busy), sipp.pause(1.0), sipp.bye())
        gave_up, *_ = day.crowd("leaves", left, (rings, rings), sipp.pause(0.8), sipp.bye())
        hears = (
            operators.invited() + operators.ringing() + operators.lifts(day.sound) + sipp.pause(TALK_SECONDS)
            + operators.parting()
        )  # fmt: skip
        reached = asyncio.run(day.call_back(0, called_back, hears))
        in_vain = asyncio.run(day.call_back(called_back, called_back, busy))
        told = day.figures()
    received = talked + nobody + gave_up
    took = accepted["SuccessfulCall(C)"]
    made = reached["TotalCallCreated"] + in_vain["TotalCallCreated"]
    ring, talk = phone.times[RING], phone.times[LENGTH] - phone.times[RING]
    figures(
        "day", f"{received} received, {took} accepted, {made} made, rang {ring:.3f} s, talked {talk:.3f} s: sipp's "
        f"counts; the product's: {told}",
    )  # fmt: skip
    assert received == answered + overflowed + left
    assert (told["received"], told["accepted"], told["lost"]) == (received, took, received - took)
    assert (told["made"], told["reached"]) == (made, reached["SuccessfulCall(C)"])
    assert made == 2 * called_back
    assert told["by_machine"] == nobody
    assert told["lost_share"] == pytest.approx((received - took) / received)
    assert told["availability"] == pytest.approx(took / received)
    assert told["productivity"] == pytest.approx(reached["SuccessfulCall(C)"] / made)
    assert told["ring_seconds"] == pytest.approx(ring, abs=CLOSE)
    assert told["handling_seconds"] == pytest.approx(talk, abs=CLOSE)
