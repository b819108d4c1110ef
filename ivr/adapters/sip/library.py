"""The SIP library as a whole: its endpoint, its settings, its errors."""

from __future__ import annotations

import collections
import logging
import time
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip.door import Door

log = logging.getLogger(__name__)

_LOG_LEVEL = 1


class Endpoint(pj.Endpoint):  # type: ignore[misc]
    """Tells the door of connections that come and go."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door

    def onTransportState(self, prm: Any) -> None:  # noqa: N802
        try:
            if prm.type == "UDP":
                return
            if prm.state == pj.PJSIP_TP_STATE_CONNECTED:
                self.door.entered()
            elif prm.state == pj.PJSIP_TP_STATE_DESTROY:
                self.door.left(time.monotonic())
        except Exception:  # a SIP callback guard
            log.exception("transport state", extra={"action": "sip_callback_failed"})


class LogWriter(pj.LogWriter):  # type: ignore[misc]
    """Only errors, and of those no SIP text: numbers and names never reach a log."""

    def write(self, entry: Any) -> None:
        sip_errors.append(str(entry.msg).split("\n", 1)[0].strip())


sip_errors: collections.deque[str] = collections.deque(maxlen=200)


def library_settings(writer: LogWriter) -> Any:
    """How the library is set up; the writer must outlive it."""
    config = pj.EpConfig()
    config.uaConfig.maxCalls = 1024  # the build's own limit decides; it is read back as `capacity`
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.userAgent = "ivr"
    config.medConfig.clockRate = 8000
    config.medConfig.sndClockRate = 8000
    config.medConfig.sndAutoCloseTime = -1
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    config.medConfig.maxMediaPorts = 254
    config.logConfig.level = _LOG_LEVEL
    config.logConfig.consoleLevel = _LOG_LEVEL
    config.logConfig.msgLogging = 0
    config.logConfig.writer = writer
    return config
