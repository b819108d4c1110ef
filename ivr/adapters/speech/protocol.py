"""The WebSocket protocol of vosk-server, as our recogniser process and its client speak it.

    client                                              server
    {"config": {"sample_rate": 8000, "words": true,
                "phrase_list": ["..."]}}
    sound: PCM, 16-bit little-endian, mono
                                                        {"partial": "..."}
                                                        {"result": [{"word", "start", "end", "conf"}], "text": "..."}
    {"eof" : 1}
                                                        {"result": [...], "text": "..."}, then the connection closes

With `max_alternatives` a finished piece is {"alternatives": [{"text", "confidence", "result": [...]}, ...]} instead.

A stock server answers every message. Ours does so too, unless the config carries `partial_seconds`, which a stock
server ignores: then partial texts come only when they change, and no oftener than once in so many seconds of sound,
because each of them costs as much as decoding the sound of 10 ms.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ivr.domain.turn import HeardWord

EOF = '{"eof" : 1}'
"""Exactly these bytes: a stock vosk-server compares the text, it does not parse it."""

LOAD_HEADER = "Ivr-Utterances"  # of our own server's handshake: how many it is hearing
MAX_MESSAGE_BYTES = 1 << 20
MAX_PHRASES = 2000
RATES_HZ = range(8000, 48001)


class ProtocolError(ValueError):
    """The other side sent what the protocol does not allow; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client wants of its utterance.

    Attributes:
        rate_hz: sample rate of the sound to come.
        phrases: what is likely to be said; empty: the whole vocabulary.
        words: times and confidence of each word are wanted.
        alternatives: this many readings, 0: only the best.
        partial_seconds: partial texts at most once in so much sound, 0: none; None: every message is answered.
    """

    rate_hz: int = 8000
    phrases: tuple[str, ...] = ()
    words: bool = True
    alternatives: int = 0
    partial_seconds: float | None = None

    def as_message(self) -> str:
        """The config message that says so."""
        config: dict[str, Any] = {"sample_rate": self.rate_hz, "words": self.words}
        if self.phrases:
            config["phrase_list"] = list(self.phrases)
        if self.alternatives:
            config["max_alternatives"] = self.alternatives
        if self.partial_seconds is not None:
            config["partial_seconds"] = self.partial_seconds
        return json.dumps({"config": config}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class End:
    """The utterance is over. After `reset` another one follows on the same connection."""

    reset: bool = False


def read_request(message: str) -> Ask | End:
    """What a client's text message asks for.

    Raises:
        ProtocolError: it is not of this protocol, or carries values the recogniser would break on.
    """
    try:
        fields = json.loads(message)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(fields, dict):
        raise ProtocolError("not a JSON object")
    if fields.get("eof"):
        return End()
    if fields.get("reset"):
        return End(reset=True)
    config = fields.get("config")
    if not isinstance(config, dict):
        raise ProtocolError("neither config, eof nor reset")
    return _read_config(config)


def _read_config(config: dict[str, Any]) -> Ask:
    try:
        rate_hz = int(float(config.get("sample_rate", 8000)))
        alternatives = int(config.get("max_alternatives", 0))
        partial_seconds = None if config.get("partial_seconds") is None else float(config["partial_seconds"])
    except (TypeError, ValueError, OverflowError) as error:
        raise ProtocolError("a number was expected in the config") from error
    phrases = config.get("phrase_list", [])
    if rate_hz not in RATES_HZ:
        raise ProtocolError("sample_rate must be 8000 to 48000")
    if not 0 <= alternatives <= 10:
        raise ProtocolError("max_alternatives must be 0 to 10")
    if not isinstance(phrases, list) or len(phrases) > MAX_PHRASES or not all(isinstance(p, str) for p in phrases):
        raise ProtocolError(f"phrase_list must be a list of at most {MAX_PHRASES} strings")
    return Ask(rate_hz, tuple(phrases), bool(config.get("words", False)), alternatives, partial_seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the server.

    Attributes:
        partial: the unfinished text; None in a finished one.
        text: the finished piece of text; None in a partial one.
        words: the words of the finished piece, times in seconds from the beginning of the utterance.
        alternatives: other readings of the piece; a server that was set up to give them gives no confidence of words.
    """

    partial: str | None = None
    text: str | None = None
    words: tuple[HeardWord, ...] = ()
    alternatives: tuple[str, ...] = ()


def read_answer(message: str | bytes) -> Answer:
    """What the server's message says.

    Raises:
        ProtocolError: it is not of this protocol.
    """
    try:
        fields = json.loads(message)
        if "partial" in fields:
            return Answer(partial=str(fields["partial"]))
        if "alternatives" in fields:
            best, *others = fields["alternatives"]
            texts = tuple(str(other["text"]).strip() for other in others)
            return Answer(text=str(best["text"]).strip(), words=_read_words(best.get("result", ())), alternatives=texts)
        return Answer(text=str(fields["text"]), words=_read_words(fields.get("result", ())))
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError("the recogniser's answer cannot be read") from error


def _read_words(found: Sequence[dict[str, Any]]) -> tuple[HeardWord, ...]:
    return tuple(
        HeardWord(str(w["word"]), float(w["start"]), float(w["end"]), float(w.get("conf", 1.0))) for w in found
    )
