"""The assistant's voice: listened to, replaced by the municipality's own, every version kept (clauses 7, 12)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.phrase import Fault, Phrase
from ivr.domain.version import INSTALLED, Version
from ivr.errors import RuleBroken
from ivr.ports.house import Versions, VoiceBook
from ivr.services.audit import AccessLog

_TEXT_AT_MOST = 1000
RECORDING_AT_MOST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PhraseView:
    """All that is known of one phrase.

    Attributes:
        installed: the words that the installer's voice speaks.
        versions: of the municipality's own voice, the newest first; `note` is what it says.
    """

    phrase: Phrase
    fault: Fault | None
    versions: Sequence[Version]


@dataclass(slots=True)
class Voice:
    """The phrases, for somebody who is signed in."""

    book: VoiceBook
    versions: Versions
    log: AccessLog

    async def phrases(self, actor: Actor) -> tuple[Sequence[Phrase], Mapping[str, Fault]]:
        """All phrases, and by name what is wrong with some.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.PROMPT)
        faults = await asyncio.to_thread(self.book.faults)
        return self.book.phrases(), {fault.name: fault for fault in faults}

    async def phrase(self, actor: Actor, name: str) -> PhraseView:
        """One phrase with its versions.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such phrase.
        """
        actor.require(Deed.VIEW, Thing.PROMPT)
        phrase = self._named(name)
        faults = await asyncio.to_thread(self.book.faults)
        fault = next((one for one in faults if one.name == name), None)
        return PhraseView(phrase, fault, self.versions.of(_shelf(name)))

    async def sound(self, actor: Actor, name: str, number: int | None = None) -> bytes:
        """The WAV file that is heard, or a version of it; 0: the installer's.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such phrase or version.
        """
        actor.require(Deed.VIEW, Thing.PROMPT)
        self._named(name)
        if number:
            return await asyncio.to_thread(self.versions.content, _shelf(name), number)
        return await asyncio.to_thread(self.book.file, name, installed=number == INSTALLED)

    async def keep(self, actor: Actor, name: str, blob: bytes, says: str = "") -> Version:
        """Put a recording in place of a phrase; from the next call on it is heard.

        Args:
            blob: a WAV file of any rate.
            says: its words; those that the regulation gives stay as they are.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such phrase, its words are the regulation's, or the file will not do.
        """
        actor.require(Deed.MANAGE, Thing.PROMPT)
        phrase, says = self._named(name), " ".join(says.split())
        if phrase.verbatim and says and says != phrase.text:
            raise RuleBroken(phrase.clause, "the regulation gives these words", "verbatim")
        if len(says) > _TEXT_AT_MOST:
            raise RuleBroken("7", "too long", "too_long")
        if not blob:
            raise RuleBroken("7", "choose a file or record the phrase", "needs_recording")
        await self.log.note(actor, Deed.MANAGE, Thing.PROMPT, name, {"change": "recorded"})
        content = await asyncio.to_thread(self.book.keep, name, blob, says)
        return self.versions.keep(_shelf(name), content, actor.account.name, says or phrase.text)

    async def restore(self, actor: Actor, name: str, number: int) -> None:
        """Let a version be heard again; 0: the installer's voice.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such phrase or version.
        """
        actor.require(Deed.MANAGE, Thing.PROMPT)
        self._named(name)
        version = next((one for one in self.versions.of(_shelf(name)) if one.number == number), None)
        if number != INSTALLED and version is None:
            raise RuleBroken("7", "there is no such version", "unknown_version")
        await self.log.note(actor, Deed.MANAGE, Thing.PROMPT, name, {"restored": str(number)})
        if version is None:
            self.book.forget(name)
        else:
            content = self.versions.content(_shelf(name), number)
            await asyncio.to_thread(self.book.put_back, name, content, version.note)

    def _named(self, name: str) -> Phrase:
        found = next((phrase for phrase in self.book.phrases() if phrase.name == name), None)
        if found is None:
            raise RuleBroken("7", "there is no such phrase", "unknown_phrase")
        return found


def _shelf(name: str) -> str:
    return f"prompt.{name}"
