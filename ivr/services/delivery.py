"""Letters on their way: every letter whose time has come, each once, with the server's word kept (clause 19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ivr.domain.letter import FiledReport, Letter
from ivr.domain.notices import Notice, NoticeKind
from ivr.errors import PostError, PostUncertain
from ivr.ports.reports import Archive, Post

_CLAIM = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hands letters over to the mail server.

    Attributes:
        clock: what time it is after a server has taken its time.
    """

    archive: Archive
    post: Post
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def deliver(self, now: datetime) -> Iterator[Notice]:
        """Every letter whose time has come."""
        while letter := self.archive.claim(now, now + _CLAIM):
            yield self._send(letter, self.archive.report_of(letter))

    def _send(self, letter: Letter, report: FiledReport) -> Notice:
        def last_word() -> None:
            if not self.archive.hand_over(letter):
                raise PostError("another process has this letter")

        try:
            reply = self.post.send(letter, report, self.archive.content(report.id), last_word)
        except PostUncertain as fault:
            self.archive.in_doubt(letter, str(fault))
            return report_notice(NoticeKind.LETTER_IN_DOUBT, report, report.due_at)
        except PostError as fault:
            at = self.clock()
            self.archive.put_off(letter, str(fault), at + letter.next_wait(at, report))
            return report_notice(NoticeKind.LETTER_REFUSED, report, report.due_at)
        at = self.clock()
        self.archive.delivered(letter, reply, at)
        return report_notice(NoticeKind.LETTER_LATE if at > report.due_at else NoticeKind.LETTER_DELIVERED, report, at)


def report_notice(kind: NoticeKind, report: FiledReport, at: datetime) -> Notice:
    """What people are told of a report."""
    return Notice(kind, report.municipality, f"{report.kind} {report.period.first} {report.edition}", at)
