"""Facts read out of an INVITE's text (RFC 3261 §20, RFC 3325, RFC 5806, RFC 7044). Never raises, whatever the bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ivr.domain.call import ALWAYS, Invite, clean
from ivr.domain.dial_plan import normal_number

_HEADER = re.compile(r"^([A-Za-z-]+)[ \t]*:[ \t]*(.*)$")
_COMPACT = {"f": "from", "t": "to", "i": "call-id", "c": "content-type"}
_KEYS = "0123456789*#ABCD"
_PLAIN_KEY = "application/dtmf"
_URI = re.compile(r"(?:sips?|tel):([^@;>\s?]+)(?:@([^;>\s?]+))?", re.IGNORECASE)
_STATION = re.compile(r"<([^<>]*)>")
_CAUSE = re.compile(r"cause(?:=|%3D)(\d{3})(?!\d)", re.IGNORECASE | re.ASCII)
_REASONS = {
    "user-busy": "busy", "no-answer": "no_answer", "unavailable": "unavailable", "out-of-service": "unavailable",
    "do-not-disturb": "unavailable", "away": "unavailable", "deflection": "unavailable", "unconditional": ALWAYS,
    "follow-me": ALWAYS, "time-of-day": ALWAYS,
}  # fmt: skip
_CAUSES = {
    486: "busy", 600: "busy", 408: "no_answer", 487: "no_answer", 480: "unavailable", 503: "unavailable",
    404: "unavailable", 410: "unavailable", 302: ALWAYS,
}  # fmt: skip
_NAME_ADDRESS = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<([^>]*)')


def _headers(message: str) -> dict[str, list[str]]:
    """All values of each header, names in lower case, folded lines joined (RFC 3261 §7.3.1)."""
    found: dict[str, list[str]] = {}
    unfolded = re.sub(r"\r?\n[ \t]+", " ", message.split("\r\n\r\n", 1)[0])
    for line in unfolded.split("\n")[1:]:  # splitlines() would end a line at other characters, too
        match = _HEADER.match(line.rstrip("\r"))
        if match:
            name = match[1].lower()
            found.setdefault(_COMPACT.get(name, name), []).append(match[2])
    return found


def _first(headers: Mapping[str, list[str]], name: str) -> str:
    return headers.get(name, [""])[0]


def _user(value: str) -> str:
    """The user of an address; what a display name says is no address."""
    named = _NAME_ADDRESS.match(value)
    address = (named[3] if named else value).strip()
    match = _URI.match(address)
    return match[1][:128] if match and (match[2] or address.lower().startswith("tel:")) else ""


def _display(value: str) -> str:
    named = _NAME_ADDRESS.match(value)
    return clean(re.sub(r"\\(.)", r"\1", named[1] or named[2] or ""), 128) if named else ""


def read_invite(leg: int, message: str, source: str) -> Invite:
    """The facts of an INVITE from a trusted source.

    The caller's number is P-Asserted-Identity where the PBX gives it, else From (RFC 3325 §9).
    A caller who asked for privacy is anonymous whatever From says.
    """
    headers = _headers(message)
    first = message.split("\r\n", 1)[0].split(" ")
    identity = _first(headers, "p-asserted-identity")
    sender = identity or _first(headers, "from")
    hidden = "id" in _first(headers, "privacy") and not identity
    dialled = clean(_user(first[1]) if len(first) > 1 else "", 64)
    named = (clean(_user(_first(headers, name)), 64) for name in ("to", "p-called-party-id"))
    diversion, because = read_diversion(headers.get("diversion", []), headers.get("history-info", []))
    return Invite(
        leg=leg,
        sip_call_id=clean(_first(headers, "call-id"), 128),
        source=clean(source, 64),
        caller_number="" if hidden else normal_number(_user(sender)),
        caller_name=_display(_first(headers, "from")),
        dialled=dialled,
        also_dialled=tuple(dict.fromkeys(number for number in named if number not in ("", dialled))),
        diversion=clean(diversion, 64),
        diverted_because=because,
    )


def read_diversion(diversion: Sequence[str], history: Sequence[str]) -> tuple[str, str]:
    """Whom the exchange tried before us, and why the call did not stay there; "", "" when it tried nobody.

    Diversion names the latest first (RFC 5806 §5). History-Info names every station of a call, also of one that was
    never diverted; a cause stands with the station it drove the call away from, or with the one it was driven to
    (RFC 7044 §9, RFC 4458 §2).

    >>> read_diversion(["<sip:100@pbx>;reason=no-answer"], [])
    ('100', 'no_answer')
    """
    for value in diversion:
        reason = re.search(r";\s*reason\s*=\s*\"?([A-Za-z-]+)", value)
        return _user(value), _REASONS.get(reason[1].lower(), "unknown") if reason else "unknown"
    stations = [station for value in history for station in _STATION.findall(value)]
    causes = [cause for station in stations for cause in _CAUSE.findall(station)]
    if len(stations) < 2 or not causes:
        return "", ""
    return _user(f"<{stations[-2]}>"), _CAUSES.get(int(causes[-1]), "unknown")


def read_key(message: str) -> str:
    """The key an INFO of the type `application/dtmf` carries, "" in all other cases.

    >>> read_key("INFO sip:a SIP/2.0\\r\\nContent-Type: application/dtmf\\r\\n\\r\\n5")
    '5'
    """
    kind = _first(_headers(message), "content-type").split(";", 1)[0].strip().lower()
    if kind != _PLAIN_KEY:
        return ""
    body = message.partition("\r\n\r\n")[2].strip().upper()
    number = body.removeprefix("SIGNAL=").strip()
    if number in ("10", "11"):  # some telephones number * and # so
        return "*#"[int(number) - 10]
    return number if len(number) == 1 and number in _KEYS else ""
