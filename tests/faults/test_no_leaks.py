"""F31, F32: no number, name or word of a caller and no password in logs and metrics, at the most talkative level."""

from __future__ import annotations

import asyncio
import re
import socket
import urllib.error
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.files.settings import read_settings
from ivr.cli.demo_console import DemoConsole
from tests.interop.caller import Caller
from tests.interop.service import REPOSITORY, Service, make_home
from tests.interop.sound import read_wav

pytestmark = pytest.mark.sip

NUMBER, DICTATED, NAME, WRONG = "+79000004711", "89000004712", "Приметнов", "Marker-Password-4713"


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[Service]:
    """All processes of the product, writing down all that they are willing to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = make_home(tmp_path)
    mail = 'server = "127.0.0.1"\nport = 9\nsender = "a@example.org"\nweekly_to = ["b@example.org"]'
    tables = f'[storage]\ndata = "{home / "var"}"\n[mail]\n{mail}'
    web = f"secure = false\nport = {port}"
    with Service(home, command="serve", phone="rtp_port = 26000", tables=tables, web=web, level="debug") as running:
        yield running


def test_nothing_personal_is_written_to_logs_and_metrics(talkative: Service) -> None:
    said = read_wav(REPOSITORY / "tests" / "data" / "said_water.wav")
    with Caller(talkative.port) as caller:
        answer = caller.begin("marked-1", NUMBER, NAME)
        caller.say(said)
        caller.await_quiet()
        caller.press("marked-1", answer, DICTATED + "#")
        caller.await_quiet()
        caller.end("marked-1", answer)
    call = talkative.closed_call("marked")
    assert call["caller_name"] == NAME
    text = talkative.text(str(call["id"]))

    settings = read_settings(talkative.home / "config" / "ivr.toml")
    desk = DemoConsole(settings.web.port)
    asyncio.run(desk.employ(settings))
    with pytest.raises(urllib.error.HTTPError):
        stranger = DemoConsole(settings.web.port, WRONG)
        stranger.sign_in()
    assert f'data-row="{call["callback_id"]}"' in desk.sign_in()
    assert NAME not in desk.read("metrics")
    desk.read(f"callbacks/{call['callback_id']}")
    desk.read(f"callbacks?q={urllib.parse.quote(NAME)}")

    talkative.stop()
    written = talkative.log()
    assert "DEBUG" in written
    assert "call closed" in written
    secrets = [NUMBER[-4:], DICTATED[-4:], NAME, urllib.parse.quote(NAME), WRONG, desk.password]
    secrets += re.findall(r"\w{4,}", text)
    assert [secret for secret in secrets if secret in written] == []
