"""Many calls at once, a robot, and 20,000 calls one after another: nothing is refused, damaged, or used up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from tests.figures import Figures
from tests.interop import sipp
from tests.interop.caller import Caller
from tests.interop.service import NO_LIMITS, Service, eventually, make_home, tone
from tests.interop.test_media import HERTZ, clean_share

pytestmark = [pytest.mark.sip, pytest.mark.slow]

ENGINES, SOAK_ENGINES, TALK_SECONDS = 2, 5, 20.0
ROBOT_CALLS, ROBOT_PER_SECOND, HONEST_EVERY_SECONDS = 2000, 20.0, 4.0
SOAK_CALLS = int(os.environ.get("IVR_SOAK_CALLS", "20000"))
WARM_CALLS = SOAK_CALLS // 10
GROWTH_AT_MOST = 0.05


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two engines with all their legs, a recogniser, messages of 20 s."""
    home = make_home(tmp_path_factory.mktemp("crowd"), message_seconds=TALK_SECONDS, silence_seconds=30.0)
    with Service(home, phone=f"engines = {ENGINES}", command="serve") as running:
        for _ in range(ENGINES - 1):
            running.await_engine()
        yield running


def test_every_leg_is_taken_nobody_is_refused_and_every_voice_is_clean(crowded: Service, figures: Figures) -> None:
    """Each call has its prompts, its recording, live recognition."""
    ports = [crowded.ports[f"engine-{1 + place % ENGINES}"] for place in range(ENGINES * crowded.legs)]

    def talk(place: int, port: int) -> str:
        name = f"crowd{place}"
        with Caller(port) as caller:
            answer = caller.begin(f"{name}-1", f"+7900000{place:04d}")
            caller.await_quiet()
            caller.say(tone(TALK_SECONDS - 2, HERTZ))
            caller.end(f"{name}-1", answer)
        return name

    with ThreadPoolExecutor(len(ports)) as pool:
        names = list(pool.map(talk, range(len(ports)), ports))
    shares = []
    for name in names:
        said = crowded.sound(str(crowded.closed_call(name)["id"])).pcm
        assert len(said) / wav.BYTES_PER_SECOND > TALK_SECONDS - 4
        shares.append(clean_share(said[: -wav.BYTES_PER_SECOND // 5]))
    figures("load", f"{len(ports)} calls at once on {ENGINES} engines: 0 refused, clean frames ≥ {min(shares):.2%}")
    assert min(shares) >= 0.995


def test_a_robot_rings_2000_times_and_people_are_served(tmp_path: Path, chatter_file: Path, figures: Figures) -> None:
    """Fault F19: 20 calls a second of one number, an honest call in between every few seconds."""
    with Service(make_home(tmp_path / "home"), phone="engines = 2", command="serve") as service:
        service.await_engine()
        robot = sipp.start(
            service.ports["engine-1"], "robot", sipp.answered(sender="<sip:+79000030001@[local_ip]>"),
            sipp.speak(chatter_file), sipp.pause(1), sipp.bye(),
            calls=ROBOT_CALLS, per_second=ROBOT_PER_SECOND, at_once=200, seconds=300,
        )  # fmt: skip
        honest = 0
        while robot.process.poll() is None:
            sipp.run(
                service.ports["engine-1"], f"honest{honest}", sipp.answered(sender=f"<sip:+790000400{honest:02d}@x>"),
                sipp.speak(chatter_file), sipp.pause(1.5), sipp.bye(),
            )  # fmt: skip
            honest += 1
            time.sleep(HONEST_EVERY_SECONDS - 2)
        outcome = robot.outcome()
        rows = service.rows("SELECT 1 FROM call WHERE caller_number = '+79000030001'")
        served = service.rows("SELECT 1 FROM call WHERE caller_number LIKE '+790000400%'")
        refused = "SELECT count(*) AS n FROM leg WHERE number = '+79000030001' AND cause = 603"
        eventually(lambda: service.rows(refused)[0]["n"] >= outcome.failed or None, 30)
    figures("F19", f"{outcome.failed} of {ROBOT_CALLS} robot calls refused; {len(served)} of {honest} people served")
    assert len(served) >= 0.99 * honest
    assert honest >= 20
    assert len(rows) < 0.2 * ROBOT_CALLS


def test_20000_calls_use_nothing_up(tmp_path: Path, chatter_file: Path, figures: Figures) -> None:
    """Compressed calls: an INVITE, a beep, a second of speech, a BYE; what each process uses."""
    home = make_home(tmp_path / "home", message_seconds=1.0, silence_seconds=0.5, patience_seconds=0.6)
    with Service(home, phone=f"engines = {SOAK_ENGINES}", tables=NO_LIMITS, command="serve") as service:
        for _ in range(SOAK_ENGINES - 1):
            service.await_engine()
        watched = {name: service.pid(name) for name in service.ports} | {"recogniser": service.child("recogniser")}
        ring(service, chatter_file, "warm", WARM_CALLS)
        before = {name: _uses(pid) for name, pid in watched.items()}
        ring(service, chatter_file, "soak", SOAK_CALLS - WARM_CALLS)
        after = {name: _uses(pid) for name, pid in watched.items()}
        closed = "SELECT count(*) AS n FROM call WHERE ended_at IS NOT NULL"
        eventually(lambda: service.rows(closed)[0]["n"] >= SOAK_CALLS or None, 300)  # the spool's rows among them
        kept = service.rows("SELECT count(*) AS n FROM call")[0]["n"]
    for name, was in before.items():
        figures("soak", f"{name}: memory, descriptors, threads {was} → {after[name]} after {SOAK_CALLS} calls")
    assert kept == SOAK_CALLS
    for name, was in before.items():
        for one, other in zip(was, after[name], strict=True):
            assert other <= one * (1 + GROWTH_AT_MOST) + 1, f"{name}: {was} → {after[name]}"


def ring(service: Service, voice: Path, name: str, calls: int) -> None:
    """So many calls, every leg taken all the time."""
    crowds = [
        sipp.start(
            port, f"{name}{place}", sipp.answered(sender=f"<sip:+7900{place}[call_number]@[local_ip]>"),
            sipp.speak(voice), sipp.pause(0.6), sipp.bye(),
            calls=calls // SOAK_ENGINES, per_second=8, at_once=service.legs - 1, seconds=calls,
        ) for place, port in enumerate(service.ports.values())
    ]  # fmt: skip
    for crowd in crowds:
        outcome = crowd.outcome(calls)
        assert outcome.failed == 0


def _uses(pid: int) -> tuple[int, ...]:
    """Memory of its own (PSS, MB), open descriptors, threads of a process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) // 1024
    return pss, *(sum(1 for _ in Path(f"/proc/{pid}/{what}").iterdir()) for what in ("fd", "task"))
