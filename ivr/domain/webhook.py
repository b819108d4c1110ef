"""Telling the municipality's own programs of what happens: signed letters by HTTP (clause 15).

A letter holds ids and states, never a name, a number or a word of a citizen; whoever may know more asks for it by key.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ivr.errors import RuleBroken

TRIES_AT_MOST = 20
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where letters go.

    Attributes:
        secret: shared with the receiver; signs the letters.
    """

    id: str
    municipality: str
    url: str
    secret: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter to one receiver.

    Attributes:
        id: the same however often it is sent: the receiver knows a repetition by it.
        claim: whose it is at the moment.
        reply: what the receiver said last, or why it was not reached.
    """

    id: str
    webhook: Webhook
    event: str
    body: str
    created_at: datetime
    tries: int = 0
    claim: str = ""
    reply: str = ""
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None


def checked_url(url: str) -> str:
    """An address letters may go to: HTTPS, or plain HTTP to this machine only.

    Raises:
        RuleBroken: any other.
    """
    try:
        parts = urlsplit(url.strip())
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    fit = bool(host) and parts.username is None and url.isprintable() and len(url) <= 500
    if not fit or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        raise RuleBroken("3", "letters go to https addresses, or to http on this machine", "bad_url")
    return url.strip()


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def signature(secret: str, timestamp: int, body: str) -> str:
    """HMAC-SHA256 over "timestamp.body", hexadecimal; the receiver computes it anew and refuses old timestamps."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failures: 30 s, 1 min, 2 min … up to 6 h."""
    return min(_FIRST_PAUSE * float(2 ** min(max(tries - 1, 0), 20)), _LONGEST_PAUSE)
