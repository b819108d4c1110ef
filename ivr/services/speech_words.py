"""Words that the recogniser is taught: checked at once, the graph made anew in the background, undone in the settings'
history (clause 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.errors import RuleBroken
from ivr.language.local_words import WordKind, said_forms
from ivr.language.morphology import shared_morphology
from ivr.ports.house import HouseBook, SpeechModel, SpeechModels, Taught
from ivr.services.audit import AccessLog
from ivr.services.long_work import Work, Workshop

_AT_ONCE = 200
_BETWEEN = re.compile(r"[\s\-.,;]+")
STEPS = 3
"""Forms, graph, settings."""


@dataclass(frozen=True, slots=True)
class NewWords:
    """What somebody teaches."""

    words: tuple[str, ...]
    kind: WordKind


@dataclass(slots=True)
class SpeechWords:
    """The recogniser's words, for somebody who is signed in."""

    models: SpeechModels
    book: HouseBook
    workshop: Workshop
    log: AccessLog

    def model(self, actor: Actor) -> SpeechModel:
        """The model in use, whether it takes words, and which it has been taught.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.SPEECH)
        return self.models.now()

    async def teach(self, actor: Actor, text: str, kind: WordKind) -> Work:
        """Begin to teach words; the result is what was `Taught`. The recogniser starts anew with them by itself.

        Raises:
            Forbidden: not for this role.
            RuleBroken: the model takes no words, there is no word, or one cannot be spelled; too much waits.
        """
        actor.require(Deed.MANAGE, Thing.SPEECH)
        new = NewWords(_words(text, self.models.now()), kind)
        await self.log.note(
            actor, Deed.MANAGE, Thing.SPEECH, "", {"verb": "teach_speech", "words": str(len(new.words))}
        )
        return self.workshop.begin(actor, new, lambda work: self._make(work, new, actor.account.name), STEPS)

    async def work(self, actor: Actor, work: str) -> Work:
        """How far it is; `about` are the `NewWords`.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is none: it was forgotten, or is somebody else's.
        """
        actor.require(Deed.MANAGE, Thing.SPEECH)
        found = self.workshop.find(actor, work)
        if not isinstance(found.about, NewWords):
            raise RuleBroken("12", "these are no words", "unknown_work")
        return found

    def _make(self, work: Work, new: NewWords, by: str) -> Taught:
        forms: dict[str, str] = {}
        for word in new.words:
            for form, place in said_forms(word, new.kind, shared_morphology()).items():
                forms[form] = place or forms.get(form, "")
        letters = set(self.models.now().letters)
        work.progress(1)
        spelled = {form: place for form, place in forms.items() if set(form) <= letters}
        taught = self.models.add(dict.fromkeys(new.words, new.kind), spelled)
        work.progress(1)
        if taught.model:
            self.book.change(by, {"speech": {"model": taught.model}})
        work.progress(1)
        return taught


def _words(text: str, model: SpeechModel) -> tuple[str, ...]:
    """The words of a text, each once, as the model writes them.

    Raises:
        RuleBroken: the model takes none, there is none or too many, one cannot be spelled.
    """
    if not model.letters:
        raise RuleBroken("12", "this model takes no words", f"model_{model.why}", model=model.name)
    words: Sequence[str] = list(dict.fromkeys(word for word in _BETWEEN.split(text.lower()) if word))
    if not words:
        raise RuleBroken("12", "there is no word", "needs_word")
    if len(words) > _AT_ONCE:
        raise RuleBroken("12", "too many words at once", "too_many_words", most=_AT_ONCE)
    for word in words:
        if strange := sorted(set(word) - set(model.letters)):
            raise RuleBroken("12", f"{word!r} cannot be spelled", "cannot_spell", word=word, letters=" ".join(strange))
    return tuple(words)
