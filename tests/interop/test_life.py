"""An engine's life: registration with a PBX, a port that is taken, the end of a day's work."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.phone import Phone
from tests.interop.registrar import Registrar
from tests.interop.service import REPOSITORY, Service, eventually, make_home

pytestmark = pytest.mark.sip

REGISTRATION = """
[phone.registration]
registrar = "sip:127.0.0.1:{port}"
user = "helpline"
password_file = "{file}"
"""

OPTIONS_OVER_TLS = (
    b"OPTIONS sip:112@helpline SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKtls\r\nFrom: <sip:a@b>;tag=a\r\n"
    b"To: <sip:112@helpline>\r\nCall-ID: tls\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def registration(folder: Path, registrar: Registrar, password: str) -> str:
    """Settings of a line at this PBX."""
    file = folder / "password"
    file.write_text(f"{password}\n", "utf-8")
    return REGISTRATION.format(port=registrar.port, file=file)


def test_the_engine_registers_with_digest_and_refreshes_and_signs_off(tmp_path: Path) -> None:
    with Registrar("helpline", "right", expires=7) as pbx:
        with Service(make_home(tmp_path / "home"), phone=registration(tmp_path, pbx, "right")):
            eventually(lambda: len(pbx.registered) >= 2 or None, 10)
        assert pbx.ended


def test_a_pbx_out_of_order_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    with Registrar("helpline", "right", out_of_order=3) as pbx:
        with Service(make_home(tmp_path / "home"), phone=registration(tmp_path, pbx, "right")) as service:
            query = "SELECT name FROM trouble WHERE name = 'trunk:registration-1'"
            eventually(lambda: service.rows(query) or None, 12)
            eventually(lambda: pbx.registered or None, 20)
            eventually(lambda: True if not service.rows(query) else None, 12)
            with Phone(service.port) as phone:
                assert phone.alive()
        pauses = [later - earlier for earlier, later in zip(pbx.tried, pbx.tried[1:], strict=False)]
    assert 0.8 < pauses[0] < 1.5 < pauses[1] < 3 < pauses[2] < 6


def test_a_wrong_password_is_told_in_the_log_and_calls_are_answered(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    with (
        Registrar("helpline", "right") as pbx,
        Service(home, phone=registration(tmp_path, pbx, "wrong")) as service,
        Phone(service.port) as phone,
    ):
        eventually(lambda: "refuses registration (401)" in service.log() or None)
        assert phone.alive()
        assert "wrong" not in service.log()


def test_sip_over_tls_speaks_tls_1_2(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=helpline -keyout {key} -out {certificate}"
    subprocess.run(command.split(), capture_output=True, check=True, timeout=30)
    port = free_port()
    tls = f'[phone.tls]\nport = {port}\ncertificate = "{certificate}"\nkey = "{key}"\n'
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    with (
        Service(make_home(tmp_path / "home"), phone=tls),
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain) as connection,
    ):
        assert connection.version() == "TLSv1.2"
        connection.sendall(OPTIONS_OVER_TLS)
        assert connection.recv(4096).startswith(b"SIP/2.0 200")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_in_use_is_said_and_ends_with_status_2(tmp_path: Path, kind: socket.SocketKind) -> None:
    home = make_home(tmp_path / "home")
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        (home / "config" / "ivr.toml").write_text(f"[phone]\nport = {port}\n", "utf-8")
        command = [sys.executable, "-m", "ivr.cli.child", "engine"]
        environment = {**os.environ, "IVR_HOME": str(home)}
        ended = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert f"127.0.0.1:{port}" in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


def test_at_the_end_calls_in_progress_are_finished_and_new_ones_sent_elsewhere(
    tmp_path: Path, chatter_file: Path
) -> None:
    with Service(make_home(tmp_path / "home")) as service:
        last = sipp.start(
            service.port, "last", sipp.answered(), sipp.speak(chatter_file), sipp.expect_request("BYE", 30)
        )
        service.await_news("call_started")
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with Phone(service.port) as phone:
            refused = phone.call("too-late-1")
        assert refused.status == 503
        assert int(refused.header("Retry-After")) > 0
        last.finish()
        assert service.process.wait(20) == 0
        assert service.closed_call("last")["end"] == "completed"
        assert service.calls("too-late") == []
