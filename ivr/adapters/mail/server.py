"""A mail server: over TLS, the certificate always verified, fail closed (RFC 3207, RFC 5321, RFC 8314).

The moment that counts is the mark after the letter's last line (RFC 5321 §4.1.1.4): before it the server has taken
nothing and the letter may be tried again; after it, without an answer, nobody knows (§4.5.3.2.6, RFC 1047).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivr.errors import PostError, PostUncertain

_READY = 220
_GO_ON = 354
_TAKEN = 250
_OK = (250, 251)
_GLANCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where letters are handed over.

    Attributes:
        security: "starttls" upgrades a plain connection or refuses to send; "tls" is TLS from the first byte.
        certificates: authorities to trust in place of the system's.
        seconds: patience with each word. whole_seconds: with everything before the last word, however steadily the
            server goes on. last_seconds: with the last answer (RFC 5321 wants ten minutes).
    """

    server: str
    port: int
    security: Literal["starttls", "tls"]
    sender: str
    user: str = ""
    password: str = ""
    certificates: Path | None = None
    seconds: float = 60.0
    whole_seconds: float = 240.0
    last_seconds: float = 600.0


class SmtpServer:
    """One letter, one connection."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings

    def deliver(self, recipient: str, message: bytes, last_word: Callable[[], None]) -> str:
        """Hand a letter over; the server's reply.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """
        with self._talk() as smtp:
            with _no_longer_than(self.settings.whole_seconds, smtp):
                self._say_all_but_the_last_word(smtp, recipient, message)
            last_word()
            with _no_longer_than(self.settings.last_seconds, smtp):
                return self._say_the_last_word(smtp)

    def check(self) -> str:
        """The server would take a letter from us now: reached, trusted, signed in; its name. No letter is sent.

        Raises:
            PostError: it would not.
        """
        with self._talk() as smtp, _no_longer_than(_GLANCE_SECONDS, smtp):
            try:
                self._greet(smtp)
                _demand(smtp.mail(self.settings.sender), *_OK)
                smtp.rset()
            except (OSError, smtplib.SMTPException) as fault:
                raise PostError(_reason(fault)) from fault
        return f"{self.settings.server}:{self.settings.port}"

    def works(self) -> bool:
        """Whether it would take a letter from us now."""
        try:
            self.check()
        except PostError:
            return False
        return True

    @contextlib.contextmanager
    def _talk(self) -> Iterator[smtplib.SMTP]:
        settings = self.settings
        name = socket.gethostname()  # smtplib itself would ask a name server, which a closed network may not have
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=name, timeout=settings.seconds, context=self._trust()
            )  # fmt: skip
        else:
            smtp = smtplib.SMTP(local_hostname=name, timeout=settings.seconds)
        try:
            yield smtp
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.close()

    def _trust(self) -> ssl.SSLContext:
        certificates = self.settings.certificates
        try:
            return ssl.create_default_context(cafile=str(certificates) if certificates else None)
        except OSError as fault:  # no such file, or nothing in it that is a certificate
            raise PostError(f"{certificates}: {_reason(fault)}") from fault

    def _greet(self, smtp: smtplib.SMTP) -> None:
        settings = self.settings
        smtp._host = settings.server  # type: ignore[attr-defined]  # the name that the certificate must bear
        _demand(smtp.connect(settings.server, settings.port), _READY)
        if settings.security == "starttls":
            smtp.starttls(context=self._trust())
        smtp.ehlo()
        if settings.user:
            smtp.login(settings.user, settings.password)

    def _say_all_but_the_last_word(self, smtp: smtplib.SMTP, recipient: str, message: bytes) -> None:
        try:
            self._greet(smtp)
            _demand(smtp.mail(self.settings.sender), *_OK)
            _demand(smtp.rcpt(recipient), *_OK)
            _demand(smtp.docmd("DATA"), _GO_ON)
            smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except (OSError, smtplib.SMTPException) as fault:
            raise PostError(_reason(fault)) from fault

    def _say_the_last_word(self, smtp: smtplib.SMTP) -> str:
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self.settings.last_seconds)
            smtp.send(b".\r\n")
            answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as fault:
            raise PostUncertain(_reason(fault)) from fault
        reply = _demand(answer, _TAKEN)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        return reply


@contextlib.contextmanager
def _no_longer_than(seconds: float, smtp: smtplib.SMTP) -> Iterator[None]:
    """Cut the connection after so long: a server that says a letter a minute would keep us for ever."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            if smtp.sock is not None:
                smtp.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _demand(answer: tuple[int, bytes], *codes: int) -> str:
    code, text = answer
    reply = f"{code} {text.decode('utf-8', 'replace')}"
    if code not in codes:
        raise PostError(reply)
    return reply


def _reason(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        said = fault.smtp_error
        return f"{fault.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return f"{type(fault).__name__}: {fault}"
