"""A telephone and a stranger on a network of their own: a baresip call, and the packet filter we hand out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from tests.interop.caller import Caller
from tests.interop.phone import Phone
from tests.interop.service import REPOSITORY, Service, chatter, eventually, make_home
from tests.interop.sound import read_wav

pytestmark = pytest.mark.sip

ENGINE, TELEPHONE, STRANGER = "10.77.0.1", "10.77.0.2", "10.77.0.3"
SPACE, INSIDE, OUTSIDE = f"ivr{os.getpid()}", "ivr-in", f"ivr{os.getpid() % 100000}"
NO_RTP_SECONDS, CLOSING_SECONDS = 15.0, 2.0
WITHIN = ("ip", "netns", "exec", SPACE)


def system(*command: str) -> None:
    """Run a system command; its complaint is the failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    """A namespace for the engine, joined to this machine by a pair of virtual cards."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("NOT TESTED: a network namespace needs root and iproute2")
    made = subprocess.run(["ip", "netns", "add", SPACE], capture_output=True, text=True, timeout=10, check=False)
    if made.returncode:
        pytest.skip(f"NOT TESTED: this machine allows no network namespace ({made.stderr.strip()})")
    try:
        system("ip", "link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE, "netns", SPACE)
        system(*WITHIN, "ip", "address", "add", f"{ENGINE}/24", "dev", INSIDE)
        system(*WITHIN, "ip", "link", "set", INSIDE, "up")
        system(*WITHIN, "ip", "link", "set", "lo", "up")
        for address in (TELEPHONE, STRANGER):
            system("ip", "address", "add", f"{address}/24", "dev", OUTSIDE)
        system("ip", "link", "set", OUTSIDE, "up")
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", SPACE], capture_output=True, timeout=10, check=False)
        subprocess.run(["ip", "link", "delete", OUTSIDE], capture_output=True, timeout=10, check=False)


@pytest.fixture(scope="module")
def service(network: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole product within the namespace; it trusts the whole network, so that only the filter keeps anyone out."""
    home = make_home(tmp_path_factory.mktemp("network"))
    phone = f'address = "{ENGINE}"\ntrusted = ["10.77.0.0/24"]'
    with Service(home, phone=phone, command="serve", within=WITHIN, chosen_port=5060) as running:
        yield running


CONFIG = """poll_method epoll
sip_listen {address}:5070
audio_player aufile,{folder}/heard.wav
audio_source aufile,{sound}
audio_alert none,
net_interface {card}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module_app account.so
module_app menu.so
"""


def test_a_baresip_telephone_leaves_a_message(service: Service, tmp_path: Path) -> None:
    if shutil.which("baresip") is None:
        pytest.skip("NOT TESTED: baresip is not installed (Debian: apt-get install baresip)")
    spoken = read_wav(REPOSITORY / "tests" / "data" / "said_water.wav")
    sound = tmp_path / "said.wav"  # baresip hangs up at its end
    sound.write_bytes(wav.write(spoken + bytes(30 * wav.BYTES_PER_SECOND)))
    config = CONFIG.format(address=TELEPHONE, folder=tmp_path, sound=sound, card=OUTSIDE)
    (tmp_path / "config").write_text(config, "utf-8")
    (tmp_path / "accounts").write_text(f'"Anna" <sip:+79000000009@{TELEPHONE}>;regint=0\n', "utf-8")
    command = ["baresip", "-4", "-f", str(tmp_path), "-t", "25", "-e", f"/dial sip:112@{ENGINE}:5060"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as telephone:
        try:
            call = eventually(lambda: called_from_baresip(service), 20)
        finally:
            telephone.terminate()
    assert call["end"] == "completed", (tmp_path / "log").read_text("utf-8", "replace")
    assert call["caller_name"] == "Anna"
    assert "вод" in service.text(str(call["id"]))


def called_from_baresip(service: Service) -> dict[str, object] | None:
    """The call, once it is closed."""
    query = "SELECT * FROM call WHERE caller_number = ? AND ended_at IS NOT NULL"
    return next(iter(service.rows(query, "+79000000009")), None)


@contextmanager
def cut_off() -> Iterator[None]:
    """Nothing of the telephone's reaches the engine any more."""
    if shutil.which("nft") is None:
        pytest.skip("NOT TESTED: nftables are not installed (Debian: apt-get install nftables)")
    hook = "{ type filter hook input priority -10; }"
    chain = f"add table ip cut; add chain ip cut input {hook}; add rule ip cut input ip saddr {TELEPHONE} drop"
    system(*WITHIN, "nft", chain)
    try:
        yield
    finally:
        system(*WITHIN, "nft", "delete", "table", "ip", "cut")


def test_a_caller_whose_network_is_cut_is_called_back(service: Service) -> None:
    """F8: neither RTP nor BYE comes; what he said before is kept."""
    with Caller(service.port, host=TELEPHONE, there=ENGINE) as caller:
        caller.begin("cut-1", "+79000000008")
        caller.await_quiet()
        caller.say(chatter(2.0))
        with cut_off():
            began = time.monotonic()
            call = service.closed_call("cut", 25)
        assert time.monotonic() - began <= NO_RTP_SECONDS + CLOSING_SECONDS
        caller.fall_silent()
    assert call["end"] in ("no_media", "completed"), "by the timer, or because he said no more"
    assert (call["number"], call["state"]) == ("+79000000008", "promised")
    assert service.sound(str(call["id"])).seconds >= 1.5


@pytest.fixture(scope="module")
def filtered(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The product behind the packet filter that we hand out, which knows the telephone only."""
    if shutil.which("nft") is None:
        pytest.skip("NOT TESTED: nftables are not installed (Debian: apt-get install nftables)")
    rules = (REPOSITORY / "config" / "deploy" / "ivr.nft").read_text("utf-8")
    path = tmp_path_factory.mktemp("filter") / "ivr.nft"
    path.write_text(re.sub(r"\{ 192[^}]*\}", f"{{ {TELEPHONE} }}", rules), "utf-8")
    system(*WITHIN, "nft", "-f", str(path))
    return service


def test_behind_the_packet_filter_a_stranger_hears_nothing(filtered: Service) -> None:
    for tcp in (False, True):
        with Phone(filtered.port, tcp=tcp, host=TELEPHONE, there=ENGINE) as known:
            assert known.alive()
    with Phone(filtered.port, host=STRANGER, there=ENGINE) as stranger:
        for number in range(10):
            stranger.request("INVITE", f"stranger-{number}", body=stranger.sdp)
        assert stranger.receive(1.0) is None
    with pytest.raises(TimeoutError):
        Phone(filtered.port, tcp=True, host=STRANGER, there=ENGINE)
    assert filtered.calls("stranger") == []


def scan(tool: str, source: str, *options: str) -> str:
    """What a scanner finds."""
    program = Path(sys.executable).with_name(f"sipvicious_{tool}")
    if not program.exists():
        pytest.skip("NOT TESTED: sipvicious is not installed")
    command = [str(program), "-b", source, "-x", source, "-p", "5060", "-t", "0.05", *options, ENGINE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_a_scanner_works_from_where_it_is_trusted(filtered: Service) -> None:
    assert f"{ENGINE}:5060" in scan("svmap", TELEPHONE)


@pytest.mark.parametrize(
    ("tool", "options"),
    [
        ("svmap", ()), ("svmap", ("-m", "INVITE")), ("svwar", ("-e", "100-110", "-m", "INVITE")),
        ("svcrack", ("-u", "100", "-r", "1000-1010")),
    ],
    ids=["svmap", "svmap-invite", "svwar", "svcrack"],
)  # fmt: skip
def test_scanners_get_no_answer_and_leave_no_row(filtered: Service, tool: str, options: tuple[str, ...]) -> None:
    """F21: sipvicious as anybody has it."""
    said = scan(tool, STRANGER, *options).lower()
    assert any(words in said for words in ("found nothing", "no server response", "has not answered")), said
    assert filtered.rows("SELECT id FROM call WHERE source LIKE ?", f"{STRANGER}:%") == []
