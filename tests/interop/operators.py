"""sipp as the telephones of operators: scenarios of the called side, and what sipp itself has counted."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.interop import sipp

_SEEN = """<action>
<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="peer"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="own"/>
<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action>"""
_USED = '<Reference variables="cseq,peer,own,contact"/>'
_TAG = ";tag=[pid]op[call_number]"


def invited(timer: str = "") -> str:
    """An INVITE comes."""
    watch = f' start_rtd="{timer}"' if timer else ""
    return f'<recv request="INVITE" crlf="true"{watch}>{_SEEN}</recv>{_USED}'


def reply(status: int, reason: str = "Status", body: str = "", cseq: str = "[$cseq] INVITE", timer: str = "") -> str:
    """Answer the INVITE."""
    kind = "Content-Type: application/sdp\n" if body else ""
    watch = f' rtd="{timer}"' if timer else ""
    return f"""<send{watch}><![CDATA[
SIP/2.0 {status} {reason}
[last_Via:]
From:[$peer]
To:[$own]{_TAG if status > 100 else ""}
[last_Call-ID:]
CSeq: {cseq}
Contact: <sip:operator@[local_ip]:[local_port]>
{kind}Content-Length: [len]

{body}
]]></send>"""


def ringing() -> str:
    """180."""
    return reply(180, "Ringing")


def lifts(sound: Path | None = None, timer: str = "") -> str:
    """200 with sound that goes on for ever, or without any; then the ACK."""
    answered = reply(200, "OK", sipp.sdp("[rtpstream_audio_port]" if sound else "[media_port]"), timer=timer)
    return answered + '<recv request="ACK"/>' + (sipp.speak(sound) if sound else "")


def refuses(status: int) -> str:
    """A final refusal, and its ACK."""
    return reply(status) + '<recv request="ACK"/>'


def cancelled(seconds: float = 20.0) -> str:
    """The CANCEL comes: 200 to it, 487 to the INVITE."""
    return (
        f'<recv request="CANCEL" timeout="{round(seconds * 1000)}"/>'
        + reply(200, "OK", cseq="[$cseq] CANCEL")
        + reply(487, "Request Terminated")
        + '<recv request="ACK"/>'
    )


def hangs_up() -> str:
    """BYE of the called side; one that crosses the other side's is no fault."""
    return f"""<send retrans="500"><![CDATA[
BYE [$contact] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From:[$own]{_TAG}
To:[$peer]
[last_Call-ID:]
CSeq: 7 BYE
Content-Length: 0

]]></send>"""


def parting() -> str:
    """BYE and the response to it."""
    return hangs_up() + '<recv response="200" timeout="20000"/>'


@dataclass
class Telephone:
    """A running sipp that waits for calls.

    Attributes:
        times: means and other times of its statistics in seconds, by their column, once it is finished.
    """

    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]
    port: int
    times: dict[str, float] = field(default_factory=dict)

    def finish(self, seconds: float = 60.0) -> dict[str, int]:
        """Wait until every step has gone as written; what sipp has counted."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise
        complaints = "\n".join(file.read_text("utf-8", "replace") for file in Path(self.folder.name).glob("errors*"))
        counted = self.counted()
        self.times = times_of(self._statistics())
        self.folder.cleanup()
        assert status == 0, f"sipp ended with {status}:\n{complaints[-4000:]}"
        return counted

    def counted(self) -> dict[str, int]:
        """The last line of sipp's own statistics (-trace_stat)."""
        return counts_of(self._statistics())

    def _statistics(self) -> Path:
        return next(Path(self.folder.name).glob("statistics*.csv"))

    def end(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def counts_of(file: Path) -> dict[str, int]:
    """The cumulated figures of a file of statistics."""
    last = _last_line(file)
    return {name: int(value) for name, value in last.items() if name and (value or "").strip().isdecimal()}


def times_of(file: Path) -> dict[str, float]:
    """The times of a file of statistics, seconds: hours, minutes, seconds, microseconds there."""
    times = {}
    for name, value in _last_line(file).items():
        if name and re.fullmatch(r"\d+:\d+:\d+:\d+", value or ""):
            hours, minutes, seconds, micro = map(int, value.split(":"))
            times[name] = hours * 3600 + minutes * 60 + seconds + micro / 1e6
    return times


def _last_line(file: Path) -> dict[str, str]:
    return list(csv.DictReader(file.read_text("utf-8", "replace").splitlines(), delimiter=";"))[-1]


def telephone(port: int, *steps: str, calls: int = 1, seconds: float = 60.0) -> Telephone:
    """Start a telephone that is rung so many times."""
    folder = tempfile.TemporaryDirectory(prefix="sipp-operator-")
    scenario = Path(folder.name, "scenario.xml")
    scenario.write_text(f'<?xml version="1.0"?><scenario name="operator">{"".join(steps)}</scenario>', "utf-8")
    errors, statistics = Path(folder.name, "errors"), Path(folder.name, "statistics.csv")
    command = [
        "sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-m", str(calls),
        "-nostdin",
        "-timeout", f"{round(seconds)}s", "-timeout_error", "-trace_err", "-error_file", str(errors),
        "-trace_stat", "-stf", str(statistics), "-fd", "1",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    return Telephone(process, folder, port)
