"""`ivr learning`: what the topics that operators have confirmed change in the understanding."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.files.ui import words
from ivr.bootstrap.house import House
from ivr.domain.vocabulary import Kind
from ivr.language.learning import Learned, learned


def show_learning(house: House, *, as_json: bool) -> None:
    """Print the balance and every changed message, by its telling words.

    Raises:
        JournalError: the database is away.
    """
    house.journal().dispose()  # the schema may be older than the product
    balance = learned(house.understand, asyncio.run(house.confirmed()))
    if as_json:
        lessons = [asdict(lesson) | {"better": lesson.better, "worse": lesson.worse} for lesson in balance.lessons]
        typer.echo(json.dumps(asdict(balance) | {"lessons": lessons}, ensure_ascii=False))
        return
    if not house.settings.understanding.learn:
        typer.echo(words("learning.off"))
    if not balance.rows:
        typer.echo(words("learning.nothing"))
        return
    typer.echo(
        words(
            "learning.balance", rows=balance.rows, before=balance.right_before, after=balance.right_after,
            changed=len(balance.lessons), better=sum(lesson.better for lesson in balance.lessons),
            worse=sum(lesson.worse for lesson in balance.lessons),
        )
    )  # fmt: skip
    if balance.lessons:
        Console(highlight=False).print(_table(house, balance))


def _table(house: House, balance: Learned) -> Table:
    titles = house.vocabulary.titles(Kind.TOPICS)
    table = Table()
    for column in ("words", "before", "after", "confirmed"):
        table.add_column(words(f"learning.{column}"))
    for lesson in balance.lessons:
        mark = words("learning.better" if lesson.better else "learning.worse" if lesson.worse else "learning.other")
        topics = (titles.get(topic, topic) for topic in (lesson.before, lesson.after, lesson.confirmed))
        before, after, confirmed = topics
        table.add_row(" ".join(lesson.words), before, f"{mark} {after}", confirmed)
    return table
