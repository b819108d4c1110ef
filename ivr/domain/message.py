"""A citizen's message: the journal's row of appendix 2 and what else is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.domain.contact import Address, PersonName, PhoneNumber

FILLED_BY_PEOPLE = (
    "repeated", "earlier", "outcome", "operator", "executor", "result", "comment", "planned_at", "reason",
    "attempted_at", "broken_off", "broken_off_second", "feedback_due_at", "status", "corrected",
)  # fmt: skip
"""Columns that no later text of the recogniser touches."""


@dataclass(frozen=True, slots=True)
class Found:
    """A fact with its ground: how sure we are, which words of the text said it.

    Attributes:
        confidence: 0..1.
        turn: number of the turn it was said in, None: not said (caller ID).
        start_word, end_word: words [start, end) of that turn's text.
        why: the deciding words.
    """

    confidence: float = 0.0
    turn: int | None = None
    start_word: int = 0
    end_word: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the message journal (appendix 2, columns in brackets).

    Attributes:
        id: opaque; equal to the id of the call it came with.
        received_at: start of the call, UTC («Дата и время звонка»).
        topic: key of the vocabulary («Тематика»), None: not understood.
        topics: keys of the alternatives, best first, with scores.
        name: («ФИО абонента») as recognised, in the nominative.
        phone: («Контактный телефон») dictated by the caller.
        caller_number: caller ID as it came, "" when anonymous.
        address: («Адрес проблемы»).
        gist: («Краткая суть»).
        repeated: («Первично/повторно») None until the operator decides.
        outcome, operator, executor, result, comment, status: the remaining columns, filled by people;
            `operator` is None until somebody takes it («автоответчик»).
        planned_at, reason, attempted_at: what a result demands besides (interpretation 18).
        earlier: id of the citizen's earlier row, when this one repeats it (interpretation 16).
        broken_off, broken_off_second: why the conversation was cut short (clause 22), and where on its recording.
        feedback_due_at: by when a question passed on is answered (clause 21).
        text: all that the caller said, turns joined by a space.
        recognised: False: some turn is still to be transcribed.
        flags: abuse, threat, advert, emergency; hints only (interpretation 20).
        confirmed: the caller said yes to the number read back.
        found: ground of each fact by field name (phone, name, topic, address).
        edition: edition of the vocabularies it was written under (interpretation 21).
        corrected: names of the recognised fields that a person has put right; they stay as they are.
    """

    id: str
    municipality: str
    received_at: datetime
    topic: str | None = None
    topics: tuple[tuple[str, float], ...] = ()
    name: PersonName | None = None
    phone: PhoneNumber | None = None
    caller_number: str = ""
    address: Address | None = None
    gist: str = ""
    repeated: bool | None = None
    outcome: str | None = None
    operator: str | None = None
    executor: str | None = None
    result: str | None = None
    comment: str = ""
    planned_at: datetime | None = None
    reason: str = ""
    attempted_at: tuple[datetime, ...] = ()
    earlier: str | None = None
    broken_off: str | None = None
    broken_off_second: float | None = None
    feedback_due_at: datetime | None = None
    status: str = "new"
    text: str = ""
    recognised: bool = True
    flags: tuple[str, ...] = ()
    confirmed: bool = False
    incomplete_phone: str = ""
    found: tuple[tuple[str, Found], ...] = ()
    edition: str = ""
    corrected: tuple[str, ...] = ()

    @property
    def number_to_call(self) -> str:
        """The dictated number when valid, else the caller ID (interpretation 6); "" when neither is known."""
        return self.phone.e164 if self.phone else self.caller_number
