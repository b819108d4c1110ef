"""Letters handed to a real server: what it took, what it refused, and what nobody knows (clause 19)."""

import email
import email.policy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.mail.server import SmtpSettings
from ivr.adapters.mail.smtp import SmtpPost
from ivr.domain.letter import FiledReport, Letter, ReportKind
from ivr.domain.report import Period
from ivr.errors import PostError, PostUncertain
from tests.mail_server import PASSWORD, USER, MailServer, Script, SlowServer, certificate, free_port

WORDS = read_report_words()
CONTENT = b"PK\x03\x04 a workbook\r\n.\r\n..dots"
AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
REPORT = FiledReport(
    "r" * 32, "demo", ReportKind.WEEK, Period.parse("2026-W47"), 1, AT, AT, "16.11.2026 – 22.11.2026", 12,
    hashlib.sha256(CONTENT).hexdigest(), "0" * 64,
)  # fmt: skip
LETTER = Letter("a1" * 16, REPORT.id, "info@example.org", ("info@example.org", "ministry@example.org"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(files: tuple[Path, Path]) -> Iterator[MailServer]:
    running = MailServer(Script(), files)
    running.start()
    yield running
    running.stop()


def post(running: MailServer, files: tuple[Path, Path], **changes: object) -> SmtpPost:
    settings = SmtpSettings(
        "127.0.0.1", running.port, "starttls", "helpline@example.org", USER, PASSWORD, files[0], seconds=5,
        last_seconds=1,
    )  # fmt: skip
    return SmtpPost(replace(settings, **changes), WORDS.letter, "Администрация\nрайона")


def nothing() -> None:
    """The last word may be said."""


def test_the_letter_arrives_whole_over_verified_tls(server: MailServer, files: tuple[Path, Path]) -> None:
    reply = post(server, files).send(LETTER, REPORT, CONTENT, nothing)
    assert reply == "250 2.0.0 taken as A1B2C3"
    assert server.script.secure == [True]
    message = email.message_from_bytes(server.script.taken[0], policy=email.policy.default)
    assert message["To"] == "info@example.org, ministry@example.org"
    assert message["Message-ID"] == f"<{LETTER.id}@example.org>"
    assert message["Subject"] == "Еженедельный отчёт телефона доверия за 16.11.2026 – 22.11.2026: Администрация района"
    assert "Строк в отчёте: 12." in message.get_body().get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "report-week-2026-11-16.xlsx"
    assert attached.get_content() == CONTENT


def test_a_check_sends_nothing(server: MailServer, files: tuple[Path, Path]) -> None:
    assert post(server, files).check() == f"127.0.0.1:{server.port}"
    assert (server.script.tries, server.script.taken) == (0, [])


def test_a_correction_says_so_in_its_subject(server: MailServer, files: tuple[Path, Path]) -> None:
    post(server, files).send(LETTER, replace(REPORT, edition=2), CONTENT, nothing)
    message = email.message_from_bytes(server.script.taken[0], policy=email.policy.default)
    assert message["Subject"].startswith("Исправленный отчёт, редакция 2. Еженедельный")


def test_tls_from_the_first_byte_works_too(files: tuple[Path, Path]) -> None:
    running = MailServer(Script(), files, tls=True)
    running.start()
    try:
        assert post(running, files, security="tls", user="").send(LETTER, REPORT, CONTENT, nothing).startswith("250")
    finally:
        running.stop()


def _unknown_authority(server: MailServer, files: tuple[Path, Path], _folder: Path) -> SmtpPost:
    return post(server, files, certificates=None)


def _another_name(server: MailServer, files: tuple[Path, Path], _folder: Path) -> SmtpPost:
    return post(server, files, server="localhost")


def _wrong_password(server: MailServer, files: tuple[Path, Path], _folder: Path) -> SmtpPost:
    return post(server, files, password="wrong")


def _nobody_listens(server: MailServer, files: tuple[Path, Path], _folder: Path) -> SmtpPost:
    return post(server, files, port=free_port())


def _unknown_name(server: MailServer, files: tuple[Path, Path], _folder: Path) -> SmtpPost:
    return post(server, files, server="mail.invalid")


@pytest.mark.parametrize("case", [_unknown_authority, _another_name, _wrong_password, _nobody_listens, _unknown_name])
def test_without_trust_nothing_is_sent(
    server: MailServer, files: tuple[Path, Path], tmp_path: Path, case: Callable[..., SmtpPost]
) -> None:
    with pytest.raises(PostError) as fault:
        case(server, files, tmp_path).send(LETTER, REPORT, CONTENT, nothing)
    with pytest.raises(PostError):
        case(server, files, tmp_path).check()
    assert not isinstance(fault.value, PostUncertain)
    assert server.script.tries == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_expired_certificate_gets_nothing(tmp_path: Path, security: str) -> None:
    expired = certificate(tmp_path, expired=True)
    running = MailServer(Script(), expired, tls=security == "tls")
    running.start()
    try:
        with pytest.raises(PostError, match="expired"):
            post(running, expired, security=security, user="").send(LETTER, REPORT, CONTENT, nothing)
    finally:
        running.stop()
    assert running.script.tries == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_authorities_that_cannot_be_read_are_named(
    server: MailServer, files: tuple[Path, Path], tmp_path: Path, security: str
) -> None:
    away = post(server, files, security=security, certificates=tmp_path / "gone.pem")
    for use in (away.check, lambda: away.send(LETTER, REPORT, CONTENT, nothing)):
        with pytest.raises(PostError, match=r"gone\.pem"):
            use()
    (tmp_path / "gone.pem").write_text("no certificate\n", "utf-8")
    with pytest.raises(PostError, match=r"gone\.pem"):
        away.check()


def test_a_server_that_says_a_letter_now_and_then_does_not_keep_us(files: tuple[Path, Path]) -> None:
    slow = SlowServer(every=0.1)
    slow.start()
    settings = SmtpSettings(
        "127.0.0.1", slow.port, "starttls", "helpline@example.org", certificates=files[0], seconds=5, whole_seconds=0.5
    )  # fmt: skip
    with pytest.raises(PostError) as fault:
        SmtpPost(settings, WORDS.letter, "x").send(LETTER, REPORT, CONTENT, nothing)
    slow.over.set()
    slow.join(5)
    assert not isinstance(fault.value, PostUncertain)


def test_a_server_without_tls_gets_nothing() -> None:
    bare = MailServer(Script(), None)
    bare.start()
    settings = SmtpSettings("127.0.0.1", bare.port, "starttls", "helpline@example.org", seconds=5)
    try:
        with pytest.raises(PostError, match="STARTTLS"):
            SmtpPost(settings, WORDS.letter, "x").send(LETTER, REPORT, CONTENT, nothing)
    finally:
        bare.stop()
    assert not bare.script.tries


@pytest.mark.parametrize("step", ["rcpt 450 try later", "rcpt 550 no such user", "451 later", "552 too much"])
def test_a_refusal_is_no_doubt(server: MailServer, files: tuple[Path, Path], step: str) -> None:
    server.script.plan = [step]
    with pytest.raises(PostError, match=step.removeprefix("rcpt ")) as fault:
        post(server, files).send(LETTER, REPORT, CONTENT, nothing)
    assert not isinstance(fault.value, PostUncertain)
    assert not server.script.taken


@pytest.mark.parametrize("step", ["take and close", "lose and close", "take and be slow"])
def test_silence_after_the_last_word_is_a_doubt(server: MailServer, files: tuple[Path, Path], step: str) -> None:
    server.script.plan = [step]
    with pytest.raises(PostUncertain):
        post(server, files).send(LETTER, REPORT, CONTENT, nothing)


def test_before_the_last_word_the_server_takes_nothing(server: MailServer, files: tuple[Path, Path]) -> None:
    def no() -> None:
        raise PostError("another process has this letter")

    with pytest.raises(PostError, match="another process"):
        post(server, files).send(LETTER, REPORT, CONTENT, no)
    assert server.script.tries == 1
    assert not server.script.taken
