"""A small PBX that registers telephones with digest authentication (RFC 3261 §10, §22; RFC 2617)."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Self

REALM, NONCE = "pbx.test", "5ca1ab1e"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Registrar:
    """Answers REGISTER.

    Attributes:
        out_of_order: so many first requests are answered 503.
        registered: moments at which a right password was seen; `ended` those with an expiry of 0.
        tried: moments of all requests.
    """

    user: str
    password: str
    out_of_order: int = 0
    expires: int = 60
    registered: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    tried: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            blob, peer = self._socket.recvfrom(65_536)
            if not blob:
                return
            text = blob.decode()
            if text.startswith("REGISTER"):
                self._socket.sendto(self._answer(text).encode(), peer)

    def _answer(self, text: str) -> str:
        self.tried.append(time.monotonic())
        more = ""
        if self.out_of_order:
            self.out_of_order -= 1
            status = "503 Service Unavailable"
        elif self._is_right(text):
            status, ending = "200 OK", re.search(r"^(Expires: 0|Contact:.*expires=0)", text, re.MULTILINE)
            (self.ended if ending else self.registered).append(time.monotonic())
            contact = re.search(r"^Contact:.*?(<[^>]+>)", text, re.MULTILINE)
            more = f"Contact: {contact[1]};expires={self.expires}\r\n" if contact and not ending else ""
        else:
            status = "401 Unauthorized"
            more = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5\r\n'
        same = re.findall(r"^((?:Via|From|To|Call-ID|CSeq):.*)\r$", text, re.MULTILINE)
        same = [f"{line};tag=pbx" if line.startswith("To:") else line for line in same]
        return f"SIP/2.0 {status}\r\n" + "\r\n".join(same) + f"\r\n{more}Content-Length: 0\r\n\r\n"

    def _is_right(self, text: str) -> bool:
        given = dict(re.findall(r'(\w+)="?([^",\r]+)"?', text.partition("Authorization: Digest ")[2].split("\r\n")[0]))
        if not given:
            return False
        own = _md5(f"{self.user}:{REALM}:{self.password}")
        return given["response"] == _md5(f"{own}:{NONCE}:{_md5('REGISTER:' + given['uri'])}")
