"""The spoken corpus on disk: shards of sounds with their texts, made once, resumed where an interruption left them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from recipe.progress import tracked
from recipe.speech_text import Reader
from recipe.voices import Manner, Sound, free_manner, punctuated, speak

UTTERANCES_A_SHARD = 150


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text and its sound at 8 kHz."""

    text: str
    sound: Sound
    manner: Manner


def write(path: Path, utterances: Sequence[Utterance]) -> None:
    """One shard, whole or not at all."""
    half = path.with_suffix(".part.npz")
    np.savez(
        half,
        sound=np.concatenate([one.sound for one in utterances]),
        lengths=np.array([len(one.sound) for one in utterances]),
        texts=np.array([one.text for one in utterances]),
        manners=np.array([f"{one.manner.engine} {one.manner.voice}" for one in utterances]),
    )
    half.replace(path)


def read(path: Path) -> list[Utterance]:
    """The utterances of a shard."""
    with np.load(path) as shard:
        ends = np.cumsum(shard["lengths"])
        sounds = np.split(shard["sound"], ends[:-1])
        return [
            Utterance(str(text), sound, Manner(*str(manner).split()))
            for text, sound, manner in zip(shard["texts"], sounds, shard["manners"], strict=True)
        ]


def speak_shard(path: Path, engine: str, number: int, sentences: Sequence[str]) -> Path:
    """Reads 150 texts aloud with the free voices of an engine."""
    chance, reader = random.Random(f"{engine} {number}"), Reader(f"text {engine} {number}", sentences)
    spoken = []
    for _ in range(UTTERANCES_A_SHARD):
        text, manner = reader.text(), free_manner(chance, engine)
        spoken.append(Utterance(text, speak(punctuated(text, chance), manner), manner))
    write(path, spoken)
    return path


def speak_all(directory: Path, shards: dict[str, int], sentences: Sequence[str], workers: int) -> list[Path]:
    """All shards: so many of each engine; those on disk are kept."""
    directory.mkdir(parents=True, exist_ok=True)
    plan = {
        directory / f"{engine}-{number:03}.npz": (engine, number)
        for engine, count in shards.items()
        for number in range(count)
    }
    missing = [(path, *what) for path, what in plan.items() if not path.exists()]
    with ProcessPoolExecutor(workers) as pool:
        spoken = pool.map(partial(_speak_one, sentences), missing)
        for _ in tracked(spoken, "speaking (shards of 150)", len(missing)):
            pass
    return list(plan)


def _speak_one(sentences: Sequence[str], job: tuple[Path, str, int]) -> Path:
    return speak_shard(*job, sentences)
