"""One leg of the engine: a call, its sound in and out (fulfils `ports.Leg`).

Methods of the first part are called from asyncio and return at once; those of the second run on the engine's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from ivr.adapters.sip import native
from ivr.adapters.sip.headers import read_key
from ivr.adapters.sip.media import Player, SipCall
from ivr.adapters.sip.media_lock import MediaLock
from ivr.domain.call import Invite
from ivr.errors import CallerHungUp, MediaError
from ivr.ports import HungUp, Key, Leg, LegEvent, PlaybackEnded, Transfer

if TYPE_CHECKING:
    from ivr.adapters.sip.engine import Engine

log = logging.getLogger(__name__)

_WATCH_SECONDS = 1.0
_OK, _ACCEPTED, _UNAVAILABLE = 200, 202, 503


class SipLeg:
    """One call over SIP; made by the engine."""

    def __init__(self, engine: Engine, invite: Invite, account: Any, number: int) -> None:
        self._engine = engine
        self._invite = invite
        self._call: Any = SipCall(self, account, number)
        self._tap: Any = None
        self._player: Any = None
        self._peer: SipLeg | None = None
        self._sounds: deque[tuple[int, Path]] = deque()
        self._started = 0
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._over: HungUp | None = None
        self._hanging_up = False
        self._no_media = False
        self.code = 0
        self._media_ready = False
        self._may_transfer = False
        self.listening = invite.leg >= 0
        self._born = time.monotonic()
        self._packets, self._packets_at, self._watched_at = -1, self._born, self._born
        self._lock = MediaLock(engine.settings.trusted_networks)
        self.answered: asyncio.Future[None] = engine.future()
        self.ringing: asyncio.Future[None] = engine.future()

    # ------------------------------------------------------------ for asyncio

    @property
    def call(self) -> Any:
        """The library's call, on the engine's thread only."""
        return self._call

    @property
    def invite(self) -> Invite:
        """The facts of the call."""
        return self._invite

    async def answer(self) -> None:
        """Answer (200 OK); returns when sound goes both ways."""
        self._engine.command(lambda: self.respond(_OK))
        await self.answered

    async def next_event(self) -> LegEvent:
        """The next thing that happens on the leg."""
        if self._over and self._events.empty():
            return self._over
        event = await self._events.get()
        if isinstance(event, HungUp):
            self._over = event
        return event

    def play(self, pcm: bytes) -> int:
        """Play sound after whatever is playing."""
        self._started += 1
        number, path = self._started, self._engine.sound_file(pcm)
        self._engine.command(lambda: self._enqueue(number, path))
        return number

    def stop_playing(self) -> None:
        """Stop what is playing and what waits to be played."""
        self._engine.command(self._stop_sounds)

    def hang_up(self) -> None:
        """End the leg (BYE)."""
        self._engine.command(self.end)

    def join(self, other: Leg) -> None:
        """Let the two hear each other, through holds and re-INVITEs of either; the other may have itself replaced."""
        if isinstance(other, SipLeg):
            self._engine.command(lambda: self._join(other))

    def reject(self, status: int, retry_after: int = 0) -> None:
        """Refuse the call before it is answered, with Retry-After where given (RFC 3261 §20.33)."""
        self._engine.command(lambda: self.respond(status, retry_after))

    def send_keys(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        self._engine.command(lambda: self._call and self._call.dialDtmf(digits))

    # ------------------------------------------------------------ on the engine's thread

    def tell(self, event: LegEvent) -> None:
        """Hand an event to asyncio; from any thread."""
        self._engine.post(self._events.put_nowait, event)

    def respond(self, status: int, retry_after: int = 0) -> None:
        """Send a response to the INVITE."""
        if not self._call:
            return
        answer = pj.CallOpParam()
        answer.statusCode = status
        if retry_after:
            header = pj.SipHeader()
            header.hName, header.hValue = "Retry-After", str(retry_after)
            answer.txOption.headers.append(header)
        self._call.answer(answer)

    def call_out(self, uri: str, from_uri: str, display: str) -> None:
        """Send an INVITE."""
        options = pj.CallOpParam(True)
        if from_uri or display:
            own = from_uri or self._engine.own_uri
            options.txOption.localUri = f'"{display}" <{own}>' if display else own
        self._call.makeCall(uri, options)

    def end(self) -> None:
        """Hang up, or refuse what was not answered; `watch` sees to a leg that the library would not end."""
        if self._call and not self._hanging_up:
            self._hanging_up = True
            try:
                self._call.hangup(pj.CallOpParam())
            except pj.Error:
                self._hanging_up = False

    def state_changed(self) -> None:
        """The dialog has moved (RFC 3261 §12)."""
        info = self._call.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._engine.post(self._rings)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._settle_if_ready()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.code = int(info.lastStatusCode)
            over = HungUp(by_caller=not self._hanging_up, no_media=self._no_media, code=self.code)
            self.release()
            self.tell(over)
            fault = (
                MediaError("no media could be agreed on") if self._no_media else CallerHungUp("the caller left first")
            )
            self._engine.post(self._settle, fault)

    def media_changed(self) -> None:
        """Sound was agreed on, or agreed on anew (hold, re-INVITE): connect it again."""
        sound = self._sound()
        if sound is None:
            return
        self._lock_media()
        if self._tap is None:
            self._tap = self._engine.shelf.lend(self)
        sound.startTransmit(self._tap)
        if self._player:
            self._player.startTransmit(sound)
        self._connect_peer()
        self._media_ready = True
        self._packets_at = time.monotonic()
        self._settle_if_ready()

    def informed(self, message: str, rdata: int) -> None:
        """An INFO has come: a key as `application/dtmf`, which the library itself does not take."""
        key = read_key(message)
        if key:
            self.tell(Key(key))
            native.respond_in_dialog(rdata, _OK)

    def transfer_asked(self, prm: Any) -> None:
        """The telephone asks that another take its place (REFER); granted to operators in a conversation only."""
        to = str(prm.dstUri)
        if not (self._may_transfer and self._peer and self._engine.settings.may_transfer_to(to)):
            log.warning("transfer refused", extra={"action": "transfer_refused"})
            return
        successor = self._engine.successor(to)
        prm.statusCode, prm.newCall = _ACCEPTED, successor.call
        self.tell(Transfer(to, successor))
        told = partial(self._transferred, to, successor)
        self._engine.post(lambda: successor.answered.add_done_callback(told))

    def _transferred(self, to: str, successor: SipLeg, answer: asyncio.Future[None]) -> None:
        """How it ended (asyncio's thread)."""
        failed = answer.cancelled() or answer.exception() is not None
        code = (successor.code or _UNAVAILABLE) if failed else 0
        self._events.put_nowait(Transfer(to, successor, answered=not failed, code=code))

    def _join(self, other: SipLeg) -> None:
        for leg in (self, other):
            if leg._peer not in (None, self, other):
                leg._part()
        self._peer, other._peer = other, self
        self._may_transfer, other._may_transfer = False, True
        self._connect_peer()

    def _part(self) -> None:
        """The two hear each other no longer."""
        peer, self._peer = self._peer, None
        if peer is None:
            return
        peer._peer = None
        ours, theirs = self._sound() if self._call else None, peer._sound() if peer._call else None
        if ours and theirs:
            with contextlib.suppress(pj.Error):
                ours.stopTransmit(theirs)
                theirs.stopTransmit(ours)

    def _connect_peer(self) -> None:
        """Each hears the other; called again whenever media was agreed on anew."""
        peer = self._peer
        if peer is None or not self._call or not peer._call:
            return
        ours, theirs = self._sound(), peer._sound()
        if ours and theirs:
            ours.startTransmit(theirs)
            theirs.startTransmit(ours)

    def _settle_if_ready(self) -> None:
        """A caller hears us as soon as media is there; the one we called, when he has lifted the handset."""
        incoming = self._invite.leg >= 0
        if self._media_ready and (incoming or self._call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED):
            self.listening = True
            self._engine.post(self._settle, None)

    def _sound(self) -> Any:
        """The call's active audio, None while there is none."""
        index = self._sound_index()
        return None if index is None else self._call.getAudioMedia(index)

    def _sound_index(self) -> int | None:
        info = self._call.getInfo()  # held, or its list of media would be freed under the loop
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in (
                pj.PJSUA_CALL_MEDIA_ACTIVE,
                pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            ):
                return index
        return None

    def _rings(self) -> None:
        if not self.ringing.done():
            self.ringing.set_result(None)

    def _lock_media(self) -> None:
        """From now on only the peer of the session description is heard."""
        index = self._sound_index()
        if index is not None:
            peer = str(self._call.getStreamInfo(index).remoteRtpAddress)
            own_port = int(str(self._call.getMedTransportInfo(index).localRtpName).rpartition(":")[2])
            self._lock.close_upon(peer, own_port, time.monotonic())

    def _settle(self, fault: Exception | None) -> None:
        if not self.answered.done():
            if fault:
                self.answered.set_exception(fault)
                self.answered.exception()
            else:
                self.answered.set_result(None)

    def _enqueue(self, number: int, path: Path) -> None:
        self._sounds.append((number, path))
        if self._player is None:
            self._play_next()

    def _play_next(self) -> None:
        self._retire_player()
        while self._sounds and self._player is None:
            number, path = self._sounds.popleft()
            sound = self._sound() if self._call else None
            if sound is None:
                self.tell(PlaybackEnded(number))
                continue
            try:
                self._player = Player(self, number, path)
                self._player.startTransmit(sound)
            except pj.Error as fault:
                log.error("cannot play", extra={"action": "prompt_failed", "why": fault.reason})
                self._player = None
                self.tell(PlaybackEnded(number))

    def sound_ended(self, number: int) -> None:
        """A file has been played (the library's event thread): the next one starts on the engine's thread."""
        self._engine.command(lambda: self._after_sound(number))

    def _after_sound(self, number: int) -> None:
        if self._player is not None and self._player.number == number:
            self.tell(PlaybackEnded(number))
            self._play_next()

    def _retire_player(self) -> None:
        player, self._player = self._player, None
        if player is None:
            return
        self._engine.shelf.retire(player)
        if (sound := self._sound() if self._call else None) is not None:
            with contextlib.suppress(pj.Error):
                player.stopTransmit(sound)

    def _stop_sounds(self) -> None:
        numbers = [number for number, _ in self._sounds]
        self._sounds.clear()
        if self._player is not None:
            numbers.insert(0, self._player.number)
            self._retire_player()
        for number in numbers:
            self.tell(PlaybackEnded(number))

    def watch(self, now: float) -> None:
        """End the leg when no RTP comes, or when it lasts beyond all measure; looked at each second."""
        if now - self._watched_at < _WATCH_SECONDS or not self._call:
            return
        self._watched_at = now
        settings = self._engine.settings
        if now - self._born > settings.max_call_seconds:
            self.end()
        if self._hanging_up or not self.listening:
            return
        packets = self._received_packets()
        self._lock.turn(packets, now)
        if packets != self._packets:
            self._packets, self._packets_at = packets, now
        elif now - self._packets_at >= settings.no_media_seconds:
            self._no_media = True
            self.end()

    def _received_packets(self) -> int:
        """RTP packets so far; while the other side holds the call, every look counts as one."""
        info = self._call.getInfo()
        for index, media in enumerate(info.media):
            if media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD:
                return self._packets + 1
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                return int(self._call.getStreamStat(index).rtcp.rxStat.pkt)
        return self._packets

    def give_up_if_never_placed(self) -> None:
        """The library could not place this call: no leg was free, or the address was none."""
        if self._call and not self._call.isActive():
            self.code = _UNAVAILABLE
            self.release()
            self._engine.post(self._settle, MediaError("the call was never placed"))

    def release(self) -> None:
        """Let go of everything of the library's; idempotent."""
        call, self._call = self._call, None
        if call is None:
            return
        native.forget_call(call)
        call.leg = None
        peer, self._peer = self._peer, None
        if peer and peer._peer is self:
            peer._peer = None
        self._retire_player()
        if self._tap is not None:
            self._engine.shelf.take_back(self._tap)
            self._tap = None
        self._engine.over(self, call)
        self._sounds.clear()
