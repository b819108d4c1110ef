"""`ivr rehearse`: the assistant's script without a telephone, at the keyboard or the microphone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.bootstrap.children import telephone_children
from ivr.bootstrap.house import House
from ivr.dialogue.draft import Draft
from ivr.dialogue.take_message import take_message
from ivr.domain.call import Mode
from ivr.domain.turn import EndedBy, Reply
from ivr.domain.vocabulary import Kind
from ivr.errors import CallerHungUp
from ivr.ports import Prompt

_MOST_KEYS = 12


class KeyboardLine:
    """A conversation in writing; fulfils `ports.Line`. An empty line is silence, digits are keys, "." hangs up."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._hung_up = False

    def record(self) -> None:
        """Nothing is recorded at the keyboard."""

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Show what the assistant says."""
        if self._hung_up:
            raise CallerHungUp("the caller has left")
        for prompt in prompts:
            self._console.print(f"[cyan]{words('demo.assistant')}:[/] {prompt.text or words('rehearse.beep')}")

    async def listen(
        self,
        *,
        max_seconds: float,
        silence_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
        keys: int = 0,
    ) -> Reply:
        """One line of the keyboard."""
        if self._hung_up:
            raise CallerHungUp("the caller has left")
        try:
            said = (await asyncio.to_thread(self._console.input, words("rehearse.you"))).strip()
        except EOFError:
            said = "."
        if said == ".":
            self._hung_up = True
            return Reply(ended_by=EndedBy.HANGUP)
        if said.isdecimal() and len(said) <= _MOST_KEYS:
            return Reply(keys=said, ended_by=EndedBy.KEY)
        return Reply(text=said.lower(), spoke=bool(said))


async def rehearse_in_writing(house: House) -> None:
    """Hold the conversation at the keyboard and show the journal's row it would make."""
    console = Console(highlight=False)
    now = datetime.now(UTC)
    due = house.calendar.callback_deadline(now, house.rules).at.astimezone(house.calendar.zone)
    draft = Draft(due=due, mode=Mode.AFTER_HOURS)
    console.print(words("rehearse.how"), style="dim")
    try:
        await take_message(KeyboardLine(console), house.catalog.load(), house.understand, house.rules, draft)
    except CallerHungUp:
        console.print(words("demo.hung_up"))
    console.print(_row(draft, house.vocabulary.titles(Kind.TOPICS)))


async def rehearse_aloud(house: House) -> None:
    """Hold the conversation at the microphone, with the real recogniser, into the real journal."""
    from ivr.adapters.sound.microphone import MicrophoneLeg
    from ivr.adapters.supervision import Supervisor

    console = Console(highlight=False)
    recogniser = [child for child in telephone_children(house.settings, None) if child.name == "recogniser"]
    supervisor = Supervisor(recogniser)
    supervisor.start()
    journal, recordings, recognizer = house.spooled("rehearsal"), house.recordings(), house.recognizer()
    try:
        await recognizer.warm_up()
        reception = house.reception("rehearsal", journal, recordings, recognizer)
        reception.announce = lambda action, facts: _show(console, action, facts)
        await reception.answer(MicrophoneLeg())
        await reception.settle()
    finally:
        await recognizer.close()
        recordings.close()
        await supervisor.stop()


def _show(console: Console, action: str, facts: object) -> None:
    text = facts.get("text") if isinstance(facts, dict) else ""
    who = {"prompt": "assistant", "heard": "citizen"}.get(action)
    if who and text:
        console.print(f"{words(f'demo.{who}')}: {text}")


def _row(draft: Draft, titles: Mapping[str, str]) -> Table:
    topic = titles.get(draft.topics[0].value, "") if draft.topics else ""
    rows = {
        "who": draft.name.full if draft.name else words("demo.no_name"),
        "number": draft.phone.e164 if draft.phone else words("demo.anonymous"),
        "about": topic or words("demo.no_topic"),
        "where": draft.address.full if draft.address else words("demo.no_topic"),
        "due": f"{draft.due:%d.%m.%Y %H:%M}",
        "confirmed": words("demo.yes") if draft.confirmed else words("demo.no"),
    }
    table = Table(title=words("rehearse.row"), show_header=False)
    for key, value in rows.items():
        table.add_row(words(f"demo.{key}"), value)
    return table
