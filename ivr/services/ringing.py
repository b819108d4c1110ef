"""Ringing the operators: all at once or one after another, the first who lifts the handset talks (clauses 10, 11)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.domain.counting import TOO_LATE
from ivr.domain.leg import Side
from ivr.errors import LineError
from ivr.ports import Dialler, Leg
from ivr.services.legs import LegBook, OpenLeg
from ivr.services.tones import ringback


@dataclass(frozen=True, slots=True)
class Operators:
    """Who is rung.

    Attributes:
        addresses: SIP addresses: one of a ring group at the PBX, or of each operator.
        in_turn_seconds: ring one after another, each so long; None: all at once.
        names: whose telephone an address is.
        waiting: what the caller hears meanwhile, PCM, again and again: ringback, or the town's music.
    """

    addresses: Sequence[str] = ()
    in_turn_seconds: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    waiting: bytes = field(default_factory=ringback)

    def named(self, address: str) -> str:
        """The operator's name, or the extension where nobody has told it."""
        number = extension(address)
        return next((name for known, name in self.names.items() if extension(known) == number), number)


def extension(address: str) -> str:
    """The user of a SIP address.

    >>> extension("sip:101@10.0.0.2:5060")
    '101'
    """
    return address.partition(":")[2].partition("@")[0]


@dataclass(frozen=True, slots=True)
class Lifted:
    """An operator has lifted the handset."""

    leg: Leg
    open: OpenLeg

    @property
    def who(self) -> str:
        """His name."""
        return self.open.who


async def first_answer(dialler: Dialler, operators: Operators, caller: str, book: LegBook) -> Lifted | None:
    """The first operator who lifts the handset, None when nobody does; the others stop ringing."""
    if operators.in_turn_seconds is None:
        return await _all_at_once(dialler, operators, caller, book)
    for address in operators.addresses:
        with contextlib.suppress(LineError, TimeoutError):
            return await asyncio.wait_for(_ring(dialler, operators, address, caller, book), operators.in_turn_seconds)
    return None


async def _ring(dialler: Dialler, operators: Operators, address: str, caller: str, book: LegBook) -> Lifted:
    leg = book.begin(Side.OPERATOR, operators.named(address), extension(address))
    return Lifted(await book.dial(dialler, address, caller, leg), leg)


async def _all_at_once(dialler: Dialler, operators: Operators, caller: str, book: LegBook) -> Lifted | None:
    ringing = [asyncio.create_task(_ring(dialler, operators, address, caller, book)) for address in operators.addresses]
    winner: Lifted | None = None
    try:
        for done in asyncio.as_completed(ringing):
            with contextlib.suppress(LineError):
                winner = await done
                return winner
        return None
    finally:
        try:
            await _end_losers(ringing, winner)
        except asyncio.CancelledError:  # the caller has left in this moment: nobody will join the winner
            if winner:
                let_go(winner)
            raise


async def _end_losers(ringing: Sequence[asyncio.Task[Lifted]], winner: Lifted | None) -> None:
    """Who still rings is no longer rung; who answered a moment too late is let go."""
    for task in ringing:
        task.cancel()
    for lifted in await asyncio.gather(*ringing, return_exceptions=True):
        if isinstance(lifted, Lifted) and lifted is not winner:
            let_go(lifted)


def let_go(lifted: Lifted) -> None:
    """Nobody waits for this operator any longer."""
    lifted.open.why = TOO_LATE
    lifted.leg.hang_up()
    lifted.open.over()
