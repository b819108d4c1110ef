"""Letters about notices, by SMTP (fulfils `services.notice_post.NoticeSender`); nothing of a citizen is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ivr.adapters.mail.server import SmtpServer, SmtpSettings
from ivr.domain.notices import Bundle, Notice


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """How a letter reads.

    Attributes:
        subject: of how many notices.
        line: a notice as a sentence.
        body: around these lines.
    """

    subject: Callable[[int], str]
    line: Callable[[Notice], str]
    body: Callable[[str], str]


class SmtpNotices:
    """One letter, one addressee."""

    def __init__(self, settings: SmtpSettings, words: NoticeWords) -> None:
        self._server = SmtpServer(settings)
        self._words = words

    def send(self, bundle: Bundle, last_word: Callable[[], None]) -> str:
        """Send it; the server's reply.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """
        return self._server.deliver(bundle.recipient, self.message(bundle), last_word)

    def works(self) -> bool:
        """The server answers and lets us in."""
        return self._server.works()

    def message(self, bundle: Bundle) -> bytes:
        """The letter as it goes over the wire; the same notices always have the same Message-ID (RFC 5322 §3.6.4)."""
        sender = self._server.settings.sender
        keys = "\n".join((bundle.recipient, *(notice.key for notice in bundle.notices)))
        identity = hashlib.sha256(keys.encode()).hexdigest()[:32]
        lines = "\n".join(self._words.line(notice) for notice in bundle.notices)
        message = EmailMessage()
        message["From"] = sender
        message["To"] = bundle.recipient
        message["Subject"] = self._words.subject(len(bundle.notices))
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{identity}@{sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._words.body(lines).strip() + "\n", cte="base64")
        return message.as_bytes(policy=SMTP)
