"""Signed letters to a real HTTP receiver: once, retried with back-off, given up at last."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.courier import HttpCourier
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.outbox import DatabaseOutbox
from ivr.domain.webhook import TRIES_AT_MOST, Webhook, checked_url, pause_after
from ivr.errors import RuleBroken
from ivr.services.webhooks import Letters
from tests.journals import new_journal
from tests.samples import SetClock, a_call, a_callback, a_message, ended

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


class Receiver:
    """A program of the municipality; answers as told."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.letters.append((dict(self.headers), body))
                status = outer.statuses.pop(0) if outer.statuses else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/in"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def outbox(tmp_path: Path, receiver: Receiver) -> Any:
    engine = connect(new_journal(tmp_path / "journal.db"))
    box, journal = DatabaseOutbox(engine), DatabaseJournal(engine)
    await box.add(Webhook("hook", "demo", receiver.url, "тайна", "Главный", NOW))
    call = a_call(1)
    message = a_message(call, phone="+79000000001")
    await journal.close(ended(call), [], message, a_callback(message))
    yield box
    box.dispose()
    journal.dispose()


async def test_a_letter_arrives_once_and_proves_who_wrote_it(outbox: DatabaseOutbox, receiver: Receiver) -> None:
    clock = SetClock(NOW)
    letters = Letters(outbox, HttpCourier(), clock)
    assert await letters.sweep() == 1
    assert await letters.sweep() == 0
    ((headers, body),) = receiver.letters
    stamp = headers["X-Ivr-Timestamp"]
    expected = hmac.new("тайна".encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Ivr-Signature"] == f"v1={expected}"
    assert int(stamp) == int(NOW.timestamp())
    assert json.loads(body)["id"] == headers["X-Ivr-Delivery"]
    assert headers["X-Ivr-Event"] == "callback.promised"


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_what_is_not_taken_is_tried_again_later_under_the_same_id(
    outbox: DatabaseOutbox, receiver: Receiver, status: int
) -> None:
    clock = SetClock(NOW)
    letters = Letters(outbox, HttpCourier(), clock)
    receiver.statuses = [status, status]
    assert await letters.sweep() == 0
    assert await letters.sweep() == 0
    assert len(receiver.letters) == 1
    clock.pass_minutes(0.6)
    assert await letters.sweep() == 0
    clock.pass_minutes(1.1)
    assert await letters.sweep() == 1
    assert len({headers["X-Ivr-Delivery"] for headers, _ in receiver.letters}) == 1
    assert len({headers["X-Ivr-Signature"] for headers, _ in receiver.letters}) == 3


async def test_a_receiver_that_is_gone_is_given_up_after_some_days(outbox: DatabaseOutbox, receiver: Receiver) -> None:
    receiver.server.shutdown()
    receiver.server.server_close()
    clock = SetClock(NOW)
    letters = Letters(outbox, HttpCourier(), clock)
    for _ in range(TRIES_AT_MOST + 3):
        await letters.sweep()
        clock.pass_minutes(6 * 60 + 1)
    (letter,) = await outbox.letters("hook")
    assert letter.tries == TRIES_AT_MOST
    assert letter.given_up_at is not None
    assert "not reached" in letter.reply


def test_the_pauses_double_up_to_six_hours() -> None:
    assert [pause_after(tries).total_seconds() for tries in (1, 2, 3)] == [30, 60, 120]
    assert pause_after(19) == pause_after(1000) == timedelta(hours=6)


@pytest.mark.parametrize(
    "url", ["https://crm.example/in", "http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/x"]
)
def test_letters_go_to_https_or_to_this_machine(url: str) -> None:
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    ["http://crm.example/in", "ftp://x", "file:///etc/passwd", "https://u:p@x/", "https://", "", "http://127.0.0.1.evil/",
     "https://x/\r\nX: y", "http://[::1", "https://x:99999/"],
)  # fmt: skip
def test_and_nowhere_else(url: str) -> None:
    with pytest.raises(RuleBroken):
        checked_url(url)
