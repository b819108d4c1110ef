"""What the operator writes when a conversation is over, and what the regulation demands of it (clauses 20–22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.domain.attempt import Attempt
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.callback import STATUS_OF, Callback, CallbackState, Origin
from ivr.domain.case import Case
from ivr.domain.deadlines import Window, closing, feedback_due
from ivr.domain.directory import Directory
from ivr.domain.message import Message
from ivr.domain.municipality import Municipalities
from ivr.domain.people import Person
from ivr.domain.regulation import Regulation
from ivr.domain.vocabulary import AttemptOutcome, Demand, Kind, Status, Vocabulary
from ivr.errors import RuleBroken


@dataclass(frozen=True, slots=True)
class Card:
    """The operator's columns of appendix 2. Keys are those of the vocabulary.

    Attributes:
        result: («Результат рассмотрения сообщения»).
        outcome: («Итог консультации») None only where nobody was spoken to.
        topic: («Тематика») None: as the assistant understood it.
        repeated, earlier: («Первично/повторно») the operator's decision, and the row it repeats.
        planned_at, reason, comment, executor: as the result and the outcome demand (interpretations 17, 18).
        broken_off, broken_off_second: the conversation was cut short (clause 22), and where on its recording; None: at
            its end.
    """

    result: str
    outcome: str | None = None
    topic: str | None = None
    comment: str = ""
    reason: str = ""
    planned_at: datetime | None = None
    executor: str | None = None
    repeated: bool | None = None
    earlier: str | None = None
    broken_off: str | None = None
    broken_off_second: float | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All that a card is judged by.

    Attributes:
        calendar, directory: those of the house's own municipality. calendars, directories: of all, by key.
    """

    rules: Regulation
    calendar: WorkingCalendar
    vocabulary: Vocabulary
    directory: Directory = field(default_factory=Directory)
    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)
    directories: Mapping[str, Directory] = field(default_factory=dict)

    def of(self, municipality: str) -> Rulebook:
        """By the hours and executors of this municipality."""
        return replace(
            self, calendar=self.calendars.get(municipality, self.calendar),
            directory=self.directories.get(municipality, self.directory),
        )  # fmt: skip

    def calendar_of(self, callback: Callback) -> WorkingCalendar:
        """The calendar of the municipality that owes this call."""
        return self.calendars.get(callback.municipality, self.calendar)

    def with_hours(self, served: Municipalities) -> Rulebook:
        """The same by the hours of these municipalities."""
        return replace(self, calendar=served.first.calendar, calendars={one.key: one.calendar for one in served.served})


def settle(
    callback: Callback, card: Card, attempts: Sequence[Attempt], by: Person, at: datetime, book: Rulebook
) -> Callback:
    """The callback after its card is filled in: closed, planned, passed on, or closed without contact.

    Raises:
        RuleBroken: something demanded is missing, or the step is not allowed; the sentence says what to do.
    """
    demand = book.vocabulary.term(Kind.RESULTS, card.result).demands
    nobody = not callback.number and callback.origin is Origin.PROMISE
    _check_words(card, book.vocabulary, spoken=demand is not Demand.ATTEMPT_TIME and not nobody)
    if card.broken_off and callback.state is not CallbackState.REACHED:
        raise RuleBroken("22", "nobody was spoken to: there was nothing to cut short", "not_reached")
    if demand is Demand.ATTEMPT_TIME:
        if not failed(attempts):
            raise RuleBroken("app.2", "no attempt is in the journal: make one first", "not_reached")
        return callback.give_up(by, at, card.result)
    if demand is Demand.PLANNED_TIME:
        return callback.plan(_planned(card, callback, at, book), by, at, card.result)
    if demand is Demand.REASON and not card.reason.strip():
        raise RuleBroken("app.2", "this result needs its reason", "needs_reason")
    if demand is Demand.COMMENT and not card.comment.strip():
        raise RuleBroken("app.2", "this result needs a comment", "needs_comment")
    if nobody and demand is not Demand.COMMENT:
        raise RuleBroken("13", "without a number only a result with a comment fits", "no_number")
    if card.outcome and book.vocabulary.term(Kind.OUTCOMES, card.outcome).demands is Demand.EXECUTOR:
        if not (card.executor or "").strip():
            raise RuleBroken("20.5", "a question passed on needs the executor's name", "needs_executor")
        return callback.pass_on(
            feedback_due(book.calendar_of(callback), callback.created_at, book.rules), by, at, card.result
        )
    return callback.close(by, at, card.result)


def _check_words(card: Card, vocabulary: Vocabulary, *, spoken: bool) -> None:
    if spoken and not card.outcome:
        raise RuleBroken("app.2", "the outcome of the consultation is missing", "needs_outcome")
    for kind, key in ((Kind.OUTCOMES, card.outcome), (Kind.TOPICS, card.topic), (Kind.BREAKS, card.broken_off)):
        if key:
            vocabulary.term(kind, key)


def _planned(card: Card, callback: Callback, at: datetime, book: Rulebook) -> Window:
    """When the citizen is called again: in working hours, and not later than clause 21 allows."""
    if card.planned_at is None:
        raise RuleBroken("app.2", "this result needs the date and time of the planned call", "needs_planned_time")
    if card.planned_at <= at:
        raise RuleBroken("app.2", "the planned call lies in the past", "planned_in_past")
    calendar = book.calendar_of(callback)
    if not calendar.is_open(card.planned_at):
        raise RuleBroken("8", "nobody works at the time of the planned call: choose working hours", "planned_closed")
    tomorrow = calendar.next_working_day(at.astimezone(calendar.zone).date())
    last = max(feedback_due(calendar, callback.created_at, book.rules), closing(calendar, tomorrow))
    if card.planned_at > last:
        raise RuleBroken("21", f"the answer is due by {last}: plan an earlier call", "planned_too_late", last=last)
    late_after = timedelta(minutes=book.rules.repeat_within_minutes - book.rules.repeat_after_minutes)
    return Window(card.planned_at, card.planned_at + late_after)


def marked(card: Card, case: Case) -> Card:
    """The card with the moment at which the conversation was cut short marked on its recording (clause 22).

    Raises:
        RuleBroken: the moment lies beyond the recording.
    """
    if not card.broken_off:
        return replace(card, broken_off_second=None)
    length = case.recorded_seconds
    if card.broken_off_second is None:
        return replace(card, broken_off_second=round(length, 1) if length else None)
    if card.broken_off_second < 0 or (length and card.broken_off_second > length):
        raise RuleBroken("22", f"the recording is {length:.0f} s long", "break_beyond", seconds=round(length))
    return card


def failed(attempts: Sequence[Attempt]) -> list[datetime]:
    """When the citizen was tried in vain, in order: what «недозвон…» must name (interpretation 18)."""
    other = (AttemptOutcome.ANSWERED, AttemptOutcome.ABANDONED, AttemptOutcome.RETRACTED, None)
    return [attempt.started_at for attempt in attempts if attempt.outcome not in other]


def written(message: Message, card: Card, callback: Callback, attempts: Sequence[Attempt], by: str) -> Message:
    """The row of appendix 2 with the card's columns; of several rows of one promise, the first decides whether it
    repeats an earlier one, and the others repeat the first (interpretations 5, 16)."""
    first = message.id == callback.id
    return replace(
        message,
        corrected=(*message.corrected, *(("topic",) if card.topic and "topic" not in message.corrected else ())),
        result=card.result, outcome=card.outcome, topic=card.topic or message.topic, comment=card.comment.strip(),
        reason=card.reason.strip(), planned_at=card.planned_at, executor=card.executor, operator=by,
        attempted_at=tuple(failed(attempts)), broken_off=card.broken_off, broken_off_second=card.broken_off_second,
        repeated=card.repeated if first else True, earlier=card.earlier if first else callback.id,
        feedback_due_at=callback.closes_at if callback.state is CallbackState.PASSED_ON else message.feedback_due_at,
        status=status_of(callback, card.outcome),
    )  # fmt: skip


def status_of(callback: Callback, outcome: str | None = None) -> Status:
    """Column «Статус»: a promise closed after a conversation reads "answered"."""
    if callback.state is CallbackState.CLOSED and outcome:
        return Status.ANSWERED
    return STATUS_OF[callback.state]


@dataclass(frozen=True, slots=True)
class RepeatProposal:
    """Whether a message looks like a repeat, why, and of which row; the operator decides (interpretation 16)."""

    repeated: bool
    why: str = ""
    earlier: str | None = None


def propose_repeat(message: Message, others: Sequence[Message], days: int = 30) -> RepeatProposal:
    """ "Repeat" when the same phone, or the same name and address, has a message on the same topic within 30 days, or
    an open one."""
    before = [other for other in others if other.id != message.id and other.received_at <= message.received_at]
    for other in sorted(before, key=lambda other: other.received_at, reverse=True):
        same = _same_citizen(message, other)
        if not same:
            continue
        if other.status not in (Status.CLOSED, Status.ANSWERED, Status.NO_CONTACT):
            return RepeatProposal(True, f"{same}:open", other.id)
        recent = message.received_at - other.received_at <= timedelta(days=days)
        if recent and other.topic == message.topic and message.topic:
            return RepeatProposal(True, f"{same}:topic", other.id)
    return RepeatProposal(False)


def _same_citizen(one: Message, other: Message) -> str:
    if one.number_to_call and one.number_to_call == other.number_to_call:
        return "phone"
    named = one.name and one.name.surname and one.name == other.name
    return "name_and_address" if named and one.address and one.address == other.address else ""
