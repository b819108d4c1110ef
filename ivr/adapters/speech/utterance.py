"""One utterance being decoded by Vosk, in whatever thread gives it sound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ivr.adapters.speech.protocol import Ask

_NOTHING = '"text" : ""'
_UNKNOWN = "[unk]"


class Utterance:
    """Sound in, the server's messages out, as Vosk writes them. One thread at a time."""

    def __init__(self, model: Any, ask: Ask) -> None:
        from vosk import KaldiRecognizer

        grammar, self.unknown_words = narrow(ask.phrases, lambda word: model.vosk_model_find_word(word) >= 0)
        extra = (json.dumps(grammar, ensure_ascii=False),) if grammar else ()
        self._recogniser = KaldiRecognizer(model, float(ask.rate_hz), *extra)
        self._recogniser.SetWords(ask.words)
        self._recogniser.SetMaxAlternatives(ask.alternatives)
        self._every = None if ask.partial_seconds is None else int(ask.partial_seconds * ask.rate_hz) * 2
        self._since = 0
        self._partial = ""
        self._odd = b""

    def hear(self, pcm: bytes) -> str | None:
        """Decode sound; a message to send, if there is one.

        A client that asked for `partial_seconds` gets partial texts that differ and pieces that say something; another
        one gets an answer each time.
        """
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        pcm, self._odd = pcm[:whole], pcm[whole:]
        ended = bool(pcm) and bool(self._recogniser.AcceptWaveform(pcm))
        if self._every is None:
            return str(self._recogniser.Result() if ended else self._recogniser.PartialResult())
        self._since += whole
        if ended:
            self._since, self._partial = 0, ""
            piece = str(self._recogniser.Result())
            return None if _NOTHING in piece else piece
        return self._changed_partial()

    def _changed_partial(self) -> str | None:
        if not self._every or self._since < self._every:
            return None
        self._since = 0
        partial = str(self._recogniser.PartialResult())
        if partial == self._partial:
            return None
        self._partial = partial
        return partial

    def end(self) -> str:
        """The last piece of text."""
        return str(self._recogniser.FinalResult())


def narrow(phrases: Iterable[str], known: Callable[[str], bool]) -> tuple[list[str], int]:
    """Phrases as Vosk takes them, words that the model does not have left out, and how many those were.

    "[unk]" stands for all other speech: without it Vosk writes a listed phrase whatever is said. It is left out only
    when the model has no such word. When no phrase is left, the list is empty: the whole vocabulary is open.
    """
    unknown: set[str] = set()
    kept: dict[str, None] = {}
    for phrase in phrases:
        words = [word for word in phrase.lower().split() if word != _UNKNOWN]
        spoken = [spelling for word in words if (spelling := _spelling(word, known))]
        unknown.update(word for word in words if not _spelling(word, known))
        if spoken:
            kept[" ".join(spoken)] = None
    if kept and known(_UNKNOWN):
        kept[_UNKNOWN] = None
    return list(kept), len(unknown)


def _spelling(word: str, known: Callable[[str], bool]) -> str:
    """The word as the model spells it (models write the letter yo or leave its dots out), or ""."""
    return next((spelling for spelling in (word, word.replace("\u0451", "\u0435")) if known(spelling)), "")
