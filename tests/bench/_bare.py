"""The yardstick of a call's cost: the SIP library alone, which answers and throws the caller's sound away."""

from __future__ import annotations

import asyncio
import os
import sys

from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from ivr.adapters.sip.settings import SipSettings
from ivr.errors import LineError
from ivr.ports import HungUp


async def _answer(leg: SipLeg) -> None:
    try:
        await leg.answer()
    except LineError:
        return
    while not isinstance(await leg.next_event(), HungUp):
        pass


async def _serve() -> None:
    engine = Engine(SipSettings(port=0, rtp_port=24000))
    await engine.start()
    print(engine.port, flush=True)
    async with asyncio.TaskGroup() as calls:
        while True:
            calls.create_task(_answer(await engine.next_leg()))


if __name__ == "__main__":
    try:
        asyncio.run(_serve())
    except KeyboardInterrupt:
        sys.stdout.flush()
    os._exit(0)
