"""The acoustic network: a time-delay network of letters, trained with connectionist temporal classification."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from recipe.features import DIMENSION
from recipe.words import LETTERS

OUTPUTS = len(LETTERS) + 1  # the blank comes first
WIDTH = 320
DILATIONS = (1, 1, 1, 1, 2, 2, 3, 3)


def _over_time(channels: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A convolution of three frames; as a plane one row high it is a third faster on processors than as a line."""
    return nn.Conv2d(channels, WIDTH, (1, 3), stride=(1, stride), dilation=(1, dilation), bias=False)


class LetterNetwork(nn.Module):
    """40 cepstra -> conv3 -> conv3 with stride 3 -> residual conv3 of growing dilation -> letters, every 30 ms.

    Attributes:
        context: frames of 10 ms that it sees before and after.
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(DIMENSION))
        self.register_buffer("scale", torch.ones(DIMENSION))
        self.first = _over_time(DIMENSION)
        self.first_norm = nn.BatchNorm2d(WIDTH)
        self.second = _over_time(WIDTH, stride=3)
        self.second_norm = nn.BatchNorm2d(WIDTH)
        self.layers = nn.ModuleList(_over_time(WIDTH, dilation=step) for step in DILATIONS)
        self.norms = nn.ModuleList(nn.BatchNorm2d(WIDTH) for _ in DILATIONS)
        self.out = nn.Linear(WIDTH, OUTPUTS)
        self.drop = nn.Dropout2d(0.05)
        self.context = 2 + 3 * sum(DILATIONS)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Logarithms of probabilities, batch x frames / 3 x 34.

        Args:
            rows: batch x frames + 2 * context x 40, the first and last frame repeated at the edges as Kaldi does.
        """
        hidden = ((rows - self.mean) * self.scale).transpose(1, 2).unsqueeze(2)
        hidden = functional.relu(self.first_norm(self.first(hidden)))
        hidden = functional.relu(self.second_norm(self.second(hidden)))
        for step, layer, norm in zip(DILATIONS, self.layers, self.norms, strict=True):
            hidden = hidden[..., step:-step] + self.drop(functional.relu(norm(layer(hidden))))
        return self.out(hidden.squeeze(2).transpose(1, 2)).float().log_softmax(-1)
