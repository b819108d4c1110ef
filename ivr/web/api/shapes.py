"""The JSON of the interface. Moments are ISO 8601 with zone, UTC; keys are those of the lists of appendix 2."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ivr.domain.attempt import Attempt, Means
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.case import Case
from ivr.domain.contact import Address, PersonName
from ivr.domain.correction import Correction
from ivr.domain.message import Message
from ivr.domain.turn import Speaker, Turn
from ivr.domain.vocabulary import AttemptOutcome, Break
from ivr.domain.worklist import Light, light
from ivr.ports.console import Conversation


class Shape(BaseModel):
    """Anything the interface takes or gives."""

    model_config = ConfigDict(extra="forbid")


class Name(Shape):
    """A person's name; what is not known is null."""

    surname: str | None = Field(None, max_length=100)
    name: str | None = Field(None, max_length=100)
    patronymic: str | None = Field(None, max_length=100)


class Place(Shape):
    """An address; what is not known is null."""

    locality: str | None = Field(None, max_length=120)
    street: str | None = Field(None, max_length=120)
    house: str | None = Field(None, max_length=120)
    flat: str | None = Field(None, max_length=120)


class MessageShape(Shape):
    """A row of appendix 2."""

    id: str
    received_at: datetime
    topic: str | None
    name: Name | None
    phone: str | None
    caller_number: str
    address: Place | None
    gist: str
    text: str
    repeated: bool | None
    earlier: str | None
    outcome: str | None
    operator: str | None
    executor: str | None
    result: str | None
    comment: str
    reason: str
    planned_at: datetime | None
    attempted_at: list[datetime]
    status: str
    flags: list[str]
    corrected: list[str]
    edition: str

    @classmethod
    def of(cls, message: Message) -> Self:
        """The message as JSON."""
        same = ("id", "received_at", "topic", "caller_number", "gist", "text", "repeated", "earlier", "outcome",
                "operator", "executor", "result", "comment", "reason", "planned_at", "status", "edition")  # fmt: skip
        return cls(
            **{name: getattr(message, name) for name in same},
            name=_name(message.name), address=_place(message.address),
            phone=message.phone.e164 if message.phone else None, attempted_at=list(message.attempted_at),
            flags=list(message.flags), corrected=list(message.corrected),
        )  # fmt: skip


class AttemptShape(Shape):
    """One try to reach the citizen."""

    id: str
    number: str
    started_at: datetime
    ended_at: datetime | None
    due_by: datetime
    operator: str
    means: Means
    outcome: AttemptOutcome | None
    late: bool

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """The attempt as JSON."""
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class CallbackShape(Shape):
    """One promise."""

    id: str
    number: str
    created_at: datetime
    due_at: datetime
    act_by: datetime
    state: CallbackState
    light: Light
    calls: int
    urgent: bool
    holder: str
    failures: int
    opens_at: datetime | None
    closes_at: datetime | None
    version: int

    @classmethod
    def of(cls, callback: Callback, now: datetime) -> Self:
        """The promise as JSON."""
        same = {name: getattr(callback, name) for name in cls.model_fields if name != "light"}
        return cls(**same, light=light(callback, now))


class CallbackRow(Shape):
    """A row of the list."""

    callback: CallbackShape
    message: MessageShape


class CallbackPage(Shape):
    """A page of the list; `next` is null on the last one."""

    rows: list[CallbackRow]
    next: str | None


class CaseShape(Shape):
    """A promise with all that belongs to it."""

    callback: CallbackShape
    messages: list[MessageShape]
    attempts: list[AttemptShape]

    @classmethod
    def of(cls, case: Case, now: datetime) -> Self:
        """The case as JSON."""
        return cls(
            callback=CallbackShape.of(case.callback, now), messages=[MessageShape.of(one) for one in case.messages],
            attempts=[AttemptShape.of(one) for one in case.attempts],
        )  # fmt: skip


class MessagePage(Shape):
    """Messages, the newest first."""

    messages: list[MessageShape]
    next: str | None


class TurnShape(Shape):
    """One turn of a conversation."""

    number: int
    speaker: Speaker
    offset: float
    seconds: float
    text: str
    prompt: str | None
    keys: str
    recognised: bool

    @classmethod
    def of(cls, turn: Turn) -> Self:
        """The turn as JSON."""
        return cls(**{name: getattr(turn, name) for name in cls.model_fields})


class CallShape(Shape):
    """A call; `recording` is the name to ask for under `/recordings`."""

    id: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end: CallEnd | None
    mode: Mode
    caller_number: str
    operator: str
    recording: str | None
    recording_seconds: float

    @classmethod
    def of(cls, call: Call) -> Self:
        """The call as JSON."""
        return cls(**{name: getattr(call, name) for name in cls.model_fields})


class CallPage(Shape):
    """Calls, the newest first."""

    calls: list[CallShape]
    next: str | None


class ConversationShape(Shape):
    """A call with its turns."""

    call: CallShape
    turns: list[TurnShape]

    @classmethod
    def of(cls, conversation: Conversation) -> Self:
        """The conversation as JSON."""
        return cls(call=CallShape.of(conversation.call), turns=[TurnShape.of(turn) for turn in conversation.turns])


class NewAttempt(Shape):
    """An attempt made by another telephone."""

    outcome: AttemptOutcome
    started_at: AwareDatetime | None = None


class CardShape(Shape):
    """The operator's columns of appendix 2."""

    result: str = Field(max_length=64)
    outcome: str | None = Field(None, max_length=64)
    topic: str | None = Field(None, max_length=64)
    comment: str = Field("", max_length=4000)
    reason: str = Field("", max_length=4000)
    planned_at: AwareDatetime | None = None
    executor: str | None = Field(None, max_length=200)
    repeated: bool | None = None
    earlier: str | None = Field(None, max_length=32)
    broken_off: Break | None = None


class Answer(Shape):
    """What an executor answered."""

    text: str = Field(min_length=1, max_length=4000)


class Receiver(Shape):
    """Who gets a promise."""

    name: str = Field(min_length=1, max_length=100)


class NewValue(Shape):
    """A field put right: exactly one."""

    name: Name | None = None
    phone: str | None = Field(None, max_length=40)
    topic: str | None = Field(None, max_length=64)
    address: Place | None = None
    gist: str | None = Field(None, max_length=2000)


class CorrectionShape(Shape):
    """A field that was put right."""

    id: str
    message: str
    field: str
    by: str
    at: datetime

    @classmethod
    def of(cls, correction: Correction) -> Self:
        """The correction as JSON."""
        return cls(**{name: getattr(correction, name) for name in cls.model_fields})


def _name(name: PersonName | None) -> Name | None:
    return Name(surname=name.surname, name=name.name, patronymic=name.patronymic) if name else None


def _place(address: Address | None) -> Place | None:
    if address is None:
        return None
    return Place(locality=address.locality, street=address.street, house=address.house, flat=address.flat)
