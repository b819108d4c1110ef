"""The line as a script sees it, built upon a leg: prompts out; sound in, to the recording and the recogniser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ivr.domain.turn import EndedBy, Reply, Speaker, Turn
from ivr.errors import CallerHungUp, SpeechError
from ivr.hearing.endpointer import Endpointer
from ivr.hearing.frames import level_db
from ivr.ports import (
    FRAME_SECONDS,
    Announce,
    Frame,
    Heard,
    HungUp,
    Key,
    Leg,
    LegEvent,
    PlaybackEnded,
    Prompt,
    Recognizer,
    Recording,
    SpeechStream,
)

TurnKept = Callable[[Turn], None]


@dataclass(slots=True)
class Ear:
    """One turn of listening: the sound goes to the recogniser, twice where phrases are offered."""

    free: SpeechStream
    narrow: SpeechStream | None
    endpointer: Endpointer
    keys_wanted: int
    keys: str = ""
    text: str = ""

    def hear(self, pcm: bytes) -> EndedBy | None:
        self.free.feed(pcm)
        if self.narrow:
            self.narrow.feed(pcm)
        grew = len(self.free.partial) > len(self.text)
        self.text = self.free.partial
        return self.endpointer.hear(level_db(pcm), text_grew=grew)

    def press(self, digit: str) -> EndedBy | None:
        if digit == "#":
            return EndedBy.KEY
        self.keys += digit
        return EndedBy.KEY if self.keys_wanted and len(self.keys) >= self.keys_wanted else None

    async def finish(self) -> tuple[Heard, str, bool]:
        """All that was heard, the offered phrase that fits, and whether the recogniser was there."""
        try:
            heard = await self.free.finish()
            choice = (await self.narrow.finish()).text if self.narrow else ""
        except SpeechError:
            self.cancel()
            return Heard(""), "", False
        return heard, choice, True

    def cancel(self) -> None:
        self.free.cancel()
        if self.narrow:
            self.narrow.cancel()


@dataclass(slots=True)
class TalkingLine:
    """Fulfils `ports.Line` over a leg.

    Attributes:
        turns: the conversation so far, as the journal keeps it.
        hung_up: how the leg ended, None while it lasts.
    """

    leg: Leg
    recognizer: Recognizer
    recording: Recording
    announce: Announce
    kept: TurnKept = lambda _turn: None
    turns: list[Turn] = field(default_factory=list)
    hung_up: HungUp | None = None
    _recording_on: bool = False
    _early_keys: str = ""
    _last_prompt: str = ""

    def record(self) -> None:
        """From here on the caller's sound is kept (clause 7: after the notice)."""
        self._recording_on = True

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Speak prompts one after another, to the end, or until the caller presses a key."""
        for prompt in prompts:
            if until_key and self._early_keys:
                return
            self._require_caller()
            await self._play_one(prompt, until_key)

    async def _play_one(self, prompt: Prompt, until_key: bool) -> None:
        self.announce("prompt", {"name": prompt.name, "text": prompt.text})
        self._last_prompt = prompt.name
        offset, frames = self.recording.seconds, 0
        number = self.leg.play(prompt.pcm)
        try:
            while True:
                event = await self.event()
                frames += isinstance(event, Frame)
                if isinstance(event, Key) and event.digit != "#":  # the end of a number that was already complete
                    self._early_keys += event.digit
                    if until_key:
                        self.leg.stop_playing()
                elif event == PlaybackEnded(number):
                    return
                elif isinstance(event, HungUp):
                    raise CallerHungUp("the caller hung up during a prompt")
        finally:
            heard = min(frames * FRAME_SECONDS, prompt.seconds)
            self.keep(Turn(len(self.turns) + 1, Speaker.ASSISTANT, offset, heard, prompt.text, prompt=prompt.name))

    async def listen(
        self,
        *,
        max_seconds: float,
        silence_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
        keys: int = 0,
    ) -> Reply:
        """Hear the caller out; see `ports.Line.listen`."""
        self._require_caller()
        ear = Ear(
            self.recognizer.stream(),
            self.recognizer.stream(phrases) if phrases else None,
            Endpointer(max_seconds=max_seconds, silence_seconds=silence_seconds, patience_seconds=patience_seconds),
            keys,
        )
        offset = self.recording.seconds
        self.announce("listening", {"asked": self._last_prompt})
        try:
            ended_by = await self._until_ended(ear)
            self.announce("turn_over", {"ended_by": str(ended_by)})
            heard, choice, recognised = await ear.finish()
        except BaseException:
            ear.cancel()
            raise
        seconds = ear.endpointer.seconds
        reply = Reply(
            heard.text, heard.words, ear.keys, ended_by, offset, seconds, ear.endpointer.spoke, recognised, choice,
            heard.alternatives,
        )  # fmt: skip
        self._keep_reply(reply)
        return reply

    async def _until_ended(self, ear: Ear) -> EndedBy:
        ended = next((end for end in map(ear.press, self._take_early_keys()) if end), None)
        shown = ""
        while ended is None:
            event = await self.event()
            if isinstance(event, Frame):
                ended = ear.hear(event.pcm)
                if ear.text != shown:
                    shown = ear.text
                    self.announce("partial", {"text": shown})
            elif isinstance(event, Key):
                ended = ear.press(event.digit)
            elif isinstance(event, HungUp):
                ended = EndedBy.HANGUP
        return ended

    def _take_early_keys(self) -> str:
        keys, self._early_keys = self._early_keys, ""
        return keys

    def _keep_reply(self, reply: Reply) -> None:
        self.announce(
            "heard", {"text": reply.text, "keys": reply.keys, "seconds": reply.seconds, "ended_by": str(reply.ended_by)}
        )
        self.keep(
            Turn(
                len(self.turns) + 1, Speaker.CALLER, reply.offset, reply.seconds, reply.text,
                keys=reply.keys, words=reply.words, recognised=reply.recognised,
            )
        )  # fmt: skip

    def keep(self, turn: Turn) -> None:
        """A turn is over."""
        self.turns.append(turn)
        self.kept(turn)

    def _require_caller(self) -> None:
        if self.hung_up:
            raise CallerHungUp("the caller has left")

    async def event(self) -> LegEvent:
        """What happens next on the caller's leg; his sound goes to the recording."""
        event = await self.leg.next_event()
        if isinstance(event, Frame) and self._recording_on:
            self.recording.append(event.pcm)
        elif isinstance(event, HungUp):
            self.hung_up = event
        return event
