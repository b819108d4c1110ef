"""What is not speech: silence, noise, hum, tones, melodies; learned with no text, so that nothing is heard in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from recipe.features import cepstra
from recipe.sound import Wave, alaw, as_sound, band, coloured_noise, level, ulaw
from recipe.voices import RATE

PIECES_A_COPY = 250
_KEYS_LOW, _KEYS_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)


def piece(chance: np.random.Generator) -> Wave:
    """1.5 to 7 seconds without a word, as a line might bring them."""
    samples = int(RATE * chance.uniform(1.5, 7))
    wave = _KINDS[chance.integers(len(_KINDS))](samples, chance)
    wave = wave / level(wave) * 10 ** (chance.uniform(-70, -12) / 20) * 32768
    if chance.random() < 0.4:
        wave = wave + coloured_noise(samples, chance.uniform(0, 1.8), chance) * 10 ** (chance.uniform(0, 2.5))
    if chance.random() < 0.5:
        wave = band(wave, chance.uniform(80, 330), chance.uniform(3000, 3800))
    return (alaw, ulaw, np.round)[chance.integers(3)](wave) if chance.random() < 0.95 else np.zeros(samples)


def make_quiet_copy(path: Path, seed: int) -> Path:
    """A copy of features as `features.make_copy` writes it, of pieces without text."""
    if path.exists():
        return path
    chance = np.random.default_rng(seed)
    made = [cepstra(as_sound(piece(chance))).astype(np.float16) for _ in range(PIECES_A_COPY)]
    half = path.with_suffix(".part.npz")
    ends = np.cumsum([len(rows) for rows in made])
    np.savez(half, rows=np.concatenate(made), ends=ends, texts=np.array([""] * len(made)))
    half.replace(path)
    return path


def _noise(samples: int, chance: np.random.Generator) -> Wave:
    noise = coloured_noise(samples, chance.uniform(0, 2.2), chance)
    if chance.random() < 0.5:  # it swells and falls, as traffic does
        steps = np.arange(0, samples + RATE, RATE // 4)
        noise = noise * np.exp(np.interp(np.arange(samples), steps, chance.normal(0, 0.8, len(steps))))
    return noise


def _sine(samples: int, hertz: float) -> Wave:
    wave: Wave = np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)
    return wave


def _hum(samples: int, chance: np.random.Generator) -> Wave:
    base = chance.uniform(45, 130)
    parts = [_sine(samples, base * n) * chance.uniform(0, 1) / n for n in range(1, 12)]
    total: Wave = np.sum(parts, axis=0)
    return total


def _gated(wave: Wave, chance: np.random.Generator) -> Wave:
    seconds = np.arange(len(wave)) / RATE
    period = chance.uniform(0.15, 4.0)
    gate: Wave = np.asarray(seconds % period < period * chance.uniform(0.2, 1.0), float)
    return wave * gate


def _tones(samples: int, chance: np.random.Generator) -> Wave:
    wave = np.zeros(samples)
    for _ in range(chance.integers(1, 4)):
        wave += _sine(samples, chance.uniform(200, 3000))
    return _gated(wave, chance)


def _keys(samples: int, chance: np.random.Generator) -> Wave:
    wave, at = np.zeros(samples), 0
    while at < samples:
        length, pause = (int(RATE * chance.uniform(0.05, 0.4)) for _ in range(2))
        low, high = chance.choice(_KEYS_LOW), chance.choice(_KEYS_HIGH)
        wave[at : at + length] += (_sine(length, low) + _sine(length, high))[: samples - at]
        at += length + pause
    return wave


def _melody(samples: int, chance: np.random.Generator) -> Wave:
    wave = np.zeros(samples)
    for _ in range(chance.integers(1, 4)):
        step = int(RATE * chance.uniform(0.1, 0.8))
        base, decay = chance.uniform(90, 500), chance.uniform(0, 8)
        for at in range(0, samples - step, step):
            hertz = base * 2 ** (chance.integers(0, 20) / 12)
            note = sum(_sine(step, hertz * n) / n for n in range(1, int(chance.integers(2, 8))))
            wave[at : at + step] += np.exp(-decay * np.arange(step) / RATE) * note
    return wave


def _knocks(samples: int, chance: np.random.Generator) -> Wave:
    wave = coloured_noise(samples, 1.0, chance) * 0.02
    for _ in range(chance.integers(1, 12)):
        length = int(RATE * chance.uniform(0.01, 0.3))
        at = int(chance.integers(0, max(1, samples - length)))
        burst = coloured_noise(length, chance.uniform(0, 2), chance) * np.exp(-np.arange(length) / (length / 4))
        wave[at : at + length] += burst * chance.uniform(0.3, 3)
    return wave


_KINDS: tuple[Callable[[int, np.random.Generator], Wave], ...] = (_noise, _noise, _hum, _tones, _keys, _melody, _knocks)
