"""How callbacks look at the command line: the list, and one row whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.domain.attempt import Means
from ivr.domain.callback import Callback
from ivr.domain.card import RepeatProposal, Rulebook
from ivr.domain.case import Case
from ivr.domain.message import Message
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
            _lamp(callback, now, book), f"{message.received_at.astimezone(book.calendar.zone):%d.%m %H:%M}",
            message.name.full if message.name else words("callbacks.no_name"), _short(callback),
            book.vocabulary.title(Kind.TOPICS, message.topic), words(f"callbacks.states.{callback.state}"),
            callback.holder, callback.id[:_SHORT_ID], style="bold" if callback.urgent else None,
        )  # fmt: skip
    console.print(table)


def show_case(case: Case, proposal: RepeatProposal | None, book: Rulebook) -> None:
    """One row: what was said, who tried when, what became of it."""
    console, zone, callback = Console(), book.calendar.zone, case.callback
    console.rule(f"{callback.id[:_SHORT_ID]} · {words(f'callbacks.states.{callback.state}')} · {callback.holder}")
    console.print(_lamp(callback, datetime.now(UTC), book))
    for message in case.messages:
        title = book.vocabulary.title(Kind.TOPICS, message.topic)
        name = message.name.full if message.name else words("callbacks.no_name")
        console.print(f"{message.received_at.astimezone(zone):%d.%m.%Y %H:%M}  {name}  {title}")
        if message.phone:
            console.print("  " + words("callbacks.dictated", number=message.phone.e164))
        if message.caller_number:
            console.print("  " + words("callbacks.shown", number=message.caller_number))
        console.print(f"  {message.text}")
    if proposal and proposal.repeated and proposal.earlier:
        why = words(f"callbacks.repeats.{proposal.why}")
        console.print(words("callbacks.repeat", why=why, earlier=proposal.earlier[:_SHORT_ID]))
    if case.attempts:
        console.print(words("callbacks.attempts"))
    for attempt in case.attempts:
        marks = [words("callbacks.other_phone")] if attempt.means is Means.OTHER_PHONE else []
        marks += [words("callbacks.late")] if attempt.late else []
        outcome = book.vocabulary.title(Kind.ATTEMPTS, attempt.outcome)
        line = f"  {attempt.started_at.astimezone(zone):%d.%m %H:%M}  {outcome}  {attempt.operator}"
        console.print(f"{line}  {', '.join(marks)}".rstrip())
    if case.moves:
        console.print(words("callbacks.history"))
    for move in case.moves:
        state = words(f"callbacks.states.{move.after}")
        console.print(f"  {move.at.astimezone(zone):%d.%m %H:%M}  {state}  {move.by}")


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


def _time(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%d.%m %H:%M}"


def _short(callback: Callback) -> str:
    number = callback.number
    times = f" {words('callbacks.times', count=callback.calls)}" if callback.calls > 1 else ""
    return (f"{number[:5]}{_HIDDEN}{number[-4:]}" if number else words("callbacks.no_number")) + times
