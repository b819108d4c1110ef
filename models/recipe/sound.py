"""What a telephone line and a room do to speech: the augmentation of the training and the conditions of the trials."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from recipe.voices import RATE, Sound

Wave = npt.NDArray[np.float64]
_GSM = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]


def level(wave: Wave) -> float:
    """Root of the mean square, never zero."""
    return float(np.sqrt(np.mean(wave * wave) + 1e-9))


def coloured_noise(samples: int, slope: float, chance: np.random.Generator) -> Wave:
    """Noise whose power falls as frequency to the power of `slope` (0 white, 1 pink), at level 1."""
    spectrum = np.fft.rfft(chance.normal(size=samples))
    frequency = np.maximum(np.arange(len(spectrum)), 1)
    noise: Wave = np.fft.irfft(spectrum / frequency ** (slope / 2), samples)
    return noise / level(noise)


def band(wave: Wave, low_hz: float, high_hz: float, order: int = 2) -> Wave:
    """What passes a line between two frequencies."""
    passed: Wave = sosfilt(butter(order, [low_hz, high_hz], "band", fs=RATE, output="sos"), wave)
    return passed


def _alaw_levels() -> Wave:
    code = np.arange(128)
    exponent, mantissa = code >> 4, code & 15
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.sort(np.concatenate([magnitude, -magnitude])).astype(float)


def _ulaw_levels() -> Wave:
    code = np.arange(128)
    magnitude = ((((code & 15) << 3) + 0x84) << (code >> 4)) - 0x84
    return np.sort(np.concatenate([magnitude, -magnitude])).astype(float)


_ALAW, _ULAW = _alaw_levels(), _ulaw_levels()


def _quantised(wave: Wave, levels: Wave) -> Wave:
    middle = (levels[1:] + levels[:-1]) / 2
    return levels[np.searchsorted(middle, np.clip(wave, -32768, 32767))]


def alaw(wave: Wave) -> Wave:
    """A round trip through G.711 A-law."""
    return _quantised(wave, _ALAW)


def ulaw(wave: Wave) -> Wave:
    """A round trip through G.711 mu-law."""
    return _quantised(wave, _ULAW)


def gsm(wave: Wave) -> Wave:
    """A round trip through GSM 06.10 full rate, by sox."""
    raw = np.clip(np.round(wave), -32768, 32767).astype("<i2").tobytes()
    coded = subprocess.run(["sox", *_GSM, "-t", "gsm", "-"], input=raw, capture_output=True, check=True).stdout
    decoded = subprocess.run(
        ["sox", "-t", "gsm", "-r", str(RATE), "-c", "1", "-", *_GSM], input=coded, capture_output=True, check=True
    ).stdout
    heard = np.frombuffer(decoded, "<i2").astype(float)
    return np.pad(heard, (0, max(0, len(wave) - len(heard))))[: len(wave)]


def lossy(wave: Wave, share: float, chance: np.random.Generator) -> Wave:
    """Packets of 20 ms lost; the one before is heard again, fading."""
    heard = wave.copy()
    packet = RATE // 50
    for start in range(packet, len(heard) - packet, packet):
        if chance.random() < share:
            heard[start : start + packet] = heard[start - packet : start] * 0.6
    return heard


def telephone(sound: Sound, chance: np.random.Generator, noise_db: float | None = 15.0) -> Sound:
    """The line of the trials: 300-3400 Hz, pink noise so many dB below the voice (None: no noise), A-law."""
    wave = sound.astype(float)
    if noise_db is not None:
        wave = wave + coloured_noise(len(wave), 1.0, chance) * level(wave) * 10 ** (-noise_db / 20)
    wave = band(wave, 300, 3400)
    return as_sound(alaw(wave / level(wave) * 32768 * 10 ** (-24 / 20)))


def as_sound(wave: Wave) -> Sound:
    """Rounded and clipped to 16 bits."""
    return np.clip(np.round(wave), -32768, 32767).astype(np.int16)


def _room(wave: Wave, chance: np.random.Generator) -> Wave:
    length = int(RATE * chance.uniform(0.05, 0.3))
    echo = chance.normal(size=length) * np.exp(-np.arange(length) / (length / 5.0))
    echo *= chance.uniform(0.1, 0.5) / np.sqrt((echo * echo).sum())
    echo[0] = 1
    heard: Wave = fftconvolve(wave, echo)[: len(wave)]
    return heard


def _background(samples: int, others: Sequence[Sound], chance: np.random.Generator) -> Wave:
    kind = chance.random()
    if kind < 0.6:
        return coloured_noise(samples, chance.uniform(0, 1.8), chance)
    if kind < 0.72:
        time = np.arange(samples) / RATE
        hum = [np.sin(2 * np.pi * 50 * n * time + chance.uniform(0, 6)) * chance.uniform(0, 1) for n in range(1, 8)]
        noise: Wave = np.sum(hum, axis=0)
    else:
        noise = np.zeros(samples)
        for _ in range(chance.integers(2, 6)):
            voice = others[chance.integers(len(others))].astype(float)
            noise += np.roll(np.resize(voice / level(voice), samples), chance.integers(samples))
        noise *= 0.63
    return noise / level(noise)


def augmented(sound: Sound, others: Sequence[Sound], chance: np.random.Generator) -> Sound:
    """The utterance as some telephone might bring it; `others` make the babble behind it."""
    wave = sound.astype(float)
    if chance.random() < 0.85:
        wave = resample_poly(wave, 100, round(100 * chance.uniform(0.8, 1.22)))
    if chance.random() < 0.35:
        wave = _room(wave, chance)
    wave = wave / level(wave)
    lead, tail = (int(RATE * chance.uniform(0, 0.7)), int(RATE * chance.uniform(0.1, 0.8)))
    wave = np.pad(wave, (lead, tail))
    if chance.random() < 0.8:
        wave = wave + _background(len(wave), others, chance) * 10 ** (-chance.uniform(6, 35) / 20)
    if chance.random() < 0.65:
        wave = band(wave, chance.uniform(80, 330), chance.uniform(3000, 3800), int(chance.integers(1, 4)))
    if chance.random() < 0.05:
        wave = np.clip(wave, -1.5, 1.5)
    wave = wave / level(wave) * 10 ** (chance.uniform(-38, -14) / 20) * 32768
    return as_sound(_coded(wave, chance))


def _coded(wave: Wave, chance: np.random.Generator) -> Wave:
    kind = chance.random()
    if kind < 0.4:
        wave = alaw(wave)
    elif kind < 0.62:
        wave = ulaw(wave)
    elif kind < 0.70:
        wave = gsm(wave)
    return lossy(wave, chance.uniform(0.005, 0.04), chance) if chance.random() < 0.12 else wave
