"""All that the application asks of the world, a room per neighbour.

Each port has its real fulfilment in `ivr.adapters` and a fake beside its contract tests in `tests/contracts`.
"""

from ivr.ports.clock import Announce, Clock
from ivr.ports.recordings import Recording, Recordings
from ivr.ports.speech import Heard, Recognizer, SpeechStream
from ivr.ports.storage import (
    Addressees,
    CallbackBook,
    ConfirmedTopics,
    Journal,
    Lease,
    NoticeBook,
    NoticeLetters,
    PresenceBook,
    TalkBook,
    Troubles,
)
from ivr.ports.telephone import (
    FRAME_BYTES,
    FRAME_SECONDS,
    RATE_HZ,
    CallBackLine,
    DeskLine,
    Dialler,
    Frame,
    HungUp,
    Key,
    Leg,
    LegEvent,
    Line,
    PlaybackEnded,
    Prompt,
    Transfer,
)

__all__ = [
    "FRAME_BYTES",
    "FRAME_SECONDS",
    "RATE_HZ",
    "Addressees",
    "Announce",
    "CallBackLine",
    "CallbackBook",
    "Clock",
    "ConfirmedTopics",
    "DeskLine",
    "Dialler",
    "Frame",
    "Heard",
    "HungUp",
    "Journal",
    "Key",
    "Lease",
    "Leg",
    "LegEvent",
    "Line",
    "NoticeBook",
    "NoticeLetters",
    "PlaybackEnded",
    "PresenceBook",
    "Prompt",
    "Recognizer",
    "Recording",
    "Recordings",
    "SpeechStream",
    "TalkBook",
    "Transfer",
    "Troubles",
]
