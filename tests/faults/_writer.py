"""A process that keeps a recording and closes calls, and tells of all that it was promised: `python -m ... FOLDER`."""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import replace
from pathlib import Path

from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from tests.samples import a_call, a_callback, a_message, ended, turns

RECORDING = "0123456789abcdef"
FRAME_SECONDS = 0.1


async def write(folder: Path) -> None:
    """A frame each 0.1 s; a call closed again and again; each told once it is acknowledged."""
    engine = connect(f"sqlite:///{folder / 'journal.db'}")
    upgrade(engine)
    journal = DatabaseJournal(engine)
    recording = WavRecordings(folder / "recordings").create(RECORDING)

    async def close_calls() -> None:
        for number in itertools.count(1):
            call = replace(a_call(number), caller_number=f"+7900{number:07d}")
            message = a_message(call)
            await journal.open(call)
            await journal.close(ended(call), turns(), message, a_callback(message))
            print("row", call.id, flush=True)
            await asyncio.sleep(0.01)

    rows = asyncio.create_task(close_calls())
    for frame in itertools.count(1):
        recording.append(bytes([frame % 250 + 1]) * 1600)
        print("frame", frame, flush=True)
        await asyncio.sleep(FRAME_SECONDS)
    await rows


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))
