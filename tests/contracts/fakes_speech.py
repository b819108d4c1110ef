"""A recogniser that understands what the test says it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ivr.domain.turn import HeardWord
from ivr.errors import SpeechError
from ivr.ports import RATE_HZ, Heard

AWAY = None


class FakeRecognizer:
    """The port `Recognizer`: each utterance gets the next text of the script; `AWAY`: the recogniser is away.

    Sound without a single loud sample is silence and gets "" (the script does not move on). After the script: "".
    """

    def __init__(self, texts: Iterable[str | None] = ()) -> None:
        self.texts = list(texts)
        self.phrases: list[tuple[str, ...]] = []

    def stream(self, phrases: Sequence[str] = ()) -> FakeStream:
        """Begin an utterance."""
        self.phrases.append(tuple(phrases))
        return FakeStream(self)

    async def transcribe(self, pcm: bytes) -> Heard:
        """The next text of the script."""
        stream = FakeStream(self)
        stream.feed(pcm)
        return await stream.finish()

    def next_text(self) -> str | None:
        """The next text of the script."""
        return self.texts.pop(0) if self.texts else ""


class FakeStream:
    """The port `SpeechStream`: words appear one by one as sound comes in, spread over what was fed."""

    def __init__(self, recogniser: FakeRecognizer) -> None:
        self._recogniser = recogniser
        self._bytes = 0
        self._text: str | None = ""
        self._asked = False
        self._cancelled = False

    def feed(self, pcm: bytes) -> None:
        """Count the sound."""
        self._bytes += len(pcm)
        if not self._asked and any(pcm):
            self._asked = True
            self._text = self._recogniser.next_text()

    @property
    def partial(self) -> str:
        """One word per 0.4 s of sound."""
        return " ".join((self._text or "").split()[: self._bytes * 10 // (RATE_HZ * 8)])

    async def finish(self) -> Heard:
        """The text, its words spread evenly."""
        if self._text is None or self._cancelled:
            raise SpeechError("the recogniser is away")
        words = self._text.split()
        each = self._bytes / (2 * RATE_HZ) / max(1, len(words))
        return Heard(self._text, tuple(HeardWord(w, i * each, (i + 1) * each, 1.0) for i, w in enumerate(words)))

    def cancel(self) -> None:
        """Give the utterance up."""
        self._cancelled = True
