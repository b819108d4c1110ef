"""What the SIP engine has to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path

from ivr.domain.dial_plan import is_extension, may_be_dialled, normal_number

_ADDRESS = re.compile(r"<?sips?:([^@;>?]+)@([A-Za-z0-9.-]+)(?::\d+)?[^@]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}", re.ASCII)


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
        transfer_hosts: where operators' telephones may send a caller (REFER).
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
    transfer_hosts: tuple[str, ...] = ()

    @property
    def own_host(self) -> str:
        """The address under which this machine reaches the engine."""
        return "127.0.0.1" if self.address == "0.0.0.0" else self.address  # only compared  # nosec B104

    @cached_property
    def trusted_networks(self) -> tuple[IPv4Network, ...]:
        """The allow-list as networks."""
        return tuple(IPv4Network(str(ip_network(entry, strict=False))) for entry in self.trusted)

    def trusts(self, source: IPv4Address) -> bool:
        """Requests from this address are answered."""
        return any(source in network for network in self.trusted_networks)

    def may_transfer_to(self, uri: str) -> bool:
        """An extension of the house's own exchange, or a number that may be dialled, through that exchange only."""
        address = _ADDRESS.fullmatch(uri)
        if address is None or address[2].lower() not in self.transfer_hosts:
            return False
        number = normal_number(address[1])
        return is_extension(number) or may_be_dialled(number) if number else bool(_NAME.fullmatch(address[1]))
