"""The recorded phrases on disk: texts in `config/prompts.ru.toml`, one WAV each in `audio/prompts/`.

The municipality's own voice lies in a folder of its own and hides the installer's recording of the same phrase. Another
municipality than the house's own may also have words and recordings from the installer: `TownVoice`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.files import wav
from ivr.adapters.files.tables import place_of, quoted, read_table
from ivr.adapters.files.versions import write_safely
from ivr.dialogue.prompts import BEEP, PHRASES, Prompts, SpokenPieces
from ivr.domain.phrase import Fault, Phrase
from ivr.errors import SettingsError
from ivr.hearing.frames import level_db
from ivr.ports import RATE_HZ, Prompt

Speak = Callable[[str], bytes]
"""A synthesizer: text in, PCM at 8,000 Hz out."""

_BEEP_HZ, _BEEP_SECONDS = 1000, 0.4
_TOO_QUIET_DB = -35.0
_TARGET_DB = -20.0
_PEAK = 0.7
_CLIPPED_SHARE = 0.001
_AUDIBLE = 0.01
_FADE_SECONDS = 0.008
_INDEX = "index.toml"
_FOR_ALL = 0o644
"""Who installs the phrases is not who runs the service."""


@dataclass(frozen=True, slots=True)
class TownVoice:
    """What one municipality says otherwise than the common voice.

    Attributes:
        texts: a file like `prompts.ru.toml` with these phrases alone; it need not be there.
        sounds: folder of their WAV files.
    """

    texts: Path
    sounds: Path

    def lay_over(self, phrases: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """All phrases, those of the municipality with its words.

        Raises:
            SettingsError: every mistake with its line: no such phrase, words that are the regulation's, no recording.
        """
        given = read_table(self.texts) if self.texts.exists() else {}
        mistakes = [
            f"{place_of(self.texts, name)}: {name}: only [phrases.*] can stand here"
            for name in given
            if name != "phrases"
        ]
        both = dict(phrases)
        for name, phrase in given.get("phrases", {}).items():
            where, said = f"{place_of(self.texts, 'phrases', name)}: phrases.{name}", phrase.get("text", "")
            if name not in phrases:
                mistakes.append(f"{where} is not a phrase of the assistant")
            elif set(phrase) != {"text"} or not isinstance(said, str) or not said.strip():
                mistakes.append(f"{where}: give its text, and nothing else")
            elif phrases[name].get("verbatim"):
                mistakes.append(f"{where}: the regulation gives these words, only the voice may be another")
            elif not (self.sounds / f"{name}.wav").exists():
                mistakes.append(f"{where}: record it: {self.sounds / name}.wav is missing")
            else:
                both[name] = {**phrases[name], "text": said}
        if mistakes:
            raise SettingsError(mistakes)
        return both


class PromptCatalog:
    """Texts and recordings of all phrases.

    Args:
        texts_file: `prompts.ru.toml`.
        sounds: folder of the WAV files.
        own: folder of the municipality's own ones.
        town: what lies between both for a municipality that is not the house's own.

    Raises:
        SettingsError: a texts file is wrong; all mistakes at once.
    """

    def __init__(self, texts_file: Path, sounds: Path, own: Path | None = None, town: TownVoice | None = None) -> None:
        self._sounds, self._own, self._town = sounds, own, town
        data = _read_texts(texts_file)
        self._phrases: Mapping[str, Mapping[str, Any]] = town.lay_over(data["phrases"]) if town else data["phrases"]
        self.pieces = SpokenPieces(**data["numbers"], **data["promise"])
        self.yes_no_phrases = tuple(data["confirmation"]["phrases"])
        said = {name: entry["says"] for name, entry in self._own_index().items() if "says" in entry}
        self.texts: Mapping[str, str] = {
            **{
                name: str(phrase["text"] if phrase.get("verbatim") else said.get(name, phrase["text"]))
                for name, phrase in self._phrases.items()
            },
            **self.pieces.texts(),
        }

    def phrases(self) -> list[Phrase]:
        """All phrases in the file's order, then the pieces that numbers and days are composed of."""
        own = self._own_index()
        known = {name: (str(entry.get("clause", "")), bool(entry.get("verbatim")))
                 for name, entry in self._phrases.items()}  # fmt: skip
        return [Phrase(name, text, *known.get(name, ("", False)), own=name in own) for name, text in self.texts.items()]

    @property
    def made_of(self) -> tuple[tuple[str, Path, float], ...]:
        """Words and files of all phrases; where two catalogues are made of the same, they sound the same."""
        paths = {name: self._path(name) for name in self.texts}
        return tuple((self.texts[name], path, path.stat().st_mtime) for name, path in paths.items() if path.exists())

    def load(self, like: Prompts | None = None) -> Prompts:
        """The assistant's voice.

        Args:
            like: another voice; what sounds and says the same is kept once.

        Raises:
            SettingsError: names every phrase that is missing or unreadable.
        """
        faults = [fault for fault in self.check() if fault.kind in ("missing", "unreadable", "rate")]
        if faults:
            raise SettingsError([f"{self._path(fault.name)}: {fault.kind} {fault.detail}".strip() for fault in faults])
        prompts = [
            *(Prompt(name, text, self.read(name)) for name, text in self.texts.items()),
            Prompt(BEEP, "", beep()),
        ]
        catalog = {prompt.name: like.known(prompt) if like else prompt for prompt in prompts}
        return Prompts(catalog, self.pieces.texts(), self.yes_no_phrases)

    def check(self) -> list[Fault]:
        """What is missing, not rendered since its text changed, unreadable, of a wrong rate, too quiet or clipped."""
        index = self._index()
        return [fault for name in self.texts if (fault := self._check_one(name, index))]

    def wanting(self) -> list[str]:
        """Phrases that a synthesizer has to render: missing, unreadable, or no longer saying their text."""
        return [fault.name for fault in self.check() if fault.kind in ("missing", "stale", "unreadable")]

    def render(self, name: str, speak: Speak, voice: str) -> None:
        """Make the recording of one phrase with a synthesizer."""
        self._keep(name, speak(self.text(name)), voice)

    def text(self, name: str) -> str:
        """What a phrase says.

        Raises:
            SettingsError: there is no such phrase.
        """
        if name not in self.texts:
            near = ", ".join(get_close_matches(name, self.texts)) or ", ".join(PHRASES)
            raise SettingsError(f"config/prompts.ru.toml: there is no phrase {name}; there are: {near}")
        return self.texts[name]

    def read(self, name: str) -> bytes:
        """The sound of a recorded phrase."""
        return wav.parse(self._path(name).read_bytes()).pcm

    def file(self, name: str, *, installed: bool = False) -> bytes:
        """Its WAV file; the installer's, or the one that is heard.

        Raises:
            SettingsError: there is no such phrase, or it was never recorded.
        """
        self.text(name)
        path = self._installed(name) if installed else self._path(name)
        try:
            return path.read_bytes()
        except OSError as fault:
            raise SettingsError(f"{path}: {fault.strerror}") from fault

    def keep_recording(self, name: str, pcm: bytes, says: str = "") -> bytes:
        """Put the municipality's own voice in place of a phrase; the file as it is kept.

        Args:
            says: its words where they are not those of the texts file.

        Raises:
            SettingsError: there is no such phrase.
        """
        self.text(name)
        content = wav.write(polish(pcm), RATE_HZ)
        self.put_back(name, content, says)
        return content

    def put_back(self, name: str, content: bytes, says: str = "") -> None:
        """Put a file that was kept before in place of a phrase."""
        folder = self._own or self._sounds
        phrase = self._phrases.get(name, {})
        words = says if says and says != phrase.get("text") and not phrase.get("verbatim") else ""
        entry = {"text": _digest(words or str(phrase.get("text", self.texts[name]))), "voice": "own"}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_safely(folder / f"{name}.wav", content, _FOR_ALL)
        index = _read_index(folder) | {name: entry | ({"says": words} if words else {})}
        _write_index(folder, index)

    def forget_own(self, name: str) -> None:
        """The installer's voice is heard again; harmless where it is heard already."""
        if self._own and name in self._own_index():
            _write_index(self._own, {known: entry for known, entry in self._own_index().items() if known != name})
            (self._own / f"{name}.wav").unlink(missing_ok=True)

    def _keep(self, name: str, pcm: bytes, voice: str) -> None:
        self._sounds.mkdir(parents=True, exist_ok=True)
        write_safely(self._sounds / f"{name}.wav", wav.write(polish(pcm), RATE_HZ), _FOR_ALL)
        index = _read_index(self._sounds) | {name: {"text": _digest(self.texts[name]), "voice": voice}}
        _write_index(self._sounds, index)

    def _path(self, name: str) -> Path:
        own = self._own / f"{name}.wav" if self._own else None
        return own if own and name in self._own_index() else self._installed(name)

    def _installed(self, name: str) -> Path:
        of_town = self._town.sounds / f"{name}.wav" if self._town else None
        return of_town if of_town and of_town.exists() else self._sounds / f"{name}.wav"

    def _own_index(self) -> dict[str, dict[str, str]]:
        return _read_index(self._own) if self._own else {}

    def _check_one(self, name: str, index: Mapping[str, Mapping[str, str]]) -> Fault | None:
        if not self._path(name).exists():
            return Fault(name, "missing")
        try:
            sound = wav.parse(self._path(name).read_bytes())
        except (ValueError, OSError) as fault:
            return Fault(name, "unreadable", str(fault))
        if (sound.rate_hz, sound.channels, sound.bits) != (RATE_HZ, 1, 16):
            return Fault(name, "rate", f"{sound.rate_hz} Hz, {sound.channels}, {sound.bits}")
        if index.get(name, {}).get("text") != _digest(self.texts[name]):
            return Fault(name, "stale")
        samples = np.frombuffer(sound.pcm, "<i2")
        if level_db(sound.pcm) < _TOO_QUIET_DB:
            return Fault(name, "quiet", f"{level_db(sound.pcm):.0f} dB")
        if np.mean(np.abs(samples.astype(np.int32)) >= 32767) > _CLIPPED_SHARE:
            return Fault(name, "clipped")
        return None

    def _index(self) -> dict[str, dict[str, str]]:
        return _read_index(self._sounds) | self._town_index() | self._own_index()

    def _town_index(self) -> dict[str, dict[str, str]]:
        """A recording that was put there by hand is taken at its word."""
        if self._town is None:
            return {}
        by_hand = {
            path.stem: {"text": _digest(self.texts.get(path.stem, ""))} for path in self._town.sounds.glob("*.wav")
        }
        return by_hand | _read_index(self._town.sounds)


def _read_index(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / _INDEX
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def _write_index(folder: Path, index: Mapping[str, Mapping[str, str]]) -> None:
    lines = [
        f"{name} = {{ {', '.join(f'{key} = {quoted(value)}' for key, value in entry.items())} }}"
        for name, entry in sorted(index.items())
    ]
    write_safely(folder / _INDEX, ("\n".join(lines) + "\n").encode(), _FOR_ALL)


def beep() -> bytes:
    """The signal after which the caller speaks: 1,000 Hz, 0.4 s, with soft edges."""
    time = np.arange(round(_BEEP_SECONDS * RATE_HZ)) / RATE_HZ
    return _faded(0.3 * np.sin(2 * np.pi * _BEEP_HZ * time))


def polish(pcm: bytes) -> bytes:
    """A phrase made ready: silence cut off at both ends, one loudness, soft edges, so that pieces join unheard."""
    sound = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64) / 32768
    loud = np.flatnonzero(np.abs(sound) > _AUDIBLE)
    if not loud.size:
        return pcm
    sound = sound[max(loud[0] - 160, 0) : loud[-1] + 320]
    gain = 10 ** (_TARGET_DB / 20) / max(np.sqrt(np.mean(sound**2)), 1e-6)
    return _faded(sound * min(gain, _PEAK / np.abs(sound).max()))


def _faded(sound: Any) -> bytes:
    edge = min(round(_FADE_SECONDS * RATE_HZ), len(sound) // 2)
    ramp = np.linspace(0, 1, edge)
    sound = sound.copy()
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    return np.round(sound * 32767).astype("<i2").tobytes()  # type: ignore[no-any-return]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_TABLES = {
    "numbers": {"units": 10, "teens": 10, "tens": 8, "hundreds": 9},
    "promise": {"weekdays": 7, "days": 31, "months": 12},
}


def _read_texts(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SettingsError(f"{path}: {fault}") from fault
    phrases = data.get("phrases", {})
    mistakes = [f"{path}: phrases.{name} is missing" for name in PHRASES if not phrases.get(name, {}).get("text")]
    mistakes += [f"{path}: phrases.{name} is not a phrase of the assistant" for name in phrases if name not in PHRASES]
    for table, rows in _TABLES.items():
        given = data.get(table, {})
        mistakes += [
            f"{path}: {table}.{key} must have {size} words"
            for key, size in rows.items()
            if len(given.get(key, ())) != size
        ]
    if not data.get("confirmation", {}).get("phrases"):
        mistakes.append(f"{path}: confirmation.phrases is missing")
    if mistakes:
        raise SettingsError(mistakes)
    return data
