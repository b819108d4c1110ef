"""The letter with the weekly report, by SMTP (fulfils `ports.reports.Post`)."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ivr.adapters.mail.server import SmtpServer, SmtpSettings
from ivr.domain.letter import FiledReport, Letter
from ivr.domain.report_words import LetterWords

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class SmtpPost:
    """One letter, one connection."""

    def __init__(self, settings: SmtpSettings, words: LetterWords, municipality: str) -> None:
        self._server = SmtpServer(settings)
        self._words = words
        self._municipality = municipality

    def send(self, letter: Letter, report: FiledReport, content: bytes, last_word: Callable[[], None]) -> str:
        """Send it; the server's reply.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """
        return self._server.deliver(letter.recipient, self.message(letter, report, content), last_word)

    def check(self) -> str:
        """The server would take a letter from us now; its name.

        Raises:
            PostError: it would not.
        """
        return self._server.check()

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
        message["From"] = self._server.settings.sender
        message["To"] = ", ".join(letter.recipients)
        message["Subject"] = subject
        message["Date"] = format_datetime(report.made_at)
        message["Message-ID"] = f"<{letter.id}@{self._server.settings.sender.partition('@')[2]}>"
        message.set_content(self._words.body.strip().format(**facts) + "\n", cte="base64")
        name = self._words.week_file.format(first=report.period.first.isoformat())
        message.add_attachment(content, maintype=_XLSX[0], subtype=_XLSX[1], filename=name)
        return message.as_bytes(policy=SMTP)
