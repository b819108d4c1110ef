"""The port `Voucher` in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ivr.domain.identity import Identity, Journey, PasswordProof, Proof, ReturnProof
from ivr.errors import NotSignedIn, VoucherAway


@dataclass
class FakeVoucher:
    """Vouches for whom it is told to; by password, or for a browser that comes back with `code=login`."""

    travels: bool = False
    people: dict[str, tuple[str, Identity]] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    async def begin(self, back: str) -> Journey:
        """Nowhere real."""
        if self.away or not self.travels:
            raise VoucherAway("away")
        return Journey("https://sso.example.org/?state=s", back, "s", "n", "v")

    async def vouch(self, proof: Proof) -> Identity:
        """Look it up, as slowly as a network."""
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.away:
            raise VoucherAway("away")
        if isinstance(proof, PasswordProof) and not self.travels:
            password, identity = self.people.get(proof.login, ("", None))
            if identity is not None and proof.password and password == proof.password:
                return identity
        if isinstance(proof, ReturnProof) and self.travels and proof.query.get("state") == proof.journey.state:
            _, identity = self.people.get(proof.query.get("code", ""), ("", None))
            if identity is not None:
                return identity
        raise NotSignedIn("nobody vouches for him")
