"""`ivr doctor --cluster`: every part is asked, and each that is ill comes with its remedy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.files.ui import words
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.leader import AdvisoryLease
from ivr.adapters.storage.notices import DatabaseLease
from ivr.cli.doctor_cluster import examine_cluster
from ivr.cli.findings import Finding
from ivr.cli.main import app
from tests.mail_server import free_port
from tests.recogniser_process import RecogniserProcess

MINUTE = timedelta(minutes=1)


class Answers(asyncio.DatagramProtocol):
    """A SIP peer that answers OPTIONS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        same = [line for line in data.split(b"\r\n") if line.split(b":")[0] in (b"Via", b"Call-ID", b"CSeq")]
        self.transport.sendto(b"\r\n".join([b"SIP/2.0 200 OK", *same, b"", b""]), addr)  # type: ignore[attr-defined]


class Ready(BaseHTTPRequestHandler):
    """A console that can work, or not."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/ready" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def console() -> Iterator[int]:
    """A console's port."""
    server = HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _settings(folder: Path, database: str, *, edge: int, engines: list[int], web: int) -> Settings:
    named = ", ".join(f'"127.0.0.1:{port}"' for port in engines)
    (folder / "ivr.toml").write_text(
        f'[storage]\ndata = "{folder}"\ndatabase = "{database}"\n[web]\nport = {web}\n'
        f'[cluster]\nedge = "127.0.0.1:{edge}"\nengines = [{named}]\n', "utf-8",
    )  # fmt: skip
    return read_settings(folder / "ivr.toml")


def _by_name(findings: object) -> dict[str, Finding]:
    return {f"{finding.what} {finding.subject}".strip(): finding for finding in findings}  # type: ignore[attr-defined]


async def _peer() -> tuple[asyncio.BaseTransport, int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0))
    return transport, transport.get_extra_info("sockname")[1]


@pytest.mark.speech
async def test_an_installation_that_works(tmp_path: Path, database_url: str, console: int) -> None:
    engine = connect(database_url)
    upgrade(engine)
    lease = AdvisoryLease(engine) if engine.dialect.name == "postgresql" else DatabaseLease(engine)
    await lease.hold("timetable", "node-a", datetime.now(UTC), MINUTE)
    edge, edge_port = await _peer()
    line, line_port = await _peer()
    recogniser = RecogniserProcess(tmp_path / "speech.sock")
    try:
        settings = _settings(tmp_path, database_url, edge=edge_port, engines=[line_port], web=console)
        found = _by_name(await examine_cluster(settings))
    finally:
        recogniser.stop()
        for transport in (edge, line):
            transport.close()
        lease.dispose()
        engine.dispose()
    assert [finding for finding in found.values() if finding.fault] == []
    assert found["leader"].detail == "node-a"
    assert {what.split()[0] for what in found} == {
        "edge", "engine", "recogniser", "shared_database", "leader", "clock", "rows_waiting", "console",
    }  # fmt: skip


async def test_every_part_that_is_away_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "engine-1.jsonl").write_text("{}\n", "utf-8")
    away = "postgresql+psycopg://ivr:secret@127.0.0.1:1/ivr"
    settings = _settings(tmp_path, away, edge=free_port(), engines=[free_port(), free_port()], web=free_port())
    findings = await examine_cluster(settings)
    assert len(findings) == 9
    for finding in findings:
        assert finding.fault, finding.what
        assert "secret" not in finding.fault
        assert words(f"doctor.{finding.what}_remedy") != f"doctor.{finding.what}_remedy"
        assert words(f"doctor.{finding.what}") != f"doctor.{finding.what}"


def test_a_schema_of_another_version_and_nobody_who_leads(tmp_path: Path, database_url: str, console: int) -> None:
    engine = connect(database_url)
    upgrade(engine, "0008")
    settings = _settings(tmp_path, database_url, edge=free_port(), engines=[], web=console)
    found = _by_name(asyncio.run(examine_cluster(settings)))
    assert "0008" in found["shared_database"].fault
    assert found["leader"].fault == words("doctor.nobody_leads")
    with engine.connect() as db:
        assert db.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0008"]
    engine.dispose()


def test_the_command_ends_with_status_1_and_says_what_to_do(tmp_path: Path) -> None:
    _settings(tmp_path, "postgresql+psycopg://x@127.0.0.1:1/x", edge=free_port(), engines=[free_port()], web=0)
    done = CliRunner().invoke(
        app, ["--config", str(tmp_path / "ivr.toml"), "doctor", "--cluster"], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 1
    assert "systemctl status kamailio" in done.output
    assert "ivr-timetable" in done.output
