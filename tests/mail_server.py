"""A real SMTP server on the loopback that does what its script says."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
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


def certificate(folder: Path, names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made, key = folder / "server.crt", folder / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail",
         "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
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


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
