"""The live board: calls in progress as the news tell them, the day's figures beside their norms, lamps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.domain.call import Call
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay

_LINES_SHOWN = 4
_LONGEST = timedelta(hours=2)


class Step(StrEnum):
    """What is going on in a call."""

    STARTED = "started"
    SPEAKING = "speaking"  # the assistant
    LISTENING = "listening"  # the citizen speaks
    RINGING = "ringing"  # operators are rung
    TALKING = "talking"  # with an operator
    TRANSFERRING = "transferring"


_STEPS = {
    "prompt": Step.SPEAKING, "listening": Step.LISTENING, "operators_rung": Step.RINGING,
    "operator_answered": Step.TALKING, "transferring": Step.TRANSFERRING, "transferred": Step.TALKING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody has said."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call in progress.

    Attributes:
        said: the last turns; partial: what is being said just now.
        operator: who talks with the citizen, "" nobody.
    """

    id: str
    municipality: str
    mode: str
    since: datetime
    step: Step = Step.STARTED
    operator: str = ""
    said: tuple[Line, ...] = ()
    partial: Line | None = None

    @classmethod
    def of(cls, call: Call) -> CallNow:
        """A call that the journal has open."""
        return cls(call.id, call.municipality, call.mode, call.started_at, operator=call.operator)

    def after(self, news: Mapping[str, object]) -> CallNow:
        """What it is after a piece of news about it."""
        action, text = str(news.get("action")), str(news.get("text", ""))
        speaker = str(news.get("speaker", "caller"))
        if action == "partial":
            return replace(self, partial=Line(speaker, text) if text else None)
        now = self
        if action in ("said", "heard", "prompt") and text:
            line = Line("assistant" if action == "prompt" else speaker, text)
            now = replace(now, said=(*now.said, line)[-_LINES_SHOWN:], partial=None)
        if action in ("operator_answered", "transferred"):
            now = replace(now, operator=str(news.get("operator", "")))
        return replace(now, step=_STEPS.get(action, now.step))


@dataclass(slots=True)
class CallsNow:
    """All calls in progress, as far as they were told."""

    _calls: dict[str, CallNow] = field(default_factory=dict)

    def follow(self, news: Mapping[str, object], now: datetime) -> bool:
        """Take a piece of news; whether anything has changed."""
        key, action = str(news.get("call", "")), news.get("action")
        if not key:
            return action == "presence"
        if action == "call_started":
            self._calls[key] = CallNow(key, str(news.get("municipality", "")), str(news.get("mode", "")), now)
        elif action == "call_ended":
            self._calls.pop(key, None)
        elif known := self._calls.get(key):
            self._calls[key] = known.after(news)
            return self._calls[key] != known
        else:
            return False
        return True

    def settle(self, newest: Sequence[Call], municipality: str, now: datetime) -> Sequence[CallNow]:
        """A town's calls in progress, the oldest first, once the journal's newest rows have been looked at: what was
        told is not always heard."""
        for call in newest:
            if call.ended_at is not None:
                self._calls.pop(call.id, None)
            elif now - call.started_at < _LONGEST:
                self._calls.setdefault(call.id, CallNow.of(call))
        self._calls = {key: call for key, call in self._calls.items() if now - call.since < _LONGEST}
        here = (call for call in self._calls.values() if call.municipality == municipality)
        return sorted(here, key=lambda call: call.since)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the day beside its norm.

    Attributes:
        now, usual: today and over the seven days before; None: nothing to count.
        norm: must be below it, or above it where `above`. strict: the norm itself breaks it.
        part, whole: what a share is made of.
    """

    key: str
    now: float | None
    usual: float | None
    norm: float
    above: bool = False
    strict: bool = True
    part: int = 0
    whole: int = 0

    @property
    def is_met(self) -> bool | None:
        """None: nothing to count yet."""
        if self.now is None:
            return None
        if self.now == self.norm:
            return not self.strict
        return (self.now > self.norm) is self.above

    @property
    def trend(self) -> str:
        """ "better", "worse" than usual, "same", "" unknown."""
        if self.now is None or self.usual is None:
            return ""
        if abs(self.now - self.usual) < 0.005 * max(1.0, abs(self.usual)):
            return "same"
        return "better" if (self.now > self.usual) is self.above else "worse"


def figures(today: LoadDay, week: LoadDay, rules: Regulation) -> Sequence[Figure]:
    """The five numbers of a day (appendix 1, clause 11)."""
    received, outgoing = today.received or 0, today.outgoing or 0
    return [
        Figure("lost", today.lost_share, week.lost_share, rules.lost_share_below, part=today.lost or 0, whole=received),
        Figure("available", today.availability, week.availability, rules.availability_above, True,
               part=today.accepted or 0, whole=received),
        Figure("productive", today.productivity, week.productivity, rules.productivity_above, True,
               part=today.reached or 0, whole=outgoing),
        Figure("answer", _mean(today.rings), _mean(week.rings), rules.answer_seconds, strict=False,
               whole=len(today.rings)),
        Figure("handling", _mean(today.talks), _mean(week.talks), rules.handling_minutes * 60, strict=False,
               whole=len(today.talks)),
    ]  # fmt: skip


def _mean(seconds: Sequence[float]) -> float | None:
    return sum(seconds) / len(seconds) if seconds else None


class Glow(StrEnum):
    """What a lamp shows."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    DARK = "dark"  # not set up, or nobody looks


@dataclass(frozen=True, slots=True)
class Lamp:
    """The health of one thing.

    Attributes:
        key: "trunk", "engine", "recogniser", "disk", "mail", "calendar".
        number: what was measured, as far as there is a number: a share, days, how many of them answer.
        of: of how many.
    """

    key: str
    glow: Glow
    since: datetime | None = None
    number: float = 0.0
    of: int = 0
