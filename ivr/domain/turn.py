"""One turn of a conversation: who spoke, what was heard, where it stands on the recording."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the recogniser wrote it.

    Attributes:
        text: the word, lower case.
        start, end: seconds from the beginning of the turn.
        confidence: 0..1.
    """

    text: str
    start: float
    end: float
    confidence: float


class EndedBy(StrEnum):
    """Why listening stopped."""

    SILENCE = "silence"
    TIME = "time"
    KEY = "key"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller answered in one turn.

    Attributes:
        text: recognised words, lower case, "" when nothing was understood.
        alternatives: other readings of the whole turn, the likeliest first; most recognisers give none.
        choice: which of the offered phrases was heard, "" when none was offered or none fits.
        words: the same with times and confidence.
        keys: DTMF digits pressed during the turn, in order.
        ended_by: why listening stopped.
        offset: second of the recording at which the turn begins.
        seconds: length of the turn.
        spoke: sound of speech level was heard, recognised or not.
        recognised: False when the recogniser was away; the text is then made later from the recording.
    """

    text: str = ""
    words: tuple[HeardWord, ...] = ()
    keys: str = ""
    ended_by: EndedBy = EndedBy.SILENCE
    offset: float = 0.0
    seconds: float = 0.0
    spoke: bool = False
    recognised: bool = True
    choice: str = ""
    alternatives: tuple[str, ...] = ()


class Speaker(StrEnum):
    """Who speaks in a turn."""

    ASSISTANT = "assistant"
    CALLER = "caller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation as the journal keeps it.

    Attributes:
        number: 1, 2, 3 … within the call.
        speaker: who spoke.
        prompt: name of the prompt played, for the assistant's turns.
        text: what was said (assistant) or understood (caller).
        offset, seconds: place on the recording of the caller.
        keys: DTMF digits pressed.
        words: the recogniser's words with times, for the console.
        recognised: False: to be transcribed by the sweep.
    """

    number: int
    speaker: Speaker
    offset: float
    seconds: float
    text: str = ""
    prompt: str | None = None
    keys: str = ""
    words: tuple[HeardWord, ...] = ()
    recognised: bool = True
