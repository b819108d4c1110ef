"""Letters about notices: each tells one addressee all that waits for him, and goes once (clause 13, fault F6)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from ivr.domain.letter import LetterState, pause_after
from ivr.domain.notices import Bundle
from ivr.errors import PostError, PostUncertain
from ivr.ports import Clock, NoticeLetters

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=15)  # longer than any conversation with a mail server


class NoticeSender(Protocol):
    """Handing a letter to a mail server."""

    def send(self, bundle: Bundle, last_word: Callable[[], None]) -> str:
        """Send it; the server's reply.

        Args:
            last_word: called when everything is sent but the mark that makes the server take the letter.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """


class _NotMine(Exception):
    """Somebody else has the letter by now."""


@dataclass(slots=True)
class NoticePost:
    """Sends what waits."""

    letters: NoticeLetters
    sender: NoticeSender
    clock: Clock

    async def sweep(self) -> int:
        """Send all letters whose time has come; how many were delivered. One refusal ends the turn."""
        sent = 0
        while bundle := await self.letters.claim(self.clock.now(), self.clock.now() + _CLAIM):
            state, reply = await self._send(bundle)
            if state is None:
                continue
            now = self.clock.now()
            again = now + pause_after(bundle.tries) if state is LetterState.WAITING else now
            await self.letters.settle(bundle, state, reply, again)
            if state is LetterState.WAITING:
                break
            sent += state is LetterState.DELIVERED
        return sent

    async def _send(self, bundle: Bundle) -> tuple[LetterState | None, str]:
        loop = asyncio.get_running_loop()

        def last_word() -> None:
            if not asyncio.run_coroutine_threadsafe(self.letters.hand_over(bundle), loop).result():
                raise _NotMine

        try:
            return LetterState.DELIVERED, await asyncio.to_thread(self.sender.send, bundle, last_word)
        except _NotMine:
            return None, ""
        except PostUncertain as fault:
            log.error("a letter is in doubt", extra={"action": "notice_letter_in_doubt"})
            return LetterState.IN_DOUBT, str(fault)
        except PostError as fault:
            log.warning("a letter was not taken", extra={"action": "notice_letter_refused"})
            return LetterState.WAITING, str(fault)
