"""OpenLDAP's slapd with invented people, over TLS on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

BASE = "dc=example,dc=org"
LOOKER, LOOKER_PASSWORD = f"cn=helpline,{BASE}", "looks people up"
_PEOPLE = {"petrova": ("Петрова А. В.", "восемь зелёных груш"), "(evil)*": ("Странная С. С.", "пароль со скобкой")}
_CONF = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix "{base}"
rootdn "{looker}"
rootpw "{password}"
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""


class Directory:
    """A running slapd; plain LDAP that can be raised to TLS, and LDAP over TLS."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path]) -> None:
        slapd = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin")
        if slapd is None:
            pytest.skip("SIGNING IN BY LDAP IS NOT TESTED: apt-get install slapd")
        (folder / "db").mkdir(parents=True)
        self.certificates = str(certificate[0])
        conf = folder / "slapd.conf"
        conf.write_text(_CONF.format(folder=folder, certificate=certificate[0], key=certificate[1], base=BASE,
                                     looker=LOOKER, password=LOOKER_PASSWORD))  # fmt: skip
        people = folder / "people.ldif"
        people.write_text(_ldif(), "utf-8")
        subprocess.run([slapd, "-T", "add", "-f", str(conf), "-l", str(people)], check=True, capture_output=True)
        tls, plain = _free_port(), _free_port()
        self.url, self.plain_url = f"ldaps://127.0.0.1:{tls}", f"ldap://127.0.0.1:{plain}"
        command = [slapd, "-d", "0", "-f", str(conf), "-h", f"{self.url}/ {self.plain_url}/"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for port in (tls, plain):
            _wait_for(port)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


def _ldif() -> str:
    entries = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Town\ndc: example",
               f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people",
               f"dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups"]  # fmt: skip
    for number, (login, (name, password)) in enumerate(_PEOPLE.items()):
        entries.append(f"dn: cn=person{number},ou=people,{BASE}\nobjectClass: inetOrgPerson\nsn: x\ncn: {name}\n"
                       f"uid: {login}\nuserPassword: {password}")  # fmt: skip
    entries.append(f"dn: cn=operators,ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: operators\n"
                   f"member: cn=person0,ou=people,{BASE}")  # fmt: skip
    return "\n\n".join(_encoded(entry) for entry in entries) + "\n"


def _encoded(entry: str) -> str:
    """Values that are not ASCII in base64 (RFC 2849)."""
    import base64

    lines = []
    for line in entry.splitlines():
        name, _, value = line.partition(": ")
        lines.append(line if value.isascii() else f"{name}:: {base64.b64encode(value.encode()).decode()}")
    return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < give_up, "slapd does not start"
            time.sleep(0.05)
        else:
            return
