"""A peer that says to the engine whatever a test wants, byte for byte."""

from __future__ import annotations

import itertools
import re
import socket
import time
from dataclasses import dataclass
from typing import Self

_numbers = itertools.count(1)

PCMA = "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {rtp} RTP/AVP 8\r\na=sendrecv\r\n"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    text: str

    @property
    def status(self) -> int:
        """The code; 0 when it is a request."""
        return int(self.text.split(" ")[1]) if self.text.startswith("SIP/2.0 ") else 0

    def header(self, name: str) -> str:
        """Value of a header, "" when there is none."""
        match = re.search(rf"^{name}[ \t]*:[ \t]*(.*?)\r$", self.text, re.MULTILINE | re.IGNORECASE)
        return match[1] if match else ""


class Phone:
    """A SIP peer over UDP or TCP, with an RTP port that takes everything and says nothing."""

    def __init__(self, port: int, *, tcp: bool = False, host: str = "127.0.0.1", there: str = "127.0.0.1") -> None:
        self._there = (there, port)
        self._tcp = tcp
        self.host = host
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind((host, 0))
        if tcp:
            self._socket.settimeout(2)
            self._connect()
        self._waiting = ""

    def _connect(self) -> None:
        try:
            self._socket.connect(self._there)
        except OSError:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._rtp.close()

    @property
    def sdp(self) -> str:
        """An offer of PCMA."""
        return PCMA.format(host=self.host, rtp=self._rtp.getsockname()[1])

    def send(self, blob: bytes) -> None:
        """Send bytes; a connection that was closed by the other side is no fault."""
        if self._tcp:
            try:
                self._socket.sendall(blob)
            except OSError:
                return
        else:
            self._socket.sendto(blob, self._there)

    def request(
        self, method: str, name: str, *, body: str = "", cseq: int = 1, to_tag: str = "", more: bytes = b"",
        sender: bytes = b"<sip:caller@127.0.0.1>", uri: str = "sip:112@127.0.0.1", kind: str = "application/sdp",
        branch: str = "", to: str = "sip:112@127.0.0.1",
    ) -> None:  # fmt: skip
        """Send a well-formed request, save for what the test puts into it; `more` are header lines."""
        own = f"{self.host}:{self._socket.getsockname()[1]}"
        via = f"SIP/2.0/{'TCP' if self._tcp else 'UDP'} {own};rport;branch=z9hG4bK{branch or next(_numbers)}"
        tag = f";tag={to_tag}" if to_tag else ""
        head = (
            f"{method} {uri} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\nTo: <{to}>{tag}\r\nCall-ID: {name}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:peer@{own}>\r\nContent-Length: {len(body.encode())}\r\n"
        )
        if body:
            head += f"Content-Type: {kind}\r\n"
        self.send(head.encode() + b"From: " + sender + b";tag=a\r\n" + more + b"\r\n" + body.encode())

    def receive(self, seconds: float = 3.0) -> Response | None:
        """The next message, None when none comes."""
        last = time.monotonic() + seconds
        while (message := self._whole()) is None:
            self._socket.settimeout(max(last - time.monotonic(), 0.001))
            try:
                blob = self._socket.recv(65_536)
            except (TimeoutError, ConnectionError):
                return None
            if not blob:
                return None
            self._waiting += blob.decode("utf-8", "replace")
        return message

    def _whole(self) -> Response | None:
        """A message taken from what has come; over UDP a datagram is one, over TCP Content-Length ends it."""
        if not self._waiting:
            return None
        if not self._tcp:
            text, self._waiting = self._waiting, ""
            return Response(text)
        head, found, rest = self._waiting.partition("\r\n\r\n")
        if not found:
            return None
        length = int(Response(head + "\r\n").header("Content-Length") or 0)
        if len(rest.encode()) < length:
            return None
        self._waiting = rest.encode()[length:].decode("utf-8", "replace")
        return Response(head + found + rest.encode()[:length].decode("utf-8", "replace"))

    def response(self, name: str, method: str, *, final: bool = True, seconds: float = 5.0) -> Response:
        """The response to a request of this Call-ID; others are passed over."""
        last = time.monotonic() + seconds
        while (left := last - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None:
                break
            ours = message.header("Call-ID") == name and message.header("CSeq").endswith(method)
            if ours and message.status >= (200 if final else 100):
                return message
        raise AssertionError(f"no response to {method} {name} within {seconds} s")

    def alive(self, tries: int = 10) -> bool:
        """The engine answers OPTIONS, which is sent again each half second (RFC 3261 §17.1.2.1)."""
        name, branch = f"options-{next(_numbers)}", f"options{next(_numbers)}"
        for left in reversed(range(tries)):
            self.request("OPTIONS", name, branch=branch)
            try:
                return self.response(name, "OPTIONS", seconds=0.5).status == 200
            except AssertionError:
                if not left:
                    raise
        return False

    def call(self, name: str, **options: object) -> Response:
        """INVITE and its final response, acknowledged; an answered call lasts until `hang_up`."""
        branch = f"inv{next(_numbers)}"
        self.request("INVITE", name, branch=branch, **{"body": self.sdp, **options})  # type: ignore[arg-type]
        response = self.response(name, "INVITE")
        same = {key: value for key, value in options.items() if key in ("sender", "uri")}
        last = {"branch": branch} if response.status >= 300 else self._way(response)
        self.request("ACK", name, to_tag=self.tag(response), **{**same, **last})  # type: ignore[arg-type]
        return response

    def agree(self, request: Response) -> None:
        """200 to a request of the engine's."""
        same = "".join(f"{name}: {request.header(name)}\r\n" for name in ("Via", "From", "To", "Call-ID", "CSeq"))
        self.send(f"SIP/2.0 200 OK\r\n{same}Content-Length: 0\r\n\r\n".encode())

    def hang_up(self, name: str, answer: Response, *, gone: bool = False, **same: object) -> None:
        """BYE; `gone`: the other side knows nothing of the call any more."""
        way = {**same, **self._way(answer)}
        self.request("BYE", name, cseq=99, to_tag=self.tag(answer), **way)  # type: ignore[arg-type]
        assert (self.response(name, "BYE").status == 200) is not gone

    @staticmethod
    def _way(answer: Response) -> dict[str, object]:
        """Through which proxies, and to whom, the requests of a dialog go (RFC 3261 §12.2.1.1)."""
        routes = re.findall(r"^Record-Route[ \t]*:[ \t]*(.*?)\r$", answer.text, re.MULTILINE | re.IGNORECASE)
        contact = re.search(r"<([^>]+)>", answer.header("Contact"))
        if not routes or not contact:
            return {}
        return {"uri": contact[1], "more": "".join(f"Route: {route}\r\n" for route in reversed(routes)).encode()}

    @staticmethod
    def tag(response: Response) -> str:
        """The other side's tag."""
        match = re.search(r";tag=([^;\s]+)", response.header("To"))
        return match[1] if match else ""
