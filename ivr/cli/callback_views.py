"""How callbacks look at the command line: the list, and one row whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.domain.attempt import Attempt, Means
from ivr.domain.callback import Callback, Origin
from ivr.domain.card import RepeatProposal, Rulebook
from ivr.domain.case import Case
from ivr.domain.deadlines import internal_target
from ivr.domain.message import Message
from ivr.domain.referral import Referral
from ivr.domain.turn import Turn
from ivr.domain.vocabulary import Kind

_SOON = timedelta(minutes=60)
_SHORT_ID = 8
_HIDDEN = "…"


def show_list(rows: Sequence[tuple[Callback, Message]], book: Rulebook) -> None:
    """Whom to call, by when; numbers shortened, the whole number stands on the card."""
    console = Console()
    if not rows:
        console.print(words("callbacks.empty"))
        return
    table = Table(title=words("callbacks.title", count=len(rows)))
    for column in ("due", "called", "who", "number", "about", "state", "holder", "id"):
        table.add_column(words(f"callbacks.{column}"))
    now = datetime.now(UTC)
    for callback, message in rows:
        table.add_row(
            _lamp(callback, now, book) + _target(callback, now, book),
            f"{message.received_at.astimezone(book.calendar.zone):%d.%m %H:%M}",
            escape(message.name.full) if message.name else words("callbacks.no_name"), _short(callback),
            book.vocabulary.title(Kind.TOPICS, message.topic), words(f"callbacks.states.{callback.state}"),
            escape(callback.holder), callback.id[:_SHORT_ID], style="bold" if callback.urgent else None,
        )  # fmt: skip
    console.print(table)


def show_case(case: Case, proposal: RepeatProposal | None, talks: Mapping[str, Sequence[Turn]], book: Rulebook) -> None:
    """One row: what was said, who tried when, what became of it."""
    console, zone, callback = Console(), book.calendar.zone, case.callback
    console.rule(
        f"{callback.id[:_SHORT_ID]} · {words(f'callbacks.states.{callback.state}')} · {escape(callback.holder)}"
    )
    now = datetime.now(UTC)
    console.print(_lamp(callback, now, book) + _target(callback, now, book))
    for message in case.messages:
        title = book.vocabulary.title(Kind.TOPICS, message.topic)
        name = message.name.full if message.name else words("callbacks.no_name")
        console.print(f"{message.received_at.astimezone(zone):%d.%m.%Y %H:%M}  {escape(name)}  {title}")
        if message.phone:
            console.print("  " + words("callbacks.dictated", number=message.phone.e164))
        if message.caller_number:
            console.print("  " + words("callbacks.shown", number=escape(message.caller_number)))
        console.print(f"  {escape(message.text)}")
    if proposal and proposal.repeated and proposal.earlier:
        why = words(f"callbacks.repeats.{proposal.why}")
        console.print(words("callbacks.repeat", why=why, earlier=proposal.earlier[:_SHORT_ID]))
    if case.attempts:
        console.print(words("callbacks.attempts"))
    for attempt in case.attempts:
        _show_attempt(console, attempt, talks.get(attempt.id, ()), book)
    last = case.latest
    if last and last.broken_off:
        why = book.vocabulary.title(Kind.BREAKS, last.broken_off)
        console.print(words("callbacks.broken_off", seconds=f"{last.broken_off_second or 0:.0f}", why=why))
    for referral in case.referrals:
        due = f"{referral.due_at.astimezone(zone):%d.%m %H:%M}"
        console.print(words("callbacks.asked", executor=escape(referral.executor), due=due))
        if referral.answer:
            console.print("  " + words("callbacks.answer", answer=escape(referral.answer)))
    if case.moves:
        console.print(words("callbacks.history"))
    for move in case.moves:
        state = words(f"callbacks.states.{move.after}")
        console.print(f"  {move.at.astimezone(zone):%d.%m %H:%M}  {state}  {escape(move.by)}")


def _show_attempt(console: Console, attempt: Attempt, talk: Sequence[Turn], book: Rulebook) -> None:
    """What the line, or the operator, told of an attempt; what was said in it."""
    marks = [words("callbacks.other_phone")] if attempt.means is Means.OTHER_PHONE else []
    if attempt.ring_seconds:
        marks.append(words("callbacks.rang", seconds=round(attempt.ring_seconds)))
    if attempt.answered_at:
        marks.append(words("callbacks.talked", seconds=round(attempt.talk_seconds)))
    marks += [words(f"callbacks.ended_by.{attempt.ended_by}")] if attempt.ended_by else []
    marks += [words(f"callbacks.failing.{attempt.failing}")] if attempt.failing else []
    marks += [words("callbacks.late")] if attempt.late else []
    outcome = book.vocabulary.title(Kind.ATTEMPTS, attempt.outcome)
    begun = f"{attempt.started_at.astimezone(book.calendar.zone):%d.%m %H:%M}"
    console.print(f"  {begun}  {outcome}  {escape(attempt.operator)}  {', '.join(marks)}".rstrip())
    for turn in talk:
        if turn.text and not turn.prompt:
            console.print(f"    {words(f'callbacks.speakers.{turn.speaker}')}: {escape(turn.text)}")


def show_referrals(referrals: Sequence[Referral], book: Rulebook) -> None:
    """Questions with executors, by deadline."""
    console, now = Console(), datetime.now(UTC)
    if not referrals:
        console.print(words("callbacks.nothing_passed"))
        return
    table = Table()
    for column in ("due", "executor", "question", "standing", "id"):
        table.add_column(words(f"callbacks.{column}"))
    for referral in referrals:
        table.add_row(
            f"{referral.due_at.astimezone(book.calendar.zone):%d.%m %H:%M}",
            escape(referral.executor), escape(referral.question),
            words(f"callbacks.referrals.{referral.standing(now)}"), referral.callback[:_SHORT_ID],
        )  # fmt: skip
    console.print(table)


def show_executors(book: Rulebook) -> None:
    """The directory of executors."""
    console = Console()
    if not book.directory.executors:
        console.print(words("callbacks.no_executors"))
        return
    table = Table()
    for column in ("id", "executor", "phone", "email", "topics"):
        table.add_column(words(f"callbacks.{column}"))
    for executor in book.directory.executors:
        topics = ", ".join(book.vocabulary.title(Kind.TOPICS, topic) for topic in executor.topics)
        table.add_row(executor.key, executor.name, executor.phone, executor.email, topics)
    console.print(table)


def _lamp(callback: Callback, now: datetime, book: Rulebook) -> str:
    """The deadline as an operator reads it: overdue, soon, later, or a window not open yet."""
    zone, due = book.calendar.zone, callback.act_by
    if not callback.is_open:
        return "—"
    if callback.opens_at and now < callback.opens_at:
        return words("callbacks.lamps.early", time=_time(callback.opens_at.astimezone(zone), now.astimezone(zone)))
    minutes = int(abs(due - now).total_seconds() // 60)
    if now > due:
        return f"[red]{words('callbacks.lamps.overdue', minutes=minutes)}[/]"
    time = _time(due.astimezone(zone), now.astimezone(zone))
    if due - now <= _SOON:
        return f"[yellow]{words('callbacks.lamps.soon', time=time, minutes=minutes)}[/]"
    return words("callbacks.lamps.later", time=time)


def _target(callback: Callback, now: datetime, book: Rulebook) -> str:
    """The house's own target beside the legal deadline, for calls missed in working hours (interpretation 3)."""
    target = internal_target(book.calendar, callback.created_at, book.rules)
    waits = callback.opens_at is None and callback.closes_at is None and callback.is_open
    if target is None or not waits or callback.origin is Origin.CONVERSATION:
        return ""
    zone = book.calendar.zone
    return f" ({words('callbacks.target', time=_time(target.astimezone(zone), now.astimezone(zone)))})"


def _time(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%d.%m %H:%M}"


def _short(callback: Callback) -> str:
    number = callback.number
    times = f" {words('callbacks.times', count=callback.calls)}" if callback.calls > 1 else ""
    return (f"{number[:5]}{_HIDDEN}{number[-4:]}" if number else words("callbacks.no_number")) + times
