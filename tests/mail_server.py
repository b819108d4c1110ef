"""A real SMTP server on the loopback that does what its script says."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "correct horse"
USER = "helpline"


@dataclass
class Script:
    """What the server does with the next letters, one word each: "take", a reply to RCPT or DATA, or a fault.

    `taken` holds what it took, in order.
    """

    plan: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    tries: int = 0
    secure: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.tries += 1
        step = self.plan[0] if self.plan else "take"
        if step.startswith("rcpt "):
            return self.plan.pop(0).removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        step = self.plan.pop(0) if self.plan else "take"
        if step[:1] in "45":
            return step
        if step != "lose and close":
            self.taken.append(bytes(envelope.content or b""))
            self.secure.append(session.ssl is not None)
        if step == "take and be slow":
            await asyncio.sleep(2)
        if step.endswith("and close"):
            server.transport.abort()
        return "250 2.0.0 taken as A1B2C3"


_AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
x509_extensions = more
[any]
commonName = supplied
[more]
subjectAltName = {names}
basicConstraints = CA:true
"""


def certificate(folder: Path, names: str = "IP:127.0.0.1", *, expired: bool = False) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made, key, request, settings = (folder / name for name in ("server.crt", "server.key", "request", "settings"))
    settings.write_text(_AUTHORITY.format(folder=folder, names=names))
    (folder / "index").touch()
    (folder / "serial").write_text("01")
    subject = ["-subj", "/CN=mail", "-keyout", str(key), "-out", str(request)]
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] if expired else ["-days", "2"]
    sign = ["-config", str(settings), "-keyfile", str(key), "-in", str(request), "-out", str(made)]
    for command in (
        ["req", "-new", "-newkey", "rsa:2048", "-nodes", *subject],
        ["ca", "-batch", "-selfsign", "-notext", *dates, *sign],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    return made, key


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class MailServer(Controller):
    """The server; `port` is free for it."""

    def __init__(self, script: Script, files: tuple[Path, Path] | None, *, tls: bool = False, port: int = 0) -> None:
        self.script = script
        context = None
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
        more: dict[str, Any] = {"ssl_context": context} if tls else {"tls_context": context}
        if files and not tls:
            more |= {"authenticator": _authenticate, "auth_required": True}
        super().__init__(script, hostname="127.0.0.1", port=port or free_port(), ready_timeout=10, **more)


class SlowServer(threading.Thread):
    """Accepts connections and says a letter of its greeting now and then, for ever."""

    def __init__(self, every: float) -> None:
        super().__init__(daemon=True)
        self.every = every
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.over = threading.Event()

    def run(self) -> None:
        """Talk slowly to whoever comes."""
        with self.listener:
            connection, _ = self.listener.accept()
            with connection, contextlib.suppress(OSError):
                while not self.over.wait(self.every):
                    connection.sendall(b"2")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
