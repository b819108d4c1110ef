"""Other throats, lines and noises, made out of cepstra during the training: nothing is heard twice alike.

Forty cepstra of forty bands lose nothing, so they are turned back into the logarithms of the bands' energies, changed
there (vocal tract length perturbation, noise, masked bands, after SpecAugment) and turned into cepstra again.
"""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt
import torch

from recipe.features import DIMENSION, HIGH_HZ, LOW_HZ

_LIFTER = 22.0  # Kaldi's
_OTHER, _THROATS = 0.7, (0.84, 1.18)  # share of utterances with another vocal tract; its length beside the speaker's
_BEND_HZ = 2600.0  # above it frequencies are squeezed so that the highest stays where it is
_TEMPI = 0.87, 1.15
_NOISY, _NEPERS_BELOW = 0.4, (1.0, 6.0)
_MASKED, _WIDEST_MASK = 0.5, 8
_LONGEST_GAP = 12
_CHANNEL = torch.tensor([4.0, 3.0, 2.5, 2.0, 1.5, 1.2, 1.0, 1.0])


def _to_cepstra() -> torch.Tensor:
    """Bands to cepstra, bands x cepstra: the cosine transform and Kaldi's lifter."""
    band, number = torch.arange(DIMENSION).unsqueeze(1), torch.arange(DIMENSION)
    cosines = torch.cos(math.pi / DIMENSION * (band + 0.5) * number) * math.sqrt(2 / DIMENSION)
    cosines[:, 0] = math.sqrt(1 / DIMENSION)
    return cosines * (1 + 0.5 * _LIFTER * torch.sin(math.pi * number / _LIFTER))


TO_CEPSTRA = _to_cepstra()
TO_BANDS = torch.linalg.inv(TO_CEPSTRA)


def _mel(hertz: torch.Tensor) -> torch.Tensor:
    return 1127 * torch.log1p(hertz / 700)


def warps(throats: torch.Tensor) -> torch.Tensor:
    """Matrices, bands x bands: each sounds as if the vocal tract were so many times as long."""
    low, high = _mel(torch.tensor([LOW_HZ, HIGH_HZ])).tolist()
    step = (high - low) / (DIMENSION + 1)
    hertz = 700 * torch.expm1((low + step * torch.arange(1, DIMENSION + 1)) / 1127)
    throats = throats.unsqueeze(1)
    bent = throats * _BEND_HZ + (hertz - _BEND_HZ) * (HIGH_HZ - throats * _BEND_HZ) / (HIGH_HZ - _BEND_HZ)
    heard = torch.where(hertz < _BEND_HZ, throats * hertz, bent)
    place = ((_mel(heard) - low) / step - 1).clamp(0, DIMENSION - 1)
    return (1 - (place.unsqueeze(1) - torch.arange(DIMENSION).view(1, -1, 1)).abs()).clamp(min=0)


def _with_noise(bands: torch.Tensor) -> torch.Tensor:
    """Steady noise of any colour behind some of the utterances."""
    count = len(bands)
    loud = bands.amax(1, keepdim=True).mean(2, keepdim=True)
    below = torch.empty(count, 1, 1).uniform_(*_NEPERS_BELOW)
    below[torch.rand(count) > _NOISY] = math.inf
    colour = torch.randn(count, 1, 1) * 1.5 * torch.linspace(-1, 1, DIMENSION) + torch.randn(count, 1, DIMENSION) * 0.4
    return torch.logaddexp(bands, loud - below + colour + torch.randn_like(bands) * 0.6)


def _masked(bands: torch.Tensor, chance: random.Random) -> torch.Tensor:
    """Some utterances lose a range of bands."""
    for one in bands:
        if chance.random() < _MASKED:
            width = chance.randint(1, _WIDEST_MASK)
            start = chance.randint(0, DIMENSION - width)
            one[:, start : start + width] = one[:, start : start + width].mean(0)
    return bands


def disturbed(rows: torch.Tensor, lengths: torch.Tensor, context: int, chance: random.Random) -> torch.Tensor:
    """A batch as others might say it elsewhere, with two short gaps in each utterance.

    Args:
        rows: utterances x frames x cepstra.
        lengths: of the utterances, in outputs of three frames.
        context: frames before the first output.
    """
    throats = torch.empty(len(rows)).uniform_(*_THROATS)
    throats[torch.rand(len(rows)) > _OTHER] = 1.0
    bands = torch.bmm(rows @ TO_BANDS, warps(throats))
    rows = _masked(_with_noise(bands), chance) @ TO_CEPSTRA
    rows[:, :, : len(_CHANNEL)] += torch.randn(len(rows), 1, len(_CHANNEL)) * _CHANNEL
    for place, length in enumerate(lengths.tolist()):
        for _ in range(2):
            width = chance.randint(0, _LONGEST_GAP)
            start = chance.randint(context, context + max(1, length * 3 - width))
            rows[place, start : start + width] = rows[place, start : start + width].mean(0)
    return rows


def hurried(rows: npt.NDArray[np.float16], chance: random.Random) -> npt.NDArray[np.float32]:
    """The utterance somewhat faster or slower, its melody kept."""
    place = np.linspace(0, len(rows) - 1, max(2, round(len(rows) * chance.uniform(*_TEMPI))), dtype=np.float32)
    before = place.astype(np.int64)
    share = (place - before)[:, None]
    known = rows.astype(np.float32)
    return known[before] * (1 - share) + known[np.minimum(before + 1, len(rows) - 1)] * share
