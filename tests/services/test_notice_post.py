"""Letters about notices over real SMTP and real databases: each notice reaches each addressee once (fault F6)."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ivr.adapters.files.notice_words import notice_line
from ivr.adapters.files.settings_tables import NoticesTable
from ivr.adapters.files.ui import words
from ivr.adapters.mail.notices import NoticeWords, SmtpNotices
from ivr.adapters.mail.server import SmtpServer, SmtpSettings
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.notice_letters import DatabaseNoticeLetters
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.domain.notices import Notice, NoticeKind
from ivr.services.notice_post import NoticePost
from tests.mail_server import PASSWORD, USER, MailServer, Script, certificate, free_port
from tests.samples import SetClock

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DESK, CURATOR = "desk@example.org", "curator@example.org"
NOTICES = NoticesTable(addresses={"operator": (DESK,), "curator": (CURATOR,)})
OVERDUE = Notice(NoticeKind.OVERDUE, "demo", "ab12cd34" + "0" * 24, NOON)
SOON = Notice(NoticeKind.DUE_SOON, "demo", "ef56ab78" + "0" * 24, NOON + timedelta(minutes=30))
WINDOW = Notice(NoticeKind.WINDOW_OPENED, "demo", "c" * 32, NOON)


@dataclass
class Office:
    """A mail server with its script, and nodes upon one database."""

    url: str
    script: Script
    settings: SmtpSettings
    clock: SetClock
    engines: list[Engine]
    books: list[DatabaseNoticeLetters]

    def node(self) -> NoticePost:
        engine = connect(self.url)
        self.engines.append(engine)
        zone = ZoneInfo("Europe/Moscow")
        how = NoticeWords(
            lambda count: words("notices.letter_subject", count=count), lambda notice: notice_line(notice, zone),
            lambda lines: words("notices.letter_body", municipality="Администрация района", lines=lines),
        )  # fmt: skip
        sender = SmtpNotices(self.settings, how)
        self.books.append(DatabaseNoticeLetters(engine))
        return NoticePost(self.books[-1], sender, self.clock)

    async def post(self, *notices: Notice) -> None:
        engine = connect(self.url)
        self.engines.append(engine)
        book = DatabaseNoticeBook(engine)
        await book.post(notices, self.clock.now(), NOTICES.addressees)
        book.dispose()

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Addressee and text of the letters that the server took, in order."""
        letters = [email.message_from_bytes(blob, policy=default) for blob in self.script.taken]
        return [(str(letter["To"]), letter.get_content()) for letter in letters]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificates: tuple[Path, Path]) -> Iterator[MailServer]:
    server = MailServer(Script(), certificates)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def office(journal_url: str, server: MailServer, certificates: tuple[Path, Path]) -> AsyncIterator[Office]:
    first = connect(journal_url)
    settings = SmtpSettings(
        "127.0.0.1", server.port, "starttls", "line@example.org", USER, PASSWORD, certificates[0], 5.0, 1.0
    )
    office = Office(journal_url, server.script, settings, SetClock(NOON), [first], [])
    yield office
    for book in office.books:
        book.dispose()
    for engine in office.engines:
        engine.dispose()


async def test_each_addressee_has_one_letter_with_all_that_concerns_him(office: Office) -> None:
    await office.post(OVERDUE, SOON, WINDOW)
    await office.post(OVERDUE, SOON)
    node = office.node()
    assert await node.letters.waiting() == 3
    assert await node.sweep() == 2
    assert await node.sweep() == 0
    (_, to_curator), (_, to_desk) = sorted(office.taken)
    assert "Строка ab12cd34: срок был 23.11.2026 12:00" in to_curator
    assert "ef56ab78" not in to_curator
    assert "Строка ef56ab78: перезвонить до 23.11.2026 12:30" in to_desk
    assert "Строка ab12cd34" in to_desk
    assert await node.letters.waiting() == 0


async def test_a_server_that_refuses_is_tried_again_and_later_notices_join_the_letter(office: Office) -> None:
    office.script.plan = ["rcpt 450 try later", "rcpt 450 try later"]
    await office.post(SOON)
    node = office.node()
    assert await node.sweep() == 0
    assert await node.sweep() == 0, "not before its pause is over"
    assert office.script.tries == 1
    office.clock.pass_minutes(1)
    await office.post(OVERDUE)
    assert await node.sweep() == 0
    office.clock.pass_minutes(10)
    assert await node.sweep() == 2
    texts = dict(office.taken)
    assert "ef56ab78" in texts[DESK]
    assert "ab12cd34" in texts[DESK]


async def test_many_nodes_at_once_send_each_letter_once(office: Office) -> None:
    await office.post(OVERDUE, SOON)
    nodes = [office.node() for _ in range(4)]
    sent = await asyncio.gather(*(node.sweep() for node in nodes))
    assert sum(sent) == 2
    assert sorted(to for to, _ in office.taken) == [CURATOR, DESK]


async def test_a_letter_nobody_knows_of_never_goes_again(office: Office) -> None:
    """The server took it and the answer was lost; or the sender died in the middle."""
    office.script.plan = ["take and close"]
    await office.post(SOON)
    node = office.node()
    await node.sweep()
    office.clock.pass_minutes(60)
    assert await node.sweep() == 0
    assert len(office.taken) == 1


async def test_a_sender_that_died_while_sending_leaves_the_letter_to_nobody(office: Office) -> None:
    await office.post(SOON)
    node, other = office.node(), office.node()
    bundle = await node.letters.claim(NOON, NOON + timedelta(minutes=15))
    assert bundle is not None
    assert await node.letters.hand_over(bundle)
    office.clock.pass_minutes(16)
    assert await other.sweep() == 0
    assert office.taken == []
    assert await other.letters.waiting() == 0


async def test_a_sender_that_was_stopped_before_the_last_word_says_nothing_when_it_wakes(office: Office) -> None:
    await office.post(SOON)
    node, other = office.node(), office.node()
    bundle = await node.letters.claim(NOON, NOON + timedelta(minutes=15))
    assert bundle is not None
    office.clock.pass_minutes(16)
    assert await other.sweep() == 1
    assert not await node.letters.hand_over(bundle)
    assert len(office.taken) == 1


def test_who_is_written_to_can_be_set_by_role_by_name_and_by_kind() -> None:
    table = NoticesTable(
        addresses={"curator": (CURATOR,), "Петрова А.": ("petrova@example.org",)},
        kinds={NoticeKind.OVERDUE: ("Петрова А.",), NoticeKind.URGENT: ()},
    )
    assert table.addressees(OVERDUE) == ["petrova@example.org"]
    assert table.addressees(Notice(NoticeKind.URGENT, "demo", "x", NOON)) == []
    assert table.addressees(Notice(NoticeKind.DISK, "demo", "5", NOON)) == [CURATOR]
    assert table.addressees(SOON) == []
    with pytest.raises(ValueError, match="Сидоров"):
        NoticesTable(kinds={NoticeKind.URGENT: ("Сидоров Б.",)})


def test_a_mail_server_is_looked_at_without_a_letter(server: MailServer, certificates: tuple[Path, Path]) -> None:
    settings = SmtpSettings(
        "127.0.0.1", server.port, "starttls", "line@example.org", USER, PASSWORD, certificates[0], 5.0
    )
    assert SmtpServer(settings).works()
    assert not SmtpServer(replace(settings, password="wrong")).works()
    assert not SmtpServer(replace(settings, port=free_port())).works()
    assert server.script.taken == []
