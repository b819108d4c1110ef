"""Engines behind Kamailio: calls held, what each costs, and which part fills the cores.

Every call is real: SIP through Kamailio, RTP both ways, the recording, and the recogniser at work on each word. The
callers (sipp) run on the same machine and are counted apart. Then an engine is killed in the middle of 200 calls.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.interop import sipp, sound
from tests.interop.kamailio import PBX, Edge, edge
from tests.interop.service import NO_LIMITS, REPOSITORY, Service, eventually, make_home

LONG = True
ENGINES = (1, 2, 4, 8)
EDGE_PORT, ENGINE_PORT = 25_080, 25_300
MEASURED_SECONDS = 15.0
HELD_SECONDS = 40.0
DATA = REPOSITORY / "tests" / "data"
_TICKS = os.sysconf("SC_CLK_TCK")


def worked(pids: list[int]) -> float:
    """Processor seconds of some processes and their threads."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [pid, *map(int, children)]


@contextmanager
def installation(engines: int, message_seconds: float) -> Iterator[tuple[Service, Edge]]:
    """So many engines, a recogniser, and Kamailio before them."""
    with tempfile.TemporaryDirectory(prefix="scale") as folder:
        yield from _installed(Path(folder), engines, message_seconds)


def _installed(folder: Path, engines: int, message_seconds: float) -> Iterator[tuple[Service, Edge]]:
    home = make_home(folder / "home", message_seconds=message_seconds, silence_seconds=5.0)
    phone = f"engines = {engines}\nrtp_port = 31000\nno_media_seconds = 30.0"
    with Service(home, command="serve", phone=phone, tables=NO_LIMITS, chosen_port=ENGINE_PORT) as service:
        for _ in range(engines - 1):
            service.await_engine(60)
        ports = sorted(service.ports.values())
        with edge(folder / "edge", EDGE_PORT, ports, service.legs, a_minute=100_000) as front:
            yield service, front


def hold(engines: int, talk: Path) -> Mapping[str, float]:
    """Every leg of every engine talks; shares of a core of each part."""
    with installation(engines, HELD_SECONDS) as (service, front):
        calls = engines * service.legs
        pids = {
            "engines": [service.pid(f"engine-{number + 1}") for number in range(engines)],
            "recogniser": [service.child("recogniser")],
            "kamailio": family(front.pid),
        }
        steps = sipp.answered_through_proxy() + sipp.speak(talk) + sipp.expect_request("BYE", 120)
        crowd = sipp.start(
            EDGE_PORT, "held", steps, calls=calls, per_second=max(4.0, engines * 2.0), source=PBX, seconds=180
        )
        eventually(lambda: len(service.calls("held")) == calls or None, 60)
        time.sleep(3)
        pids["callers"] = [crowd.process.pid]
        before = {part: worked(ones) for part, ones in pids.items()}
        began = time.monotonic()
        time.sleep(MEASURED_SECONDS)
        seconds = time.monotonic() - began
        shares = {part: (worked(ones) - before[part]) / seconds for part, ones in pids.items()}
        crowd.finish(180)
        eventually(lambda: not service.rows("SELECT 1 FROM call WHERE ended_at IS NULL") or None, 60)
        rows = service.calls("held")
        ends = Counter(row["end"] for row in rows)
        assert ends == {"completed": calls}, ends
        return {"calls": len(rows), **shares}


def kill_one(engines: int, talk: Path, total: int) -> str:
    """Kill an engine in the middle of so many calls; what came of them."""
    with installation(engines, 5.0) as (service, _):
        legs = engines * service.legs
        steps = sipp.answered_through_proxy() + sipp.speak(talk) + sipp.expect_request("BYE", 60)
        crowd = sipp.start(
            EDGE_PORT, "killed", steps, calls=total, at_once=legs - service.legs, per_second=4.0, source=PBX,
            seconds=400,
        )  # fmt: skip
        eventually(lambda: len(service.calls("killed")) > total // 2 or None, 200)
        running = "SELECT id FROM call WHERE engine = 'engine-2' AND ended_at IS NULL"
        in_progress = [row["id"] for row in service.rows(running)]
        os.kill(service.pid("engine-2"), signal.SIGKILL)
        outcome = crowd.outcome(400)
        eventually(lambda: not service.rows("SELECT 1 FROM call WHERE ended_at IS NULL") or None, 60)
        rows = {row["id"]: row for row in service.calls("killed")}
        kept = [rows[call] for call in in_progress if rows[call]["callback_id"]]
        playable = [call for call in in_progress if service.sound(call).pcm]
        return (
            f"{total} calls over {engines} engines, one killed in the middle with {len(in_progress)} calls in "
            f"progress: {outcome.failed} failed, {outcome.successful} came to their end; of the killed engine's "
            f"calls {len(kept)} have a row with a callback and {len(playable)} a playable recording; the slowest "
            f"new call was answered after {outcome.slowest_ms:.0f} ms."
        )


def run() -> str:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="talk") as folder:
        talk = Path(folder, "talk.al")
        talk.write_bytes(sound.alaw(sound.read_wav(DATA / "said_number.wav") + bytes(4000)))
        lines = []
        for engines in ENGINES:
            held = hold(engines, talk)
            calls = held["calls"]
            ours = sum(held[part] for part in ("engines", "recogniser", "kamailio"))
            lines.append(
                f"| {engines} | {calls:.0f} | "
                + " | ".join(f"{100 * held[part]:.1f}" for part in ("engines", "recogniser", "kamailio", "callers"))
                + f" | {100 * ours / calls:.2f} |"
            )
        killed = kill_one(8, talk, 200)
    table = "\n".join(lines)
    return f"""
Shares of one core, %; every leg talks, is recorded and recognised.

| engines | calls held | engines | recogniser | Kamailio | sipp (the callers) | ours, per call |
|---|---|---|---|---|---|---|
{table}

{killed}
"""
