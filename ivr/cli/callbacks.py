"""`ivr callbacks`: the operators' verbs at the command line (clauses 13, 14, 20, 21)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.sheet import executor_sheet
from ivr.adapters.files.ui import refusal, words
from ivr.adapters.intercom import ask_any
from ivr.bootstrap.files import intercoms
from ivr.bootstrap.office import CallbackRoom, build_callback_room
from ivr.cli.callback_views import show_case, show_executors, show_list, show_referrals
from ivr.domain.card import Card
from ivr.domain.case import Case
from ivr.domain.people import Person, Role
from ivr.domain.vocabulary import AttemptOutcome, Break, Kind
from ivr.errors import LineError, RuleBroken
from ivr.services.callbacks import CallbackDesk

callbacks_app = typer.Typer(no_args_is_help=True, help=words("callbacks.help"))

Row = Annotated[str, typer.Argument(metavar="ROW")]
Who = Annotated[str, typer.Option("--as", envvar="IVR_OPERATOR", help=words("callbacks.who_help"))]
Curator = Annotated[bool, typer.Option("--curator", help=words("callbacks.curator_help"))]
_Verb = Callable[[CallbackDesk, str], Awaitable[Case]]


@callbacks_app.command("list", help=words("callbacks.list_help"))
def list_them(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=words("callbacks.everything_help"))] = False,
    mine: Annotated[str, typer.Option(help=words("callbacks.mine_help"))] = "",
) -> None:
    """Whom to call, by when."""

    async def show(room: CallbackRoom) -> None:
        rows = await room.journal.callbacks(room.settings.municipality.key, open_only=not everything)
        show_list([row for row in rows if not mine or row[0].holder == mine], room.rulebook)

    _in_room(context, show)


@callbacks_app.command(help=words("callbacks.show_help"))
def show(context: typer.Context, row: Row) -> None:
    """One row with all that is known of it."""

    async def show_one(room: CallbackRoom) -> None:
        desk = room.desk()
        case = await desk.case(await _find(room, row))
        proposal = await desk.propose_repeat(case.messages[0]) if case.messages else None
        talks = {attempt.id: await room.talks.talk(attempt.id) for attempt in case.attempts if attempt.answered_at}
        show_case(case, proposal, talks, room.rulebook)

    _in_room(context, show_one)


@callbacks_app.command(help=words("callbacks.take_help"))
def take(context: typer.Context, row: Row, who: Who, curator: Curator = False) -> None:
    """Claim a callback."""
    _act(context, row, lambda desk, callback: desk.take(callback, _person(who, curator)))


@callbacks_app.command(help=words("callbacks.release_help"))
def release(context: typer.Context, row: Row, who: Who, curator: Curator = False) -> None:
    """Give it back to all."""
    _act(context, row, lambda desk, callback: desk.release(callback, _person(who, curator)))


@callbacks_app.command(help=words("callbacks.hand_help"))
def hand(context: typer.Context, row: Row, to: str, who: Who, curator: Curator = False) -> None:
    """Give it to a colleague."""
    _act(context, row, lambda desk, callback: desk.hand_over(callback, Person(to), _person(who, curator)))


@callbacks_app.command(help=words("callbacks.attempt_help"))
def attempt(
    context: typer.Context,
    row: Row,
    outcome: AttemptOutcome,
    who: Who,
    at: Annotated[str, typer.Option(help=words("callbacks.at_help"))] = "",
) -> None:
    """Mark an attempt made by another telephone."""

    async def mark(room: CallbackRoom) -> None:
        callback = await _find(room, row)
        started = _moment(at, room.rulebook.calendar.zone)
        _tell(await room.desk().attempted(callback, Person(who), outcome, started), room)

    _in_room(context, mark)


@callbacks_app.command(help=words("callbacks.call_help"))
def call(
    context: typer.Context,
    row: Row,
    who: Who,
    telephone: Annotated[str, typer.Option("--phone", help=words("callbacks.phone_help"))] = "",
    number: Annotated[str, typer.Option(help=words("callbacks.number_help"))] = "",
) -> None:
    """Ring the operator's telephone, then the citizen."""

    async def dial(room: CallbackRoom) -> None:
        asked = {"callback": await _find(room, row), "who": who, "telephone": telephone, "number": number}
        typer.echo(words("callbacks.calling"))
        try:
            told = await ask_any(intercoms(room.settings), asked)
        except LineError:
            _refuse(words("callbacks.no_engine"))
        if "outcome" not in told:
            _refuse(str(told.get("refused", words("callbacks.fault"))))
        failing = str(told.get("failing", ""))
        why = f": {words(f'callbacks.failing.{failing}')}" if failing else ""
        typer.echo(room.rulebook.vocabulary.title(Kind.ATTEMPTS, str(told["outcome"])) + why)

    _in_room(context, dial)


@callbacks_app.command(help=words("callbacks.close_help"))
def close(
    context: typer.Context,
    row: Row,
    who: Who,
    result: Annotated[str, typer.Option(help=words("callbacks.result_help", keys="satisfied, explained, …"))],
    outcome: Annotated[str | None, typer.Option(help=words("callbacks.outcome_help", keys="consulted, …"))] = None,
    topic: Annotated[str | None, typer.Option(help=words("callbacks.topic_help"))] = None,
    comment: Annotated[str, typer.Option(help=words("callbacks.comment_help"))] = "",
    reason: Annotated[str, typer.Option(help=words("callbacks.reason_help"))] = "",
    planned: Annotated[str, typer.Option(help=words("callbacks.planned_help"))] = "",
    executor: Annotated[str | None, typer.Option(help=words("callbacks.executor_help"))] = None,
    repeated: Annotated[bool | None, typer.Option("--repeat/--first", help=words("callbacks.repeat_help"))] = None,
    broken_off: Annotated[
        Break | None, typer.Option(help=words("callbacks.broken_help", keys=", ".join(Break)))
    ] = None,
    broken_at: Annotated[float | None, typer.Option(min=0, help=words("callbacks.broken_at_help"))] = None,
    curator: Curator = False,
) -> None:
    """Fill in the card."""

    async def fill(room: CallbackRoom) -> None:
        desk = room.desk()
        case = await desk.case(await _find(room, row))
        proposal = await desk.propose_repeat(case.messages[0])
        decided = proposal.repeated if repeated is None else repeated
        card = Card(
            result, outcome, topic, comment, reason, _moment(planned, room.rulebook.calendar.zone), executor,
            decided, proposal.earlier if decided else None, broken_off, broken_at,
        )  # fmt: skip
        _tell(await desk.close(case.callback.id, _person(who, curator), card), room)

    _in_room(context, fill)


@callbacks_app.command(help=words("callbacks.undo_help"))
def undo(context: typer.Context, row: Row, who: Who, curator: Curator = False) -> None:
    """Take back the last step."""
    _act(context, row, lambda desk, callback: desk.undo(callback, _person(who, curator)))


@callbacks_app.command("passed-on", help=words("callbacks.passed_help"))
def passed_on(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=words("callbacks.answered_help"))] = False,
) -> None:
    """Questions with executors."""

    async def show_them(room: CallbackRoom) -> None:
        found = await room.book.referrals(room.settings.municipality.key, open_only=not everything)
        show_referrals([referral for referral, _ in found], room.rulebook)

    _in_room(context, show_them)


@callbacks_app.command(help=words("callbacks.answer_help"))
def answer(context: typer.Context, row: Row, text: str, who: Who) -> None:
    """Write down what the executor answered."""
    _act(context, row, lambda desk, callback: desk.executor_answered(callback, Person(who), text))


@callbacks_app.command(help=words("callbacks.sheet_help"))
def sheet(
    context: typer.Context, row: Row, out: Annotated[Path | None, typer.Option(help=words("callbacks.out_help"))] = None
) -> None:
    """The sheet that goes to the executor."""

    async def write(room: CallbackRoom) -> None:
        case = await room.desk().case(await _find(room, row))
        if not case.referrals or not case.latest:
            _refuse(words("callbacks.not_passed"))
        topic = room.rulebook.vocabulary.title(Kind.TOPICS, case.latest.topic)
        zone, whose = room.rulebook.calendar.zone, room.settings.municipality.title
        page = executor_sheet(case.referrals[-1], case.latest, municipality=whose, topic=topic, zone=zone)
        path = out or Path(words("callbacks.sheet_name", row=case.callback.id[:8]))
        path.touch(mode=0o600)
        path.write_text(page, "utf-8")
        typer.echo(words("callbacks.sheet_done", path=path))

    _in_room(context, write)


@callbacks_app.command(help=words("callbacks.executors_help"))
def executors(context: typer.Context) -> None:
    """The directory."""

    async def show_directory(room: CallbackRoom) -> None:
        show_executors(room.rulebook)

    _in_room(context, show_directory)


@callbacks_app.command(help=words("callbacks.himself_help"))
def himself(context: typer.Context, number: str, who: Who) -> None:
    """The citizen rang and was answered by a person."""

    async def close_all(room: CallbackRoom) -> None:
        count = await room.desk().called_himself(room.settings.municipality.key, number, who)
        typer.echo(words("callbacks.himself_done", count=count))

    _in_room(context, close_all)


def _act(context: typer.Context, row: str, verb: _Verb) -> None:
    async def act(room: CallbackRoom) -> None:
        callback = await _find(room, row)
        _tell(await verb(room.desk(), callback), room)

    _in_room(context, act)


def _in_room(context: typer.Context, work: Callable[[CallbackRoom], Awaitable[None]]) -> None:
    """Do the work; a refusal is one sentence that says what to do, and status 1."""
    settings: Settings = context.obj
    room = build_callback_room(settings)

    async def run() -> None:
        await work(room)

    try:
        asyncio.run(run())
    except RuleBroken as fault:
        _refuse(refusal(fault, room.rulebook.calendar.zone))
    finally:
        room.dispose()


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


async def _find(room: CallbackRoom, prefix: str) -> str:
    """The callback whose id begins so."""
    found = await room.book.named(room.settings.municipality.key, prefix.strip().lower())
    if len(found) != 1:
        _refuse(words("callbacks.not_one", prefix=prefix, count=len(found)))
    return found[0]


def _tell(case: Case, room: CallbackRoom) -> None:
    callback = case.callback
    typer.echo(words("callbacks.done", number=callback.id[:8], state=words(f"callbacks.states.{callback.state}")))
    if callback.opens_at and callback.closes_at and not callback.holder and callback.is_open:
        zone = room.rulebook.calendar.zone
        span = (f"{moment.astimezone(zone):%d.%m %H:%M}" for moment in (callback.opens_at, callback.closes_at))
        typer.echo(words("callbacks.again_from", **dict(zip(("opens", "closes"), span, strict=True))))


def _person(who: str, curator: bool) -> Person:
    return Person(who, Role.CURATOR if curator else Role.OPERATOR)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A local time of today, or a local date and time."""
    if not text:
        return None
    today = datetime.now(zone)
    for form in ("%H:%M", "%Y-%m-%d %H:%M"):
        try:
            read = datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        return read if form.startswith("%Y") else read.replace(year=today.year, month=today.month, day=today.day)
    _refuse(words("callbacks.wrong_time", text=text))
