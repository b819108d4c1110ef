"""Our recogniser process: one Vosk model, one recogniser per connection, the protocol of vosk-server.

    python -m ivr.adapters.speech.server --model DIR (--socket PATH | --listen HOST:PORT)

It is a process of its own because Kaldi ends the process it runs in when something surprises it; whoever starts it
starts it again. The event loop only moves messages; sound is decoded in threads (Vosk lets go of the interpreter),
gathered to 0.4 s at a time, and the loop is woken only when there is something to send. Nothing heard is logged.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from ivr.adapters.speech.intake import Intake
from ivr.adapters.speech.model import check_model
from ivr.adapters.speech.protocol import LOAD_HEADER, MAX_MESSAGE_BYTES, ProtocolError, read_request
from ivr.adapters.watchdog import watched
from ivr.errors import SettingsError

log = logging.getLogger(__name__)

MOST_UTTERANCES = 60


@dataclass(slots=True)
class Burden:
    """How many utterances are being heard, and how many at most; a client beyond that is sent to another recogniser."""

    most: int
    heard: int = 0


async def converse(connection: ServerConnection, model: Any, pool: ThreadPoolExecutor, burden: Burden) -> None:
    """Serve one client until it has its text or goes away."""
    if burden.heard >= burden.most:
        await connection.close(CloseCode.TRY_AGAIN_LATER, "busy")
        return
    replies: asyncio.Queue[str | None] = asyncio.Queue()
    begun = False
    intake = Intake(model, pool, asyncio.get_running_loop(), replies.put_nowait)
    sender = asyncio.create_task(_send(connection, replies))
    try:
        async for message in connection:  # ends when the connection does, however it does
            if not begun:
                begun, burden.heard = True, burden.heard + 1
            intake.offer(message if isinstance(message, bytes) else read_request(message))
            if not intake.has_room.is_set():
                await intake.has_room.wait()
    except ProtocolError as error:
        await connection.close(1008, str(error))
    finally:
        burden.heard -= begun
        intake.stop()
        sender.cancel()


async def _send(connection: ServerConnection, replies: asyncio.Queue[str | None]) -> None:
    """Send what the decoding threads have written; after the last of it, close the connection."""
    with contextlib.suppress(ConnectionClosed):
        while (reply := await replies.get()) is not None:
            await connection.send(reply)
        await connection.close()


async def open_server(
    model: Any, pool: ThreadPoolExecutor, *, path: str = "", host: str = "", port: int = 0, most: int = MOST_UTTERANCES
) -> Server:
    """Listen on a Unix socket (mode 0600) or on an address.

    Args:
        most: so many utterances are heard at once.

    Raises:
        SettingsError: somebody already listens there, or the place cannot be written to.
    """

    burden = Burden(most)

    async def answer(connection: ServerConnection) -> None:
        await converse(connection, model, pool, burden)

    def greet(_connection: ServerConnection, _request: Request, response: Response) -> None:
        response.headers[LOAD_HEADER] = str(burden.heard)

    options: dict[str, Any] = {
        "compression": None, "max_size": MAX_MESSAGE_BYTES, "close_timeout": 1, "process_response": greet,
    }  # fmt: skip
    try:
        if path:
            return await serve(answer, sock=_unix_socket(path), **options)
        return await serve(answer, host, port, **options)
    except OSError as error:
        where = path or f"{host}:{port}"
        raise SettingsError(f"{where}: the recogniser cannot listen there: {error.strerror or error}") from error


def _unix_socket(path: str) -> socket.socket:
    """A listening socket that only this user may use; what a killed process left behind is removed."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if Path(path).exists():
            _refuse_if_in_use(path)
            Path(path).unlink()
        before = os.umask(0o177)
        try:
            sock.bind(path)
        finally:
            os.umask(before)
    except OSError:
        sock.close()
        raise
    return sock


def _refuse_if_in_use(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return
    raise OSError(98, "another recogniser listens there")


def _leave(path: str) -> None:
    if path:
        Path(path).unlink(missing_ok=True)


def load(directory: Path) -> Any:
    """The Vosk model in a directory.

    Raises:
        SettingsError: a file of it is missing or broken.
    """
    facts = check_model(directory)
    from vosk import Model, SetLogLevel

    SetLogLevel(-1)
    try:
        model = Model(str(directory))
    except Exception as error:  # Vosk raises bare Exception
        raise SettingsError(f"{directory}: Vosk cannot load this model") from error
    log.info("model loaded", extra={"action": "model_loaded", "model": facts.name, "rate_hz": facts.rate_hz})
    return model


async def run(
    directory: Path, *, path: str = "", host: str = "", port: int = 0, threads: int = 0, most: int = MOST_UTTERANCES
) -> None:
    """Load the model and serve until SIGTERM or SIGINT.

    Raises:
        SettingsError: the model or the address cannot be used.
    """
    model = load(directory)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1, "decoder") as pool:
        async with await open_server(model, pool, path=path, host=host, port=port, most=most):
            log.info("recogniser is ready", extra={"action": "recogniser_ready", "at": path or f"{host}:{port}"})
            await stop.wait()
    _leave(path)


def main(arguments: list[str] | None = None, say: Callable[[str], object] = sys.stderr.write) -> int:
    """Run the recogniser process; exit status 2 when its settings are wrong."""
    parser = argparse.ArgumentParser(prog="ivr.adapters.speech.server", description="Speech to text, offline")
    parser.add_argument("--model", type=Path, required=True)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--socket", default="", metavar="PATH")
    where.add_argument("--listen", default="", metavar="HOST:PORT")
    where.add_argument("--check", action="store_true", help="only load the model and end")
    parser.add_argument("--threads", type=int, default=0, help="decoding threads; default: one per processor")
    parser.add_argument("--most", type=int, default=MOST_UTTERANCES, help="utterances at once; more are sent elsewhere")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    try:
        if chosen.check:
            load(chosen.model)
            return 0
        host, _, port = chosen.listen.rpartition(":")
        place: dict[str, Any] = {"path": chosen.socket, "host": host.strip("[]"), "port": int(port or 0)}
        asyncio.run(watched(run(chosen.model, **place, threads=chosen.threads, most=chosen.most)))
    except SettingsError as error:
        say(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
