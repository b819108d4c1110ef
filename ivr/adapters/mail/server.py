"""A mail server: over TLS, the certificate always verified, fail closed (RFC 3207, RFC 5321, RFC 8314).

The moment that counts is the mark after the letter's last line (RFC 5321 §4.1.1.4): before it the server has taken
nothing and the letter may be tried again; after it, without an answer, nobody knows (§4.5.3.2.6, RFC 1047).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivr.errors import PostError, PostUncertain

_GO_ON = 354
_TAKEN = 250
_OK = (250, 251)
_GLANCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where letters are handed over.

    Attributes:
        security: "starttls" upgrades a plain connection or refuses to send; "tls" is TLS from the first byte.
        certificates: authorities to trust in place of the system's.
        seconds: patience with each answer. last_seconds: patience with the last one (RFC 5321 wants ten minutes).
    """

    server: str
    port: int
    security: Literal["starttls", "tls"]
    sender: str
    user: str = ""
    password: str = ""
    certificates: Path | None = None
    seconds: float = 60.0
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
        try:
            smtp = self._connect(self.settings.seconds)
        except (OSError, smtplib.SMTPException) as fault:
            raise PostError(_reason(fault)) from fault
        try:
            return self._hand_over(smtp, recipient, message, last_word)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.close()

    def works(self) -> bool:
        """The server answers and lets us in; no letter is sent."""
        try:
            smtp = self._connect(_GLANCE_SECONDS)
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def _connect(self, seconds: float) -> smtplib.SMTP:
        settings = self.settings
        context = ssl.create_default_context(cafile=str(settings.certificates) if settings.certificates else None)
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(settings.server, settings.port, timeout=seconds, context=context)
        else:
            smtp = smtplib.SMTP(settings.server, settings.port, timeout=seconds)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo()
            if settings.user:
                smtp.login(settings.user, settings.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, recipient: str, message: bytes, last_word: Callable[[], None]) -> str:
        try:
            _demand(smtp.mail(self.settings.sender), *_OK)
            _demand(smtp.rcpt(recipient), *_OK)
            _demand(smtp.docmd("DATA"), _GO_ON)
            smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except (OSError, smtplib.SMTPException) as fault:
            raise PostError(_reason(fault)) from fault
        last_word()
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
