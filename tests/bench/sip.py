"""The telephone: how quickly a call is answered, spoken with and written down.

Peers are on loopback. INVITE → 200 OK includes the journal's row, committed to disk before the answer; sipp's own UAS,
the yardstick, keeps nothing. A reaction is measured from the moment the engine tells that the caller's turn is over
to the first packet with sound that the caller gets: the recogniser's last word, the understanding, and the player.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests.interop import sipp, sound
from tests.interop.caller import Caller
from tests.interop.phone import Phone
from tests.interop.service import NO_LIMITS, REPOSITORY, Service, make_home

CALLS, PER_SECOND = 200, 10.0
SILENCE_SECONDS = 1.0
CPU_SECONDS = 15.0
DATA = REPOSITORY / "tests" / "data"
SAYINGS = ("said_water", "said_number", "said_yes", "said_name")
_names = itertools.count(1)


def quantiles(seconds: Sequence[float], upper: int) -> str:
    """p50 and an upper percentile, ms."""
    low, high = np.percentile(np.array(seconds) * 1000, [50, upper])
    return f"{low:.1f} | {high:.1f} | {len(seconds)}"


def answer_times(port: int) -> list[float]:
    """INVITE → 200 OK, one call after another, each hung up at once."""
    times = []
    with Phone(port) as phone:
        for _ in range(CALLS):
            began = time.perf_counter()
            name = f"answer{next(_names)}-1"
            phone.request("INVITE", name, body=phone.sdp)
            answer = phone.response(name, "INVITE")
            times.append(time.perf_counter() - began)
            assert answer.status == 200, answer.text
            phone.request("ACK", name, to_tag=phone.tag(answer))
            phone.hang_up(name, answer)
            time.sleep(max(1 / PER_SECOND - (time.perf_counter() - began), 0))
    return times


def sipp_answer_times() -> list[float]:
    """The same with sipp's own UAS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "dumb"},
        )  # fmt: skip
        try:
            time.sleep(1)
            return answer_times(port)
        finally:
            server.kill()
            server.wait()


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Memory of a process that is its own (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def load(pids: Sequence[int]) -> list[tuple[float, float]]:
    """Share of a core and memory of each process, over a while."""
    before = [cpu_seconds(pid) for pid in pids]
    time.sleep(CPU_SECONDS)
    return [((cpu_seconds(pid) - was) / CPU_SECONDS, memory_mb(pid)) for pid, was in zip(pids, before, strict=True)]


def cost(what: Sequence[str], pids: Sequence[int], port: int, legs: int, talk: Path) -> list[str]:
    """CPU and memory of a call in progress: all legs taken, everybody speaking; a row for each process."""
    idle = load(pids)
    steps = sipp.answered() + sipp.speak(talk) + sipp.pause(CPU_SECONDS + 4) + sipp.bye()
    crowd = sipp.start(port, f"crowd{next(_names)}", steps, calls=legs)
    time.sleep(3)
    busy = load(pids)
    crowd.finish()
    return [
        f"| {name} | {100 * cpu0:.1f} | {100 * cpu:.1f} | {100 * (cpu - cpu0) / legs:.2f} "
        f"| {mb0:.0f} | {mb:.0f} | {(mb - mb0) / legs:.1f} |"
        for name, (cpu0, mb0), (cpu, mb) in zip(what, idle, busy, strict=True)
    ]


def cost_of_the_library(legs: int, talk: Path) -> list[str]:
    """The same of the SIP library alone."""
    bare = subprocess.Popen([sys.executable, "-m", "tests.bench._bare"], cwd=REPOSITORY, stdout=subprocess.PIPE)
    try:
        assert bare.stdout
        return cost(["the SIP library alone"], [bare.pid], int(bare.stdout.readline()), legs, talk)
    finally:
        bare.kill()
        bare.communicate()


def reactions(service: Service) -> list[float]:
    """End of speech decided → first sound of the next prompt on the wire, in conversations on all legs at once."""
    sayings = [sound.read_wav(DATA / f"{saying}.wav") for saying in SAYINGS]
    service.news_so_far()

    def converse(number: int) -> tuple[str, list[float]]:
        with Caller(service.port) as caller:
            name = f"talk{number}-1"
            answer = caller.begin(name, f"+7900{number:07d}")
            for saying in sayings:
                caller.await_quiet()
                caller.hears_after(caller.say(saying))
            caller.await_quiet()
            caller.end(name, answer)
            return name, caller.sounds

    with ThreadPoolExecutor(service.legs) as pool:
        heard = dict(pool.map(converse, range(6 * service.legs)))
    news = service.news_so_far()
    found = []
    for call in service.rows("SELECT id, sip_call_id FROM call"):
        sounds = heard.get(call["sip_call_id"], [])
        decided = [item["at"] for item in news if item["action"] == "turn_over" and item["call"] == call["id"]]
        after = [next((at - moment for at in sounds if at > moment), None) for moment in decided]
        found += [seconds for seconds in after if seconds is not None]
    return found


def commits(service: Service) -> list[float]:
    """Hang-up in mid-sentence → row and callback committed."""
    said = sound.read_wav(DATA / "said_number.wav")
    service.news_so_far()

    def leave(number: int) -> tuple[str, float]:
        with Caller(service.port) as caller:
            name = f"leave{number}-1"
            answer = caller.begin(name, f"+7901{number:07d}")
            caller.await_quiet()
            caller.say(said[: len(said) // 2 // 2 * 2])
            return name, caller.end(name, answer)

    with ThreadPoolExecutor(service.legs) as pool:
        left = dict(pool.map(leave, range(10 * service.legs)))
    time.sleep(2)
    ended = {news["call"]: news["at"] for news in service.news_so_far() if news["action"] == "call_ended"}
    ids = {call["sip_call_id"]: call["id"] for call in service.rows("SELECT id, sip_call_id FROM call")}
    return [ended[ids[name]] - at for name, at in left.items()]


def run() -> str:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        home = make_home(
            Path(folder, "home"), message_seconds=60.0, silence_seconds=SILENCE_SECONDS,
            answer_silence_seconds=SILENCE_SECONDS, patience_seconds=4.0,
        )  # fmt: skip
        talk = Path(folder, "talk.al")
        talk.write_bytes(sound.alaw(sound.read_wav(DATA / "said_number.wav") + bytes(4000)))
        with Service(home, tables=NO_LIMITS, command="serve") as service:
            pids = (service.pid("engine-1"), service.child("recogniser"))
            costs = cost(("engine", "recogniser"), pids, service.port, service.legs, talk)
            costs += cost_of_the_library(service.legs, talk)
            spoken, written = reactions(service), commits(service)
            ours, theirs = answer_times(service.port), sipp_answer_times()
    at_once = f"{service.legs} conversations at once"
    return f"""
| ms | p50 | high | n |
|---|---|---|---|
| INVITE → 200 OK, our engine (p99) | {quantiles(ours, 99)} |
| INVITE → 200 OK, sipp's own UAS (p99) | {quantiles(theirs, 99)} |
| end of speech decided → next prompt on the wire, {at_once} (p95) | {quantiles(spoken, 95)} |
| hang-up in mid-sentence → row committed, {at_once} (p95) | {quantiles(written, 95)} |

| process | CPU idle, % of a core | {service.legs} calls | per call | MB idle | {service.legs} calls | per call |
|---|---|---|---|---|---|---|
""" + "\n".join(costs)
