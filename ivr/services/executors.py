"""The directory of executors: to whom questions go, whose telephones citizens are told (clauses 20.5, 20.6)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.card import Rulebook
from ivr.domain.directory import Executor
from ivr.domain.version import INSTALLED, Version
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.ports.house import DirectoryBook, Versions
from ivr.services.audit import AccessLog

_WHAT = "directory"
_LINE_AT_MOST = 200
_PHONE_AT_MOST = 60
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(slots=True)
class ExecutorDirectory:
    """The executors, for somebody who is signed in.

    Attributes:
        rulebook: as it is now.
    """

    book: DirectoryBook
    versions: Versions
    log: AccessLog
    rulebook: Callable[[], Rulebook]

    def executors(self, actor: Actor) -> Sequence[Executor]:
        """In the file's order.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.DIRECTORY)
        return self.rulebook().directory.executors

    def history(self, actor: Actor) -> Sequence[Version]:
        """Versions, the newest first; `note` is who was changed.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.DIRECTORY)
        return self.versions.of(_WHAT)

    async def keep(
        self, actor: Actor, key: str, title: str, *, person: str, phone: str, email: str, topics: Iterable[str]
    ) -> Executor:
        """A new executor (without a key), or other facts of a known one.

        Raises:
            Forbidden: not for this role.
            RuleBroken: no title, a title that another has, no address of mail, an unknown topic; there is none.
        """
        actor.require(Deed.MANAGE, Thing.DIRECTORY)
        known = list(self.rulebook().directory.executors)
        mine = next((one for one in known if one.key == key), None)
        if key and mine is None:
            raise RuleBroken("20.5", "there is no such executor", "unknown_executor")
        title, person, phone, email = (" ".join(text.split()) for text in (title, person, phone, email))
        executor = Executor(key or f"x{uuid.uuid4().hex[:8]}", title, person, phone, email, tuple(topics))
        self._check(executor, known)
        place = known.index(mine) if mine else len(known)
        known[place : place + bool(mine)] = [executor]
        await self._write(actor, known, executor.title)
        return executor

    async def remove(self, actor: Actor, key: str) -> None:
        """No question is passed on to him any more; what was passed on stays.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is none.
        """
        actor.require(Deed.MANAGE, Thing.DIRECTORY)
        known = self.rulebook().directory.executors
        mine = next((one for one in known if one.key == key), None)
        if mine is None:
            raise RuleBroken("20.5", "there is no such executor", "unknown_executor")
        await self._write(actor, [one for one in known if one is not mine], f"- {mine.title}")

    async def restore(self, actor: Actor, number: int) -> None:
        """Put a version back, as a new one; 0: the installer's file.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such version.
        """
        actor.require(Deed.MANAGE, Thing.DIRECTORY)
        text = None if number == INSTALLED else self.versions.content(_WHAT, number).decode()
        await self.log.note(actor, Deed.MANAGE, Thing.DIRECTORY, "", {"restored": str(number)})
        self._keep_first()
        self.book.put_back(text)
        self.versions.keep(_WHAT, self.book.text().encode(), actor.account.name, f"restored:{number}")

    def _check(self, executor: Executor, known: Sequence[Executor]) -> None:
        if not executor.title or max(len(executor.title), len(executor.person)) > _LINE_AT_MOST:
            raise RuleBroken("20.5", "name the department or the organisation", "needs_executor_title")
        if len(executor.phone) > _PHONE_AT_MOST:
            raise RuleBroken("20.6", "too long for a telephone", "bad_phone_line")
        if executor.email and not _MAIL.fullmatch(executor.email):
            raise RuleBroken("20.5", "no address of mail", "bad_mail")
        if any(one.name == executor.name and one.key != executor.key for one in known):
            raise RuleBroken("20.5", "there is such an executor already", "executor_known")
        for topic in executor.topics:
            self.rulebook().vocabulary.term(Kind.TOPICS, topic)

    async def _write(self, actor: Actor, executors: Sequence[Executor], note: str) -> None:
        await self.log.note(actor, Deed.MANAGE, Thing.DIRECTORY, "", {"executors": str(len(executors))})
        self._keep_first()
        text = self.book.keep([replace(one) for one in executors])
        self.versions.keep(_WHAT, text.encode(), actor.account.name, note)

    def _keep_first(self) -> None:
        """What was there before anybody changed it is the first version."""
        if not self.versions.of(_WHAT):
            self.versions.keep(_WHAT, self.book.text().encode(), "", "before")
