"""A conversation in writing: the caller's replies come from a list."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.turn import EndedBy, Reply
from ivr.errors import CallerHungUp
from ivr.ports import Prompt

HANGS_UP = Reply(ended_by=EndedBy.HANGUP)
SILENCE = Reply()
AWAY = Reply(spoke=True, recognised=False)


def says(text: str) -> Reply:
    """Words of the caller."""
    return Reply(text=text, spoke=True)


def presses(keys: str) -> Reply:
    """Keys of the caller."""
    return Reply(keys=keys, ended_by=EndedBy.KEY)


class WrittenLine:
    """The port `Line`. After the last reply the caller is silent.

    Attributes:
        log: names of the prompts played, "record", "listen", in order.
        asked: names of the prompts before which the caller was listened to.
    """

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self._hung_up = False
        self.log: list[str] = []

    @property
    def asked(self) -> list[str]:
        """What was played just before each listening."""
        return [before for before, now in zip(self.log, self.log[1:], strict=False) if now == "listen"]

    def record(self) -> None:
        """Recording is on from here."""
        self.log.append("record")

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Write the prompts down."""
        for prompt in prompts:
            self._require_caller()
            self.log.append(prompt.name)

    async def listen(
        self,
        *,
        max_seconds: float,
        silence_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
        keys: int = 0,
    ) -> Reply:
        """The next reply."""
        self._require_caller()
        self.log.append("listen")
        reply = self._replies.pop(0) if self._replies else SILENCE
        self._hung_up = reply.ended_by is EndedBy.HANGUP
        return reply

    def _require_caller(self) -> None:
        if self._hung_up:
            raise CallerHungUp("the caller has left")
