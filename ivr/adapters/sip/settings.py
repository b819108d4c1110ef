"""What the SIP engine has to be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration with a PBX (RFC 3261 §10), with digest authentication.

    Attributes:
        registrar: SIP URI of the registrar, for example "sip:pbx.example".
        user, password, realm: credentials; realm "*" fits any.
        expires_seconds: how long a registration is asked for.
    """

    registrar: str
    user: str
    password: str
    realm: str = "*"
    expires_seconds: int = 300


@dataclass(frozen=True)
class SipSettings:
    """One engine process.

    Attributes:
        address, port: where SIP is listened for; port 0 takes a free one.
        tcp: TCP beside UDP, on the same port.
        tls_port: SIP over TLS 1.2 on this port; None: off.
        trusted: addresses and networks whose calls are answered; all others get 403.
        rtp_port: first RTP port; each leg takes two.
        no_media_seconds: a leg without RTP for this long is ended (fault F9).
        max_call_seconds: no leg lasts longer, whatever happens.
    """

    address: str = "127.0.0.1"
    port: int = 5060
    tcp: bool = True
    tls_port: int | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted: tuple[str, ...] = ("127.0.0.1",)
    rtp_port: int = 21000
    no_media_seconds: float = 15.0
    max_call_seconds: float = 900.0
    registration: Registration | None = None

    @cached_property
    def trusted_networks(self) -> tuple[IPv4Network, ...]:
        """The allow-list as networks."""
        return tuple(IPv4Network(str(ip_network(entry, strict=False))) for entry in self.trusted)

    def trusts(self, source: IPv4Address) -> bool:
        """Requests from this address are answered."""
        return any(source in network for network in self.trusted_networks)
