"""The SIP engine: one thread owns everything of pjsua2; commands go in by a queue, events come out to asyncio.

pjsua2 objects die only on that thread, and the audio callbacks do nothing but copy and hand over (design section 7).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip import native
from ivr.adapters.sip.account import SipAccount
from ivr.adapters.sip.door import Door
from ivr.adapters.sip.gate import Gate, Refusal
from ivr.adapters.sip.headers import read_invite
from ivr.adapters.sip.leg import SipLeg
from ivr.adapters.sip.library import Endpoint, LogWriter, library_settings, sip_errors
from ivr.adapters.sip.settings import SipSettings
from ivr.adapters.sip.shelf import Shelf
from ivr.adapters.sip.sounds import Sounds
from ivr.domain.call import Invite
from ivr.errors import LineError, SettingsError

log = logging.getLogger(__name__)

_POLL_MS = 20
_PORT_TRIES = 5
_KEEP_ALIVE = b"\r\n\r\n"  # RFC 5626 §3.5.1: taken and forgotten by whoever listens
_TELL_SECONDS = 60.0
_CODECS = {"PCMA/8000/1": 255, "PCMU/8000/1": 254, "G722/16000/1": 200, "GSM/8000/1": 100}
_RINGING, _FORBIDDEN, _BUSY, _UNAVAILABLE = 180, 403, 486, 503
_RETRY_AFTER_SECONDS = 20


def _end_unwanted(placed: asyncio.Future[SipLeg]) -> None:
    if not placed.cancelled() and not placed.exception():
        placed.result().hang_up()


class Engine:
    """A SIP user agent with a fixed number of legs.

    Args:
        settings: where to listen and whom to trust.
    """

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.capacity = 0
        self.port = settings.port
        self._bell = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._own_address = ("127.0.0.1", 0)
        self._commands: collections.deque[Callable[[], None]] = collections.deque()
        self._incoming: asyncio.Queue[SipLeg] = asyncio.Queue()
        self._legs: dict[int, SipLeg] = {}
        self._ending: list[Any] = []
        self.shelf = Shelf()
        self._sounds = Sounds()
        self._accepting = True
        self._running = True
        self._busy = 0
        self._refused: collections.Counter[int] = collections.Counter()
        self.on_refused: Callable[[Invite, int, str], None] = lambda _invite, _status, _why: None
        self._told_at = 0.0
        self._thread = threading.Thread(target=self._run, name="sip", daemon=True)

    # ------------------------------------------------------------ for asyncio

    async def start(self) -> None:
        """Start; when it returns, calls are answered.

        Raises:
            SettingsError: the port is in use, a certificate cannot be read, the library does not fit.
        """
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._thread.start()
        await self._started

    async def next_leg(self) -> SipLeg:
        """The next call from a trusted source; ringing, not answered yet."""
        return await self._incoming.get()

    async def dial(self, uri: str, *, from_uri: str = "", display: str = "") -> SipLeg:
        """Place a call; the leg's `ringing` and `answered` tell what the other telephone does.

        Raises:
            LineError: no leg is free or the address cannot be called.
        """
        done: asyncio.Future[SipLeg] = self._loop.create_future()

        def place() -> None:
            try:
                leg = self._place(uri, from_uri, display)
            except (pj.Error, LineError) as fault:
                reason = fault.reason if isinstance(fault, pj.Error) else str(fault)
                self.post(done.set_exception, LineError(f"cannot call: {reason}"))
            else:
                self.post(done.set_result, leg)

        self.command(place)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:  # nobody waits any more, but the telephone is about to be rung
            done.add_done_callback(_end_unwanted)
            raise

    def future(self) -> asyncio.Future[None]:
        """A future of the asyncio thread, made from any thread."""
        return self._loop.create_future()

    def sound_file(self, pcm: bytes) -> Path:
        """The sound as a file that a player can read."""
        return self._sounds.file(pcm)

    @property
    def own_uri(self) -> str:
        """Who calls, when the line calls."""
        return self._account.own_uri

    @property
    def free(self) -> int:
        """Legs that are free."""
        return max(self.capacity - self._busy, 0)

    @property
    def busy(self) -> int:
        """Legs the library holds, finished ones included until SIP lets them go."""
        return self._busy

    @property
    def registered(self) -> bool | None:
        """The PBX knows this engine; None where no registration is asked for, or no longer."""
        account = getattr(self, "_account", None)  # it is gone while the engine stops
        return account.registered if account else None

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return len(self._legs)

    async def is_well(self, within_seconds: float) -> bool:
        """The library's thread does what it is asked, in time; one that hangs or has ended does not."""
        done = asyncio.Event()
        self.command(lambda: self.post(done.set))
        try:
            async with asyncio.timeout(within_seconds):
                return await done.wait()
        except TimeoutError:
            return False

    async def stop(self, grace_seconds: float = 0.0) -> None:
        """Take no more calls, give those in progress so long to come to an end, end the rest, let go of the ports."""
        self._accepting = False
        await self._all_ended(grace_seconds)
        for leg in list(self._legs.values()):
            leg.hang_up()
        await self._all_ended(2.0)
        self._running = False
        await asyncio.to_thread(self._thread.join, 5.0)
        self._bell.close()
        self._sounds.close()

    async def _all_ended(self, within_seconds: float) -> None:
        last = self._loop.time() + within_seconds
        while self._legs and self._loop.time() < last:  # noqa: ASYNC110  legs end on the library's thread
            await asyncio.sleep(0.05)

    # ------------------------------------------------------------ for the legs

    def command(self, action: Callable[[], None]) -> None:
        """Have something done on the engine's thread, at once: the library is woken from waiting for packets."""
        self._commands.append(action)
        with contextlib.suppress(OSError):
            self._bell.sendto(_KEEP_ALIVE, self._own_address)

    def post(self, action: Callable[..., None], *facts: object) -> None:
        """Have something done on the asyncio thread; quietly nothing when the loop is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(action, *facts)

    def successor(self, uri: str) -> SipLeg:
        """A leg for a call that the library is about to place, to take another's place."""
        leg = SipLeg(self, Invite(leg=-1, sip_call_id="", source="", dialled=uri), self._account, -1)
        self._legs[id(leg)] = leg
        self.command(leg.give_up_if_never_placed)
        return leg

    def over(self, leg: SipLeg, call: Any) -> None:
        """A leg has ended; its call is let go later, on this thread (never inside its own callback)."""
        self._legs.pop(id(leg), None)
        self._ending.append(call)

    # ------------------------------------------------------------ on the engine's thread

    def _run(self) -> None:
        try:
            self._open()
        except SettingsError as fault:
            self.post(self._started.set_exception, fault)
            return
        except Exception as fault:
            reason = fault.reason if isinstance(fault, pj.Error) else str(fault)
            where = f"{self.settings.address}:{self.settings.port}"
            self.post(self._started.set_exception, SettingsError(f"the SIP engine cannot start on {where}: {reason}"))
            return
        self.post(self._started.set_result, None)
        try:
            while self._running:
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        self._endpoint.libHandleEvents(_POLL_MS)
        while self._commands:
            action = self._commands.popleft()
            try:
                action()
            except pj.Error as fault:
                log.warning("SIP command refused", extra={"action": "sip_command_refused", "why": fault.reason})
            except Exception:
                log.exception("SIP command failed", extra={"action": "sip_command_failed"})
        self._ending.clear()
        now = time.monotonic()
        self.shelf.clear_old(now)
        for leg in list(self._legs.values()):
            leg.watch(now)
        self._door.turn(now)
        self._account.turn(now)
        self._busy = native.busy()
        if self._refused and now - self._told_at > _TELL_SECONDS:
            self._told_at = now
            refused = {str(status): count for status, count in self._refused.items()}
            log.warning("requests refused: %s", refused, extra={"action": "sip_refused", "refused": refused})
            self._refused.clear()
        while sip_errors:
            log.warning("SIP library: %s", sip_errors.popleft(), extra={"action": "sip_library"})

    def _open(self) -> None:
        if not native.shorten_timers():
            log.warning("SIP timers keep their length", extra={"action": "sip_timers"})
        native.quiet()
        self._door = Door(self.settings.trusted_networks)
        self._endpoint = Endpoint(self._door)
        self._endpoint.libCreate()
        self._log_writer = LogWriter()
        self._endpoint.libInit(library_settings(self._log_writer))
        self._endpoint.audDevManager().setNullDev()
        self._open_transports()
        self._endpoint.libStart()
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, _CODECS.get(codec.codecId, 0))
        if not native.fits(pj.Call(pj.Account()), pj.ByteVector()):
            raise SettingsError("this build of pjsua2 is another one: install the pinned pjsua2-python")
        self.capacity = native.capacity()
        self._gate = Gate(self._judge, self._note_refusal)
        self._gate.open()
        self._account = SipAccount(self.settings, self.port, self.incoming)
        if not self._gate.learn(self._own_address, lambda: self._endpoint.libHandleEvents(_POLL_MS)):
            log.warning("the engine does not hear itself", extra={"action": "sip_gate_blind"})

    def _open_udp_and_tcp(self, transport: Any) -> None:
        """Both on one port; where any port will do, another is tried when TCP's is taken."""
        for left in reversed(range(1 if self.settings.port else _PORT_TRIES)):
            transport.port = self.settings.port
            udp = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
            self.port = transport.port = int(self._endpoint.transportGetInfo(udp).localName.rsplit(":", 1)[1])
            if not self.settings.tcp:
                return
            try:
                self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_TCP, transport)
            except pj.Error:
                if not left:
                    raise
                self._endpoint.transportClose(udp)
            else:
                return

    def _open_transports(self) -> None:
        transport = pj.TransportConfig()
        transport.boundAddress = self.settings.address
        self._open_udp_and_tcp(transport)
        self._own_address = (self.settings.own_host, self.port)
        if self.settings.tls_port:
            transport.port = self.settings.tls_port
            transport.tlsConfig.certFile = str(self.settings.tls_certificate)
            transport.tlsConfig.privKeyFile = str(self.settings.tls_key)
            transport.tlsConfig.method = pj.PJSIP_TLSV1_2_METHOD
            self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, transport)
        try:
            for port in {self.port, self.settings.tls_port} - {None}:
                self._door.guard(int(port or 0))
        except OSError as fault:
            log.warning("no filter on the listeners: %s", fault.strerror, extra={"action": "sip_door_unguarded"})

    def _judge(self, method: str, source: IPv4Address | None) -> Refusal | None:
        """Strangers are refused, whatever they ask; callers when every leg is taken or the engine is ending."""
        refusal = None
        if source and not self.settings.trusts(source):
            refusal = Refusal(_FORBIDDEN)
        elif method == "INVITE" and not self._accepting:
            refusal = Refusal(_UNAVAILABLE, _RETRY_AFTER_SECONDS)
        elif method == "INVITE" and native.busy() >= self.capacity:
            refusal = Refusal(_BUSY, _RETRY_AFTER_SECONDS)
        if refusal:
            self._refused[refusal.status] += 1
        return refusal

    def _note_refusal(self, refusal: Refusal, text: str) -> None:
        """A call of the exchange that found no room; a stranger's leaves no trace but a count."""
        if refusal.status != _FORBIDDEN:
            why = "capacity" if refusal.status == _BUSY else "stopping"
            self.post(self.on_refused, read_invite(-1, text, ""), refusal.status, why)

    def incoming(self, prm: Any) -> None:
        """An INVITE has come through the gate; where the gate is blind, a stranger is refused here."""
        source = str(prm.rdata.srcAddress)
        if not self.settings.trusts(IPv4Address(source.rsplit(":", 1)[0])):
            self._refuse(prm.callId, _FORBIDDEN)
            return
        invite = read_invite(prm.callId, str(prm.rdata.wholeMsg), source)
        leg = SipLeg(self, invite, self._account, prm.callId)
        self._legs[id(leg)] = leg
        leg.respond(_RINGING)
        self.post(self._incoming.put_nowait, leg)

    def _refuse(self, call_id: int, status: int) -> None:
        call = pj.Call(self._account, call_id)
        answer = pj.CallOpParam()
        answer.statusCode = status
        call.hangup(answer)
        native.forget_call(call)
        self._ending.append(call)

    def _place(self, uri: str, from_uri: str, display: str) -> SipLeg:
        if not self._accepting:
            raise LineError("the engine is stopping")
        leg = SipLeg(self, Invite(leg=-1, sip_call_id="", source="", dialled=uri), self._account, -1)
        leg.call_out(uri, from_uri, display)
        self._legs[id(leg)] = leg
        return leg

    def _close(self) -> None:
        for leg in list(self._legs.values()):
            leg.release()
        self._legs.clear()
        self._ending.clear()
        self.shelf.clear()
        with contextlib.suppress(pj.Error):
            self._account.shutdown()
        del self._account
        self._door.close()
        with contextlib.suppress(pj.Error):
            self._endpoint.libDestroy()
