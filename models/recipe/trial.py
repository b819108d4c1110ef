"""Sound for the trials: what `ivr evaluate --audio` measures the model on. Voices seen in training, and unseen ones.

Every set is a directory of WAV files with `transcripts.jsonl`; all but the noises went through the telephone line of
recipe.sound (300-3400 Hz, pink noise at 15 dB, A-law).
"""

from __future__ import annotations

import gzip
import json
import random
import re
import wave
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recipe.numbers import telephone as telephone_number
from recipe.sentences import Caller, templates
from recipe.sound import Wave, as_sound, coloured_noise, telephone
from recipe.voices import (
    ESPEAK,
    FREE_RHVOICE,
    PROMPTS,
    RATE,
    UNSEEN_FESTIVAL,
    UNSEEN_RHVOICE,
    Manner,
    Sound,
    free_manner,
    speak,
)
from recipe.words import lines

SEEN = [Manner("rhvoice", voice) for voice in FREE_RHVOICE] + [Manner("espeak", ESPEAK[0])]
UNSEEN = [Manner("rhvoice", voice) for voice in UNSEEN_RHVOICE] + [Manner("festival", UNSEEN_FESTIVAL)]
_PROMPT_TEXTS = Path("/usr/share/doc/asterisk-core-sounds-ru/core-sounds-ru.txt.gz")
_NOISE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Saying:
    """A text of a trial and what shall be understood of it (keys as in transcripts.jsonl)."""

    text: str
    expected: dict[str, str] = field(default_factory=dict)


def phones(count: int, seed: int) -> list[Saying]:
    """Telephone numbers in free groupings."""
    chance = random.Random(f"phones {seed}")
    said = []
    for _ in range(count):
        text, number = telephone_number(chance)
        lead = chance.choice(("", "мой номер ", "телефон ", "запишите "))
        said.append(Saying(lead + text, {"phone": number, "asked": "phone"}))
    return said


def names(count: int, seed: int) -> list[Saying]:
    """Surname, name and patronymic, of the lists."""
    caller = Caller(10_000 + seed)
    said = []
    for _ in range(count):
        person = caller.full_name()
        expected = dict(zip(("surname", "name", "patronymic"), person, strict=True)) | {"asked": "name"}
        said.append(Saying(caller.chance.choice(("", "меня зовут ", "это ", "")) + " ".join(person), expected))
    return said


def from_templates(count: int, seed: int) -> list[Saying]:
    """Messages of templates that the language model has not seen."""
    caller = Caller(20_000 + seed)
    matters = templates("matters", "trial-templates.txt")
    return [Saying(caller.grown("{hello} " + matters[n % len(matters)])) for n in range(count)]


def freely(_count: int, _seed: int) -> list[Saying]:
    """The messages written freely."""
    return [Saying(line) for line in lines("trial-free.txt")]


def development(_count: int, _seed: int) -> list[Saying]:
    """Free messages, names and numbers for the choice of the decoder's settings; never reported."""
    return [Saying(line) for line in lines("development.txt")] + names(20, 77) + phones(15, 77)


SETS: dict[str, tuple[Callable[[int, int], list[Saying]], int]] = {
    "phones": (phones, 150),
    "names": (names, 200),
    "templates": (from_templates, 118),
    "free": (freely, 0),
}


def speak_sets(directory: Path, workers: int = 2) -> list[Path]:
    """All sets with seen and unseen voices, and the noises; those on disk are kept."""
    jobs = [(name, kind, directory / f"{name}-{kind}") for name in SETS for kind in ("seen", "unseen")]
    with ProcessPoolExecutor(workers) as pool:
        made = list(pool.map(_speak_set, jobs))
    return [*made, _human(directory / "human"), _noises(directory / "noises")]


def speak_development(directory: Path) -> Path:
    """The development set, by the free voices in manners of their own: other voices are left unseen."""
    chance, noise = random.Random(3), np.random.default_rng(3)
    sayings = development(0, 0)
    sounds = (telephone(speak(one.text, free_manner(chance, "rhvoice")), noise) for one in sayings)
    rows = [{"file": f"{n:03}.wav", "text": one.text, **one.expected} for n, one in enumerate(sayings)]
    return _write_set(directory, rows, sounds)


def _speak_set(job: tuple[str, str, Path]) -> Path:
    name, kind, directory = job
    make, count = SETS[name]
    voices = SEEN if kind == "seen" else UNSEEN
    seed = len(voices)
    chance = np.random.default_rng([seed, *name.encode()])
    sayings = make(count, seed)
    heard = (telephone(speak(one.text, voices[n % len(voices)]), chance) for n, one in enumerate(sayings))
    rows = [
        {"file": f"{n:03}.wav", "text": one.text, "voice": voices[n % len(voices)].voice, **one.expected}
        for n, one in enumerate(sayings)
    ]
    return _write_set(directory, rows, heard)


def _write_set(directory: Path, rows: Sequence[dict[str, str]], sounds: object) -> Path:
    listing = directory / "transcripts.jsonl"
    if listing.exists():
        return directory
    directory.mkdir(parents=True, exist_ok=True)
    for row, sound in zip(rows, sounds, strict=True):  # type: ignore[call-overload]
        write_wav(directory / row["file"], sound)
    listing.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return directory


def write_wav(path: Path, sound: Sound) -> None:
    """8 kHz, 16 bits, mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())


def prompts() -> dict[str, str]:
    """What the prompts of Asterisk say, of three words and more, by name; those with digits or Latin letters not."""
    found = {}
    with gzip.open(_PROMPT_TEXTS, "rt", encoding="utf-8") as texts:
        for line in texts:
            name, _, text = line.partition(":")
            words = re.findall("[а-яё]+", text.lower())
            if len(words) > 2 and not re.search(r"[\d\[A-Za-z]", text):
                found[name] = " ".join(words)
    return found


def _human(directory: Path) -> Path:
    """The only human being: who speaks the prompts of Asterisk (CC BY 3.0), through the same line."""
    chance, said = np.random.default_rng(4), prompts()
    sounds = (telephone(read_wav(PROMPTS / f"{name}.wav"), chance) for name in said)
    rows = [{"file": f"{n:03}.wav", "text": text, "voice": "ivrvoice.ru"} for n, text in enumerate(said.values())]
    return _write_set(directory, rows, sounds)


def read_wav(path: Path) -> Sound:
    """Samples of a file of 8 kHz, 16 bits, mono."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def _noises(directory: Path) -> Path:
    """A minute each of silence, noise, tones and music: nothing shall be heard in them."""
    chance = np.random.default_rng(1)
    samples = RATE * _NOISE_SECONDS
    time = np.arange(samples) / RATE
    sounds = {
        "silence": np.zeros(samples),
        "line": coloured_noise(samples, 0, chance) * 10,
        "white": coloured_noise(samples, 0, chance) * 1500,
        "pink": coloured_noise(samples, 1, chance) * 1500,
        "street": coloured_noise(samples, 1.8, chance) * 3000,
        "dial": _tone(time, 425) * 6000,
        "busy": _tone(time, 425) * 6000 * (time % 0.7 < 0.35),
        "keys": (_tone(time, 697) + _tone(time, 1209)) * 4000 * (time % 0.5 < 0.12),
        "fax": _tone(time, 1100) * 6000 * (time % 3.5 < 0.5),
        "hum": sum(_tone(time, 50 * n) / n for n in range(1, 8)) * 2000,
        "melody": _melody(time, chance, 1) * 5000,
        "chords": _melody(time, chance, 3) * 3000,
    }
    rows = [{"file": f"{name}.wav", "text": ""} for name in sounds]
    return _write_set(directory, rows, [as_sound(np.asarray(sound)) for sound in sounds.values()])


def _tone(time: Wave, hertz: float) -> Wave:
    wave_: Wave = np.sin(2 * np.pi * hertz * time)
    return wave_


def _melody(time: Wave, chance: np.random.Generator, voices: int) -> Wave:
    """Notes of a scale, each dying away, with overtones."""
    total = np.zeros(len(time))
    note_seconds = 0.4
    step = int(RATE * note_seconds)
    for _ in range(voices):
        for start in range(0, len(time) - step, step):
            hertz = 220 * 2 ** (chance.choice([0, 2, 4, 5, 7, 9, 11, 12, 14]) / 12)
            local = time[:step]
            tones = sum(_tone(local, hertz * n) / n for n in range(1, 5))
            total[start : start + step] += np.exp(-4 * local) * tones
    return total
