"""Other voices and lines, made out of cepstra while the network is trained."""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe's packages are not installed: pip install '.[model]'")
pytest.importorskip("kaldi_native_fbank", reason="the recipe's packages are not installed: pip install '.[model]'")

import kaldi_native_fbank as knf
import torch
from recipe import disturb, features

RATE = 8000


def a_tone(hertz: float) -> np.ndarray:
    return (6000 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.int16)


def bands_of(sound: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(features.cepstra(sound)) @ disturb.TO_BANDS


def test_cepstra_turned_back_are_the_bands_of_kaldi() -> None:
    sound = (np.random.default_rng(1).normal(size=RATE) * 1000).astype(np.int16)
    options = knf.FbankOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither, options.use_energy = RATE, 0, False
    options.mel_opts.num_bins = features.DIMENSION
    options.mel_opts.low_freq, options.mel_opts.high_freq = features.LOW_HZ, features.HIGH_HZ
    computer = knf.OnlineFbank(options)
    computer.accept_waveform(RATE, sound.astype(np.float32))
    computer.input_finished()
    known = np.stack([computer.get_frame(n) for n in range(computer.num_frames_ready)])
    assert np.allclose(bands_of(sound).numpy(), known, atol=1e-3)


@pytest.mark.parametrize(("throat", "hertz"), [(1.0, 1000), (1.2, 1000 / 1.2), (0.82, 1000 / 0.82)])
def test_a_longer_vocal_tract_sounds_deeper(throat: float, hertz: float) -> None:
    heard = (bands_of(a_tone(1000)) @ disturb.warps(torch.tensor([throat]))[0]).mean(0)
    wanted = bands_of(a_tone(hertz)).mean(0)
    assert abs(int(heard.argmax()) - int(wanted.argmax())) <= 1


def test_an_utterance_is_never_the_same_twice_and_keeps_its_frames() -> None:
    rows = torch.from_numpy(features.cepstra(a_tone(700))).repeat(3, 1, 1)
    lengths = torch.tensor([rows.shape[1] // 3] * 3)
    once, again = (disturb.disturbed(rows, lengths, 0, random.Random(seed)) for seed in (1, 2))
    assert once.shape == rows.shape
    assert torch.isfinite(once).all()
    assert not torch.allclose(once, again)
    assert not torch.allclose(once[0], once[1])


def test_a_hurried_utterance_begins_and_ends_as_the_quiet_one() -> None:
    rows = np.random.default_rng(2).normal(size=(100, 40)).astype(np.float16)
    for seed in range(20):
        heard = disturb.hurried(rows, random.Random(seed))
        assert 87 <= len(heard) <= 115
        assert np.array_equal(heard[[0, -1]], rows[[0, -1]].astype(np.float32))
