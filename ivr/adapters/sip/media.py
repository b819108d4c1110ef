"""The pjsua2 objects of a leg: the call, its tap, its player. Their callbacks hand over and return; none raises."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from ivr.adapters.sip import native
from ivr.ports import FRAME_SECONDS, RATE_HZ, Frame, Key

if TYPE_CHECKING:
    from ivr.adapters.sip.leg import SipLeg

log = logging.getLogger(__name__)

_DECLINED = 603


class SipCall(pj.Call):  # type: ignore[misc]
    """Hands the library's callbacks to the leg; no exception passes."""

    def __init__(self, leg: SipLeg, account: Any, number: int) -> None:
        super().__init__(account, number)
        self.leg: SipLeg | None = leg

    def onCallState(self, prm: Any) -> None:  # noqa: N802
        try:
            if self.leg:
                self.leg.state_changed()
        except Exception:  # a SIP callback guard
            log.exception("call state", extra={"action": "sip_callback_failed"})

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802
        try:
            if self.leg:
                self.leg.media_changed()
        except Exception:  # a SIP callback guard
            log.exception("media state", extra={"action": "sip_callback_failed"})

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        try:
            change = prm.e.body.tsxState
            if self.leg and change.type == pj.PJSIP_EVENT_RX_MSG and change.tsx.method == "INFO":
                self.leg.informed(str(change.src.rdata.wholeMsg), int(change.src.rdata.pjRxData))
        except Exception:  # a SIP callback guard
            log.exception("request in a dialog", extra={"action": "sip_callback_failed"})

    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802
        """REFER (RFC 3515): the library itself would dial whatever anybody names."""
        try:
            prm.statusCode = _DECLINED
            if self.leg:
                self.leg.transfer_asked(prm)
        except Exception:  # a SIP callback guard
            log.exception("transfer", extra={"action": "sip_callback_failed"})

    def onCallReplaceRequest(self, prm: Any) -> None:  # noqa: N802
        """INVITE with Replaces (RFC 3891): nobody steps into a conversation unasked."""
        prm.statusCode = _DECLINED

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        if self.leg:
            self.leg.tell(Key(str(prm.digit)))


class Tap(pj.AudioMediaPort):  # type: ignore[misc]
    """A caller's sound, 100 ms at a time, on the media clock's thread: copy, hand over, return.

    The clock calls it even when nobody is connected, and may do so while it is destroyed, which ends the process: so
    taps are kept and lent (`Shelf`). What a tap had gathered goes when its caller is disconnected (the conference
    bridge clears the buffer of a port that nobody speaks to).
    """

    def __init__(self) -> None:
        super().__init__()
        self.leg: SipLeg | None = None
        shape = pj.MediaFormatAudio()
        shape.init(pj.PJMEDIA_FORMAT_PCM, RATE_HZ, 1, round(FRAME_SECONDS * 1_000_000), 16)
        self.createPort(f"tap{id(self)}", shape)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802
        if (leg := self.leg) and leg.listening:
            leg.tell(Frame(native.vector_bytes(frame.buf)))


class Player(pj.AudioMediaPlayer):  # type: ignore[misc]
    """Plays one file once."""

    def __init__(self, leg: SipLeg, number: int, path: Path) -> None:
        super().__init__()
        self.leg: SipLeg | None = leg
        self.number = number
        self.createPlayer(str(path), pj.PJMEDIA_FILE_NO_LOOP)

    def onEof2(self) -> None:  # noqa: N802
        if self.leg:
            self.leg.sound_ended(self.number)
