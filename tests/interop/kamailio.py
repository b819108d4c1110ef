"""The edge of a large installation: Kamailio with the configuration that we hand out, on loopback.

The PBX calls from 127.0.0.4, operators' telephones from 127.0.0.5, strangers from anywhere else.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.phone import Phone
from tests.interop.service import REPOSITORY, eventually

PBX, TELEPHONES, STRANGER = "127.0.0.4", "127.0.0.5", "127.0.0.2"
REALM = "helpline"


def ha1(user: str, password: str) -> str:
    """What the edge keeps instead of a password (RFC 2617 §3.2.2.2)."""
    return hashlib.md5(f"{user}:{REALM}:{password}".encode()).hexdigest()


@dataclass
class Edge:
    """A running Kamailio.

    Attributes:
        port: where calls come in.
        pid: its first process.
    """

    folder: Path
    port: int
    pid: int

    def command(self, *words: str) -> str:
        """What an administrator types: `kamcmd …`."""
        socket = f"unix:{self.folder / 'run' / 'ctl.sock'}"
        done = subprocess.run(["kamcmd", "-s", socket, *words], capture_output=True, text=True, timeout=10, check=False)
        return done.stdout + done.stderr

    def active(self) -> int:
        """Engines that calls are given to."""
        return len(re.findall(r"FLAGS: A", self.command("dispatcher.list")))


@contextmanager
def edge(
    folder: Path, port: int, engines: Sequence[int], legs: int, *, a_minute: int = 6, trunk: int = 9
) -> Iterator[Edge]:
    """Kamailio before engines on these ports, each with so many legs."""
    if shutil.which("kamailio") is None:
        pytest.skip("NOT TESTED: kamailio is not installed (Debian: apt-get install kamailio)")
    shutil.copytree(REPOSITORY / "config" / "deploy" / "kamailio", folder, dirs_exist_ok=True)
    (folder / "run").mkdir()
    site = (folder / "ivr-site.cfg").read_text("utf-8")
    for name, value in {
        "IVR_FOLDER": str(folder), "IVR_RUN": str(folder / "run"), "IVR_LISTEN": f"udp:127.0.0.1:{port}",
        "IVR_TRUNK": f"sip:{PBX}:{trunk}", "IVR_CALLS_A_MINUTE": str(a_minute),
    }.items():  # fmt: skip
        site, found = re.subn(rf"!{name}![^!]*!g", f"!{name}!{value}!g", site)
        assert found == 1, name
    (folder / "ivr-site.cfg").write_text(site, "utf-8")
    trusted = [f"1 {PBX} 32 0 pbx", f"3 {TELEPHONES} 32 0 phones"]
    trusted += [f"2 127.0.0.1 32 {engine} engine" for engine in engines]
    (folder / "ivr-trusted.list").write_text("\n".join(trusted) + "\n", "utf-8")
    lines = [f"1 sip:127.0.0.1:{engine} 0 0 duid=e{engine};maxload={legs}" for engine in engines]
    (folder / "ivr-engines.list").write_text("\n".join(lines) + "\n", "utf-8")
    users = [f'$sht(users=>{user}) = "{ha1(user, f"word{user}")}";' for user in ("101", "102")]
    (folder / "ivr-users.cfg").write_text("\n".join(users) + "\n", "utf-8")
    command = ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "64", "-Y", str(folder / "run")]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        made = Edge(folder, port, running.pid)
        eventually(lambda: made.active() == len(engines) or None, 20)
        yield made
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(10)


def register(phone: Phone, user: str, password: str) -> int:
    """Register a telephone with digest (RFC 3261 §22); the final status."""
    own = f"sip:{user}@127.0.0.1"
    same = {"sender": f"<{own}>".encode(), "to": own, "uri": f"sip:{REALM}"}
    phone.request("REGISTER", f"reg-{user}", **same)  # type: ignore[arg-type]
    challenge = phone.response(f"reg-{user}", "REGISTER")
    nonce = re.search(r'nonce="([^"]+)"', challenge.header("WWW-Authenticate"))
    assert challenge.status == 401
    assert nonce
    ha2 = hashlib.md5(f"REGISTER:sip:{REALM}".encode()).hexdigest()
    response = hashlib.md5(f"{ha1(user, password)}:{nonce[1]}:{ha2}".encode()).hexdigest()
    header = (
        f'Authorization: Digest username="{user}", realm="{REALM}", nonce="{nonce[1]}", uri="sip:{REALM}", '
        f'response="{response}"\r\nExpires: 60\r\n'
    )
    phone.request("REGISTER", f"reg-{user}", cseq=2, more=header.encode(), **same)  # type: ignore[arg-type]
    return phone.response(f"reg-{user}", "REGISTER").status
