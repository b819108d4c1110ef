"""The words by which topics are recognised: changed by the curator, tried before they hold, undone (appendix 2)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.topic_lists import Mistake, TopicLists
from ivr.domain.version import INSTALLED, Version
from ivr.errors import RuleBroken
from ivr.language.facts import Certain
from ivr.ports.console import Conversations
from ivr.ports.house import TopicBook, Versions
from ivr.services.audit import AccessLog

_WHAT = "topics"
_LATELY = 100
_TEXT_AT_MOST = 200_000


class WordsRefused(RuleBroken):
    """The lists cannot be used as they are; each mistake has its line.

    Args:
        text: the whole file as it would be.
    """

    def __init__(self, mistakes: Sequence[Mistake], text: str) -> None:
        super().__init__("app.2", "the word lists have mistakes", "bad_words", count=len(mistakes))
        self.mistakes = mistakes
        self.text = text


@dataclass(frozen=True, slots=True)
class Moved:
    """Messages that would get another topic.

    Attributes:
        messages: their ids, for those who may look at them.
    """

    before: str
    after: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do.

    Attributes:
        before, after: topics of the phrase, the likeliest first.
        looked: how many of the latest messages were looked at; `moved` are those that change.
    """

    before: Sequence[Certain[str]]
    after: Sequence[Certain[str]]
    looked: int
    moved: Sequence[Moved]


@dataclass(slots=True)
class TopicWordLists:
    """The lists, for somebody who is signed in."""

    book: TopicBook
    versions: Versions
    conversations: Conversations
    log: AccessLog

    def topics(self, actor: Actor) -> Sequence[TopicLists]:
        """All topics with their lists.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.TOPICS)
        return self.book.topics()

    def topic(self, actor: Actor, key: str) -> TopicLists:
        """One of them.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such topic.
        """
        found = next((topic for topic in self.topics(actor) if topic.key == key), None)
        if found is None:
            raise RuleBroken("app.2", "there is no such topic", "unknown_topic")
        return found

    def text(self, actor: Actor) -> str:
        """The whole file.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.TOPICS)
        return self.book.text()

    def history(self, actor: Actor) -> Sequence[Version]:
        """Versions, the newest first; `note` is the topic that was changed.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.TOPICS)
        return self.versions.of(_WHAT)

    @property
    def seen(self) -> int:
        """Number of the newest version."""
        return next((version.number for version in self.versions.of(_WHAT)), INSTALLED)

    async def keep_topic(self, actor: Actor, key: str, lists: Mapping[str, str], seen: int | None = None) -> bool:
        """Other lists of one topic; from the next message on they count. False: they are as they were.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such topic, or somebody else was quicker.
            WordsRefused: mistakes, each with its line.
        """
        self.topic(actor, key)
        return await self._keep(actor, self.book.with_topic(key, lists), key, seen)

    async def keep_text(self, actor: Actor, text: str, seen: int | None = None) -> bool:
        """The whole file at once. False: it is as it was.

        Raises:
            Forbidden: not for this role.
            RuleBroken: somebody else was quicker, or it is too long.
            WordsRefused: mistakes, each with its line.
        """
        text = text.replace("\r\n", "\n")
        if len(text) > _TEXT_AT_MOST:
            raise RuleBroken("app.2", "too long", "too_long")
        return await self._keep(actor, text, "", seen)

    async def restore(self, actor: Actor, number: int) -> None:
        """Put a version back, as a new one; 0: the installer's file.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such version.
            WordsRefused: it cannot be used any more.
        """
        text = self.book.installed() if number == INSTALLED else self.versions.content(_WHAT, number).decode()
        await self._keep(actor, text, f"restored:{number}", None)
        if number == INSTALLED:
            self.book.forget()

    async def attempt(self, actor: Actor, phrase: str, key: str, lists: Mapping[str, str] | None) -> Trial:
        """What these lists of a topic would make of a phrase, and of the latest messages; nothing is kept.

        Raises:
            Forbidden: not for this role.
            WordsRefused: mistakes, each with its line.
        """
        actor.require(Deed.VIEW, Thing.TOPICS)
        now = self.book.text()
        draft = self.book.with_topic(key, lists) if key and lists is not None else now
        if mistakes := await asyncio.to_thread(self.book.mistakes, draft):
            raise WordsRefused(mistakes, draft)
        lately = await self.conversations.messages(actor.account.municipality, limit=_LATELY)
        texts = [(message.id, message.text) for message in lately if message.text] if draft != now else []
        trial = await asyncio.to_thread(self._compared, now, draft, phrase, texts)
        if not actor.may(Deed.VIEW, Thing.MESSAGE):
            moved = [Moved(one.before, one.after, ("",) * len(one.messages)) for one in trial.moved]
            return Trial(trial.before, trial.after, trial.looked, moved)
        return trial

    def _compared(self, now: str, draft: str, phrase: str, texts: Sequence[tuple[str, str]]) -> Trial:
        read = self.book.reader(now)
        before = read(phrase) if phrase else ()
        old = [_first(read(text)) for _, text in texts]
        read = self.book.reader(draft)
        after = read(phrase) if phrase else ()
        moved: dict[tuple[str, str], list[str]] = {}
        for (message, text), was in zip(texts, old, strict=True):
            if (becomes := _first(read(text))) != was:
                moved.setdefault((was, becomes), []).append(message)
        often = Counter({pair: len(messages) for pair, messages in moved.items()}).most_common()
        return Trial(before, after, len(texts), [Moved(*pair, tuple(moved[pair])) for pair, _ in often])

    async def _keep(self, actor: Actor, text: str, note: str, seen: int | None) -> bool:
        actor.require(Deed.MANAGE, Thing.TOPICS)
        upon = self.seen if seen is None else seen
        self._refuse_late(upon)
        if text == self.book.text():
            return False
        if mistakes := await asyncio.to_thread(self.book.mistakes, text):
            raise WordsRefused(mistakes, text)
        self._refuse_late(upon)
        await self.log.note(actor, Deed.MANAGE, Thing.TOPICS, note)
        self._refuse_late(upon)  # from here on nobody comes between
        self.book.keep(text)
        self.versions.keep(_WHAT, text.encode(), actor.account.name, note)
        return True

    def _refuse_late(self, upon: int) -> None:
        """The whole file is written: it must be made of the newest version."""
        if upon != self.seen:
            raise RuleBroken("app.2", "somebody has changed the lists meanwhile", "changed_meanwhile")


def _first(topics: Sequence[Certain[str]]) -> str:
    return topics[0].value if topics else ""
