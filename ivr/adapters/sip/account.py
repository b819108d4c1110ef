"""The engine's account at a PBX: takes incoming calls, and keeps itself registered where that is asked for.

The library would try a failed registration again at a fixed pace; here the pause doubles, so that a PBX that comes
back after an outage is not stormed by all its lines (RFC 3261 §10.2.7, RFC 5626 §4.5).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip.settings import SipSettings

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class SipAccount(pj.Account):  # type: ignore[misc]
    """Lives on the engine's thread.

    Args:
        settings: the engine's.
        port: where SIP is really listened for.
        incoming: told of each INVITE.
    """

    def __init__(self, settings: SipSettings, port: int, incoming: Callable[[Any], None]) -> None:
        super().__init__()
        self._incoming = incoming
        self._pause = _FIRST_PAUSE
        self._again_at: float | None = None
        self.registered: bool | None = False if settings.registration else None
        config = _account_settings(settings, port)
        self.own_uri = str(config.idUri)
        self.create(config)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        try:
            self._incoming(prm)
        except Exception:  # a SIP callback guard: the library must never see an exception
            log.exception("incoming call failed", extra={"action": "sip_callback_failed"})

    def onRegState(self, prm: Any) -> None:  # noqa: N802
        try:
            self._registered(int(prm.code), int(prm.expiration))
        except Exception:  # a SIP callback guard
            log.exception("registration", extra={"action": "sip_callback_failed"})

    def _registered(self, status: int, expires: int) -> None:
        facts = {"action": "registration", "status": status, "expires": expires}
        self.registered = status // 100 == 2 and expires > 0
        if status // 100 == 2:
            self._pause = _FIRST_PAUSE
            log.info("registered at the PBX", extra=facts)
            return
        log.error("the PBX refuses registration (%s); again in %.0f s", status, self._pause, extra=facts)
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def turn(self, now: float) -> None:
        """Try a failed registration again when its pause is over."""
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
            self.setRegistration(True)


def _account_settings(settings: SipSettings, port: int) -> Any:
    config = pj.AccountConfig()
    config.idUri = f"sip:ivr@{settings.address}:{port}"
    config.mediaConfig.transportConfig.port = settings.rtp_port
    config.mediaConfig.transportConfig.boundAddress = settings.address
    registration = settings.registration
    if registration:
        config.idUri = f"sip:{registration.user}@{registration.registrar.split(':', 1)[1]}"
        config.regConfig.registrarUri = registration.registrar
        config.regConfig.timeoutSec = registration.expires_seconds
        config.regConfig.retryIntervalSec = 0  # we do it ourselves
        credentials = pj.AuthCredInfo("digest", registration.realm, registration.user, 0, registration.password)
        config.sipConfig.authCreds.append(credentials)
    return config
