"""What a telephone line does to sound, as the recipe imitates it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the recipe's packages are not installed: pip install '.[model]'")

from recipe import sound

RATE = 8000
CHANCE = np.random.default_rng(2)


def tone(hertz: float, amplitude: float = 8000) -> sound.Wave:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)


def quality_db(wave: sound.Wave, heard: sound.Wave) -> float:
    return float(20 * np.log10(sound.level(wave) / sound.level(heard - wave)))


@pytest.mark.parametrize("coded", [sound.alaw, sound.ulaw])
def test_g711_keeps_speech_within_its_known_quality(coded: object) -> None:
    wave = tone(440)
    heard = coded(wave)  # type: ignore[operator]
    assert 33 < quality_db(wave, heard) < 45
    assert len(np.unique(heard)) <= 256


def test_what_is_too_loud_for_g711_is_clipped() -> None:
    assert np.abs(sound.alaw(tone(440, 60000))).max() == 32256
    assert np.abs(sound.ulaw(tone(440, 60000))).max() == 32124


@pytest.mark.parametrize(("hertz", "passes"), [(50, False), (1000, True), (3900, False)])
def test_a_line_lets_the_voice_band_through(hertz: float, passes: bool) -> None:
    loss = sound.level(sound.band(tone(hertz), 300, 3400)) / sound.level(tone(hertz))
    assert (loss > 0.9) if passes else (loss < 0.35)


def test_lost_packets_repeat_the_sound_before() -> None:
    wave = CHANCE.normal(size=RATE)
    heard = sound.lossy(wave, 0.3, np.random.default_rng(3))
    changed = (heard.reshape(-1, 160) != wave.reshape(-1, 160)).any(axis=1)
    assert 5 < changed.sum() < 30
    first = int(np.argmax(changed))
    assert np.allclose(heard.reshape(-1, 160)[first], 0.6 * wave.reshape(-1, 160)[first - 1])


def test_noise_of_the_trials_is_as_loud_as_it_says() -> None:
    noise = sound.coloured_noise(RATE, 1.0, CHANCE)
    assert sound.level(noise) == pytest.approx(1.0, abs=0.01)


def test_an_augmented_utterance_keeps_its_speech_and_its_level_bounds() -> None:
    speech = (tone(300) * (np.arange(RATE) % 2000 < 1000)).astype(np.int16)
    for seed in range(20):
        heard = sound.augmented(speech, [speech], np.random.default_rng(seed))
        assert heard.dtype == np.int16
        assert 0.8 * RATE < len(heard) < 3 * RATE
        assert sound.level(heard.astype(float)) > 100


@pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed: apt-get install sox")
def test_gsm_keeps_the_length_and_the_tone() -> None:
    wave = tone(500)
    heard = sound.gsm(wave)
    assert len(heard) == len(wave)
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(int(spectrum.argmax()) - 500) <= 5
