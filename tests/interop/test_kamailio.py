"""Engines behind Kamailio, with the configuration that we hand out: spread, failed over, drained, guarded."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ivr.adapters.files.settings import read_settings
from ivr.cli.doctor_cluster import examine_cluster
from tests.interop.kamailio import PBX, STRANGER, TELEPHONES, Edge, edge, register
from tests.interop.phone import Phone
from tests.interop.service import NO_LIMITS, Service, eventually, make_home

pytestmark = pytest.mark.sip

EDGE_PORT, ENGINE_PORT = 25_080, 25_200
NEW_CALL_SECONDS = 1.2


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two engines."""
    home = make_home(tmp_path_factory.mktemp("engines"))
    phone = "engines = 2\nno_media_seconds = 30.0\nrtp_port = 30000"
    with Service(home, phone=phone, tables=NO_LIMITS, command="serve", chosen_port=ENGINE_PORT) as running:
        running.await_engine()
        yield running


@pytest.fixture(scope="module")
def front(engines: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Kamailio before them."""
    ports = sorted(engines.ports.values())
    with edge(tmp_path_factory.mktemp("edge"), EDGE_PORT, ports, engines.legs) as running:
        yield running


def pbx(front: Edge, host: str = PBX) -> Phone:
    """A leg of the PBX."""
    return Phone(front.port, host=host)


def answered(phone: Phone, name: str, number: str = "", seconds: float = 5.0) -> float:
    """A call is answered; after how long."""
    began = time.monotonic()
    response = phone.call(name, sender=f"<sip:{number or name}@pbx>".encode())
    assert response.status == 200, response.text
    phone.answer = response  # type: ignore[attr-defined]
    waited = time.monotonic() - began
    assert waited < seconds
    return waited


def end(phone: Phone, name: str, number: str = "", *, gone: bool = False) -> None:
    """Hang up."""
    phone.hang_up(name, phone.answer, gone=gone, sender=f"<sip:{number or name}@pbx>".encode())  # type: ignore[attr-defined]


def legs_free(engines: Service, front: Edge) -> None:
    """No engine has a call, and Kamailio knows it."""
    eventually(lambda: engines.rows("SELECT 1 FROM call WHERE ended_at IS NULL") == [] or None, 30)
    eventually(lambda: set(re.findall(r"DLGLOAD: (\d+)", front.command("dispatcher.list"))) <= {"0"} or None, 10)


def test_calls_fill_every_leg_of_every_engine_and_the_next_one_is_told_when(engines: Service, front: Edge) -> None:
    legs_free(engines, front)
    with ExitStack() as stack:
        phones = [stack.enter_context(pbx(front)) for _ in range(2 * engines.legs + 1)]
        for number, phone in enumerate(phones[:-1]):
            answered(phone, f"fill{number}-1")
        refusal = phones[-1].call("fill-over-1", sender=b"<sip:over@pbx>")
        assert (refusal.status, refusal.header("Retry-After")) == (486, "20")
        for number, phone in enumerate(phones[:-1]):
            end(phone, f"fill{number}-1")
    rows = engines.rows("SELECT engine, count(*) AS calls FROM call WHERE sip_call_id LIKE 'fill%' GROUP BY engine")
    assert {row["engine"]: row["calls"] for row in rows} == {"engine-1": engines.legs, "engine-2": engines.legs}


def test_a_killed_engine_takes_only_its_own_calls_with_it(engines: Service, front: Edge) -> None:
    legs_free(engines, front)
    with ExitStack() as stack:
        phones = [stack.enter_context(pbx(front)) for _ in range(engines.legs)]
        for number, phone in enumerate(phones):
            answered(phone, f"fate{number}-1")
        os.kill(engines.pid("engine-2"), signal.SIGKILL)
        after = [stack.enter_context(pbx(front)) for _ in range(2)]
        slowest = max(answered(phone, f"after{number}-1") for number, phone in enumerate(after))
        assert slowest < NEW_CALL_SECONDS
        lived = [row["sip_call_id"] for row in engines.rows(
            "SELECT sip_call_id FROM call WHERE sip_call_id LIKE 'fate%' AND engine = 'engine-1'")]  # fmt: skip
        assert 0 < len(lived) < len(phones)
        for number, phone in enumerate(after):
            end(phone, f"after{number}-1")
        engines.await_engine()
        for number, phone in enumerate(phones):
            end(phone, f"fate{number}-1", gone=f"fate{number}-1" not in lived)
        eventually(lambda: front.active() == 2 or None, 20)
        lost = eventually(lambda: engines.rows(
            "SELECT callback_id FROM call JOIN message USING (id) WHERE sip_call_id LIKE 'fate%' "
            "AND engine = 'engine-2' AND ended_at IS NOT NULL") or None, 20)  # fmt: skip
        assert len(lost) == len(phones) - len(lived)


def test_an_engine_is_drained_for_an_upgrade(engines: Service, front: Edge) -> None:
    legs_free(engines, front)
    drained = f"sip:127.0.0.1:{engines.ports['engine-1']}"
    with pbx(front) as running:
        answered(running, "drain-running-1")
        front.command("dispatcher.set_state", "dx", "1", drained)
        try:
            for number in range(3):
                with pbx(front) as phone:
                    answered(phone, f"drain{number}-1")
                    end(phone, f"drain{number}-1")
        finally:
            front.command("dispatcher.set_state", "ax", "1", drained)
        end(running, "drain-running-1")
    rows = engines.rows("SELECT DISTINCT engine FROM call WHERE sip_call_id GLOB 'drain[0-9]*'")
    assert rows == [{"engine": "engine-2"}]


def test_a_stranger_gets_no_answer(engines: Service, front: Edge) -> None:
    with pbx(front, STRANGER) as stranger:
        for method in ("OPTIONS", "INVITE", "REGISTER"):
            stranger.request(method, f"strange-{method}", body=stranger.sdp if method == "INVITE" else "")
        assert stranger.receive(1.5) is None
    assert engines.calls("strange") == []


def test_one_number_does_not_take_all_lines(engines: Service, front: Edge) -> None:
    """F19, at the edge: the seventh call of a number within a minute is sent away, others are served."""
    legs_free(engines, front)
    robot = b"<sip:+79000000099@pbx>"
    statuses = []
    for number in range(8):
        with pbx(front) as phone:
            response = phone.call(f"robot{number}-1", sender=robot)
            statuses.append(response.status)
            if response.status == 200:
                phone.hang_up(f"robot{number}-1", response, sender=robot)
    assert statuses == [200] * 6 + [480] * 2
    with pbx(front) as honest:
        answered(honest, "honest-1", "+79000000098")
        end(honest, "honest-1", "+79000000098")


def test_operators_register_and_are_all_rung_by_one_invite(front: Edge, engines: Service) -> None:
    legs_free(engines, front)
    with pbx(front, TELEPHONES) as first, pbx(front, TELEPHONES) as second:
        assert register(first, "101", "wrong") == 401
        assert register(first, "101", "word101") == 200
        assert register(second, "102", "word102") == 200
        with Phone(front.port, host="127.0.0.1") as engine:
            engine.request("INVITE", "ring-1", body=engine.sdp, uri="sip:operators@helpline")
            assert engine.receive(1.0) is None, "only an engine's own port may ring the operators"
        assert front.command("ul.dump").count("Contact:") == 2


def test_the_doctor_asks_the_edge_and_every_engine(engines: Service, front: Edge, tmp_path: Path) -> None:
    named = ", ".join(f'"127.0.0.1:{port}"' for port in (*engines.ports.values(), 25_999))
    (tmp_path / "ivr.toml").write_text(
        f'[storage]\ndata = "{tmp_path}"\n[cluster]\nedge = "127.0.0.1:{front.port}"\nengines = [{named}]\n', "utf-8"
    )

    def asked() -> dict[str, bool]:
        findings = asyncio.run(examine_cluster(read_settings(tmp_path / "ivr.toml")))
        return {found.subject: not found.fault for found in findings if found.what in ("edge", "engine")}

    lines = {f"127.0.0.1:{port}": True for port in engines.ports.values()} | {"127.0.0.1:25999": False}
    assert asked() == {f"127.0.0.1:{front.port}": False, **lines}  # we are strangers to the edge as yet
    with (front.folder / "ivr-trusted.list").open("a", encoding="utf-8") as trusted:
        trusted.write("3 127.0.0.1 32 0 doctor\n")
    front.command("permissions.addressReload")
    assert asked() == {f"127.0.0.1:{front.port}": True, **lines}
