"""sipp as a caller: scenarios written as steps, one process per test."""

from __future__ import annotations

import csv
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

SDP = """v=0
o=peer 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio {port} RTP/AVP {payload} 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a={direction}"""

_HEADERS = """{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
From: {sender};tag=[pid]t[call_number]
To: <sip:{user}@[remote_ip]:[remote_port]>{to_tag}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{more}"""


def sdp(port: str = "[rtpstream_audio_port]", payload: str = "8", direction: str = "sendrecv") -> str:
    """What the caller offers."""
    return SDP.format(port=port, payload=payload, direction=direction)


def request(
    method: str,
    cseq: int = 1,
    *,
    body: str = "",
    kind: str = "application/sdp",
    sender: str = "<sip:caller@[local_ip]>",
    user: str = "112",
    in_dialog: bool = True,
    more: Sequence[str] = (),
    retransmit: bool = True,
    branch: str = "[branch]",
    routed: bool = False,
    timer: str = "",
) -> str:
    """Send a request; `routed`: within a dialog, through the proxies that recorded their route."""
    uri = "[next_url]" if routed else f"sip:{user}@[remote_ip]:[remote_port]"
    more = [*more, "[routes]"] if routed else more
    lines = [*more, *([f"Content-Type: {kind}"] if body else []), "Content-Length: [len]"]
    head = _HEADERS.format(
        method=method, uri=uri, user=user, sender=sender, cseq=cseq, branch=branch, more="\n".join(lines),
        to_tag="[peer_tag_param]" if in_dialog else "",
    )  # fmt: skip
    retries = ' retrans="500"' if retransmit and method != "ACK" else ""
    watch = f' start_rtd="{timer}"' if timer else ""
    return f"<send{retries}{watch}><![CDATA[\n{head}\n\n{body}\n]]></send>"


def invite(body: str | None = None, **options: object) -> str:
    """Send an INVITE."""
    return request("INVITE", body=sdp() if body is None else body, in_dialog=False, **options)  # type: ignore[arg-type]


def expect(status: int, method: str = "INVITE", *, header: str = "", optional: bool = False, timer: str = "") -> str:
    """Await a response, with a header that contains this text if given."""
    check = ""
    if header:
        check = f'<action><ereg regexp="{escape(header)}" search_in="msg" check_it="true" assign_to="1"/></action>'
    kind = ' optional="true"' if optional else ""
    watch = f' rtd="{timer}"' if timer else ""
    return f'<recv response="{status}"{kind}{watch} rrs="true" timeout="20000">{check}</recv>' + (
        '<Reference variables="1"/>' if header else ""
    )


def answered(**options: object) -> str:
    """INVITE, 100, 180, 200, ACK."""
    return invite(**options) + accepted()  # type: ignore[arg-type]


def accepted(body: str = "", *, routed: bool = False, timer: str = "") -> str:
    """100, 180, 200, ACK."""
    ringing = expect(100, optional=True) + expect(180, optional=True)
    return ringing + expect(200, timer=timer) + request("ACK", body=body, routed=routed)


def answered_through_proxy() -> str:
    """INVITE, 100, 180, 200, ACK by the recorded route; the time until the answer is watched."""
    return invite(timer="answer") + accepted(routed=True, timer="answer")


def expect_request(method: str, seconds: float = 30.0) -> str:
    """Await a request of the other side and answer 200."""
    return f"""<recv request="{method}" timeout="{round(seconds * 1000)}"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""


def bye(cseq: int = 2) -> str:
    """Hang up."""
    return request("BYE", cseq) + expect(200, "BYE")


def pause(seconds: float) -> str:
    """Wait."""
    return f'<pause milliseconds="{round(seconds * 1000)}"/>'


def speak(sound: Path) -> str:
    """Send RTP from a raw A-law file, for ever."""
    return f'<nop><action><exec rtp_stream="{sound},-1,8,PCMA/8000"/></action></nop>'


def babble() -> str:
    """Send the RTP that comes with sipp: eight seconds of A-law."""
    return '<nop><action><exec play_pcap_audio="/usr/share/sip-tester/g711a.pcap"/></action></nop>'


def press(key: str) -> str:
    """Press a key as RFC 4733 events."""
    return f'<nop><action><exec play_dtmf="{key}"/></action></nop>'


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crowd of calls came to.

    Attributes:
        slowest_ms: the longest wait for an answer.
    """

    successful: int
    failed: int
    slowest_ms: float


def _table(file: Path) -> list[dict[str, str]]:
    """What sipp wrote down."""
    return list(csv.DictReader(file.read_text("utf-8").splitlines(), delimiter=";"))


@dataclass
class Sipp:
    """A running sipp."""

    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]

    def outcome(self, seconds: float = 60.0) -> Outcome:
        """Wait for the end, which may be a bad one for some calls; how many, and how long they waited."""
        self.process.wait(seconds)
        folder = Path(self.folder.name)
        rows = _table(next(folder.glob("*statistics*")))
        waits = [float(row["response_time_ms"]) for file in folder.glob("*_rtt.csv") for row in _table(file)]
        self.folder.cleanup()
        return Outcome(int(rows[-1]["SuccessfulCall(C)"]), int(rows[-1]["FailedCall(C)"]), max(waits, default=0.0))

    def finish(self, seconds: float = 60.0) -> None:
        """Wait for the end; every step must have gone as written."""
        status = self.process.wait(seconds)
        complaints = "\n".join(file.read_text("utf-8", "replace") for file in Path(self.folder.name).glob("errors*"))
        self.folder.cleanup()
        assert status == 0, f"sipp ended with {status}:\n{complaints[-4000:]}"

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def start(
    port: int,
    name: str,
    *steps: str,
    calls: int = 1,
    per_second: float = 10.0,
    source: str = "127.0.0.1",
    tcp: bool = False,
    seconds: float = 60.0,
    at_once: int = 0,
) -> Sipp:
    """Start sipp calling the engine at this port; the Call-ID begins with the name.

    Args:
        at_once: so many of the calls at one time; 0: all.
    """
    folder = tempfile.TemporaryDirectory(prefix="sipp-")
    scenario = Path(folder.name, "scenario.xml")
    scenario.write_text(f'<?xml version="1.0"?><scenario name="{name}">{"".join(steps)}</scenario>', "utf-8")
    rate = f"-m {calls} -l {at_once or calls} -r {round(per_second * 10)} -rp 10s -t {'t1' if tcp else 'u1'}"
    command = [
        "sipp", f"127.0.0.1:{port}", "-sf", str(scenario), *rate.split(), "-i", source, "-mi", source, "-nostdin",
        "-cid_str", f"{name}-%u-%p@%s", "-timeout", f"{round(seconds)}s", "-timeout_error",
        "-trace_err", "-error_file", str(Path(folder.name, "errors")), "-trace_stat", "-stf",
        str(Path(folder.name, "statistics.csv")), "-trace_rtt", "-rtt_freq", "1",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    return Sipp(process, folder)


def run(port: int, name: str, *steps: str, **options: object) -> None:
    """One sipp from beginning to end."""
    start(port, name, *steps, **options).finish()  # type: ignore[arg-type]


# ------------------------------------------------------------- sipp as somebody who is called

_SAME = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
_OWN_TAG = ";tag=[pid]u[call_number]"
_OWN_CONTACT = "Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>\n"


def invited() -> str:
    """Await an INVITE; its From, To and Via are kept for the requests that follow."""
    return """<recv request="INVITE" crlf="true"><action>
<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="them"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="us"/>
</action></recv><Reference variables="target,them,us"/>"""


def respond(status: int, body: str = "") -> str:
    """Answer the request that came last."""
    kind = "Content-Type: application/sdp\n" if body else ""
    tag = _OWN_TAG if status > 100 else ""
    head = f"SIP/2.0 {status} Answer\n{_SAME.format(tag=tag)}{_OWN_CONTACT}{kind}Content-Length: [len]"
    return f"<send><![CDATA[\n{head}\n\n{body}\n]]></send>"


def lift() -> str:
    """200 with sound, ACK."""
    return respond(200, sdp("[media_port]")) + '<recv request="ACK"/>'


def leave() -> str:
    """Hang up a call that was answered."""
    return """<send retrans="500"><![CDATA[
BYE [$target] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$us];tag=[pid]u[call_number]
To:[$them]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/>"""


def refused(status: int) -> str:
    """A final answer that is no 200, acknowledged."""
    return respond(status) + '<recv request="ACK"/>'


def cancelled() -> str:
    """The caller gives up while it rings."""
    return """<recv request="CANCEL"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send><send><![CDATA[
SIP/2.0 487 Terminated
[last_Via:]
[last_From:]
[last_To:];tag=[pid]u[call_number]
[last_Call-ID:]
CSeq: [last_cseq_number] INVITE
Content-Length: 0

]]></send><recv request="ACK"/>"""


@dataclass
class Called(Sipp):
    """A telephone, or a trunk, that is rung."""

    def invites(self) -> list[str]:
        """Request lines of the INVITEs that came, once each however often they were repeated."""
        text = Path(self.folder.name, "messages").read_text("utf-8", "replace")
        received = re.findall(r"message received.*?\n\n(INVITE [^\n]+)\n(?:.*\n)*?Call-ID: ([^\n]+)", text)
        return [line for line, _ in dict.fromkeys(received)]


def serve(port: int, *steps: str, calls: int = 1, seconds: float = 60.0) -> Called:
    """Start sipp listening at this port; it ends after so many calls."""
    folder = tempfile.TemporaryDirectory(prefix="sipp-")
    scenario = Path(folder.name, "scenario.xml")
    scenario.write_text(f'<?xml version="1.0"?><scenario name="called">{"".join(steps)}</scenario>', "utf-8")
    command = [
        "sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-m", str(calls),
        "-nostdin", "-timeout", f"{round(seconds)}s", "-timeout_error", "-trace_err", "-error_file",
        str(Path(folder.name, "errors")), "-trace_msg", "-message_file", str(Path(folder.name, "messages")),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    _await_port(port, process)
    return Called(process, folder)


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there."""
    last = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < last:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.02)
    raise AssertionError(f"sipp does not listen at {port}")
