"""Facts read out of an INVITE's text (RFC 3261 §20, RFC 3325, RFC 5806, RFC 7044). Never raises, whatever the bytes."""

from __future__ import annotations

import re

from ivr.domain.call import Invite, clean
from ivr.domain.dial_plan import normal_number

_HEADER = re.compile(r"^([A-Za-z-]+)[ \t]*:[ \t]*(.*)$")
_COMPACT = {"f": "from", "t": "to", "i": "call-id", "c": "content-type"}
_KEYS = "0123456789*#ABCD"
_PLAIN_KEY = "application/dtmf"
_URI = re.compile(r"(?:sips?|tel):([^@;>\s?]+)(?:@([^;>\s?]+))?", re.IGNORECASE)
_NAME_ADDRESS = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<([^>]*)')


def _headers(message: str) -> dict[str, str]:
    """First value of each header, names in lower case, folded lines joined (RFC 3261 §7.3.1)."""
    found: dict[str, str] = {}
    unfolded = re.sub(r"\r?\n[ \t]+", " ", message.split("\r\n\r\n", 1)[0])
    for line in unfolded.split("\n")[1:]:  # splitlines() would end a line at other characters, too
        match = _HEADER.match(line.rstrip("\r"))
        if match:
            name = match[1].lower()
            found.setdefault(_COMPACT.get(name, name), match[2])
    return found


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
    identity = headers.get("p-asserted-identity", "")
    sender = identity or headers.get("from", "")
    hidden = "id" in headers.get("privacy", "") and not identity
    diversion = headers.get("diversion", "") or headers.get("history-info", "")
    return Invite(
        leg=leg,
        sip_call_id=clean(headers.get("call-id", ""), 128),
        source=clean(source, 64),
        caller_number="" if hidden else normal_number(_user(sender)),
        caller_name=_display(headers.get("from", "")),
        dialled=clean(_user(first[1]) if len(first) > 1 else "", 64),
        diversion=clean(_user(diversion), 64),
    )


def read_key(message: str) -> str:
    """The key an INFO of the type `application/dtmf` carries, "" in all other cases.

    >>> read_key("INFO sip:a SIP/2.0\\r\\nContent-Type: application/dtmf\\r\\n\\r\\n5")
    '5'
    """
    kind = _headers(message).get("content-type", "").split(";", 1)[0].strip().lower()
    if kind != _PLAIN_KEY:
        return ""
    body = message.partition("\r\n\r\n")[2].strip().upper()
    number = body.removeprefix("SIGNAL=").strip()
    if number in ("10", "11"):  # some telephones number * and # so
        return "*#"[int(number) - 10]
    return number if len(number) == 1 and number in _KEYS else ""
