"""Letters by SMTP (fulfils `ports.reports.Post`): over TLS, the server's certificate always verified, fail closed.

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
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from ivr.domain.letter import FiledReport, Letter
from ivr.domain.report_words import LetterWords
from ivr.errors import PostError, PostUncertain

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_READY = 220
_GO_ON = 354
_TAKEN = 250
_OK = (250, 251)


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


class SmtpPost:
    """One letter, one connection."""

    def __init__(self, settings: SmtpSettings, words: LetterWords, municipality: str) -> None:
        self._settings = settings
        self._words = words
        self._municipality = municipality

    def send(self, letter: Letter, report: FiledReport, content: bytes, last_word: Callable[[], None]) -> str:
        """Send it; the server's reply.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """
        message = self.message(letter, report, content)
        with self._talk() as smtp:
            with _no_longer_than(self._settings.whole_seconds, smtp):
                self._say_all_but_the_last_word(smtp, letter.recipient, message)
            last_word()
            with _no_longer_than(self._settings.last_seconds, smtp):
                return self._say_the_last_word(smtp)

    def check(self) -> str:
        """The server would take a letter from us now: reached, trusted, signed in; its name.

        Raises:
            PostError: it would not.
        """
        with self._talk() as smtp, _no_longer_than(self._settings.whole_seconds, smtp):
            try:
                self._greet(smtp)
                _demand(smtp.mail(self._settings.sender), *_OK)
                smtp.rset()
            except (OSError, smtplib.SMTPException) as fault:
                raise PostError(_reason(fault)) from fault
        return f"{self._settings.server}:{self._settings.port}"

    def message(self, letter: Letter, report: FiledReport, content: bytes) -> bytes:
        """The letter as it goes over the wire. The same letter always has the same Message-ID (RFC 5322 §3.6.4)."""
        facts = {
            "first": f"{report.period.first:%d.%m.%Y}", "last": f"{report.period.last:%d.%m.%Y}",
            "municipality": " ".join(self._municipality.split()), "rows": report.rows, "edition": report.edition,
        }  # fmt: skip
        subject = self._words.subject.format(**facts)
        if report.edition > 1:
            subject = self._words.corrected.format(**facts, subject=subject)
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = ", ".join(letter.recipients)
        message["Subject"] = subject
        message["Date"] = format_datetime(report.made_at)
        message["Message-ID"] = f"<{letter.id}@{self._settings.sender.partition('@')[2]}>"
        message.set_content(self._words.body.strip().format(**facts) + "\n", cte="base64")
        name = self._words.week_file.format(first=report.period.first.isoformat())
        message.add_attachment(content, maintype=_XLSX[0], subtype=_XLSX[1], filename=name)
        return message.as_bytes(policy=SMTP)

    @contextlib.contextmanager
    def _talk(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
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
        certificates = self._settings.certificates
        return ssl.create_default_context(cafile=str(certificates) if certificates else None)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        settings = self._settings
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
            _demand(smtp.mail(self._settings.sender), *_OK)
            _demand(smtp.rcpt(recipient), *_OK)
            _demand(smtp.docmd("DATA"), _GO_ON)
            smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except (OSError, smtplib.SMTPException) as fault:
            raise PostError(_reason(fault)) from fault

    def _say_the_last_word(self, smtp: smtplib.SMTP) -> str:
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._settings.last_seconds)
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
