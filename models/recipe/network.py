"""The acoustic network: a time-delay network of letters, trained with connectionist temporal classification."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from recipe.features import DIMENSION
from recipe.words import LETTERS

OUTPUTS = len(LETTERS) + 1  # the blank comes first
WIDTH = 192
DILATIONS = (1, 1, 1, 1, 2, 2, 2, 2)


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
        self.first = nn.Conv1d(DIMENSION, WIDTH, 3, bias=False)
        self.first_norm = nn.BatchNorm1d(WIDTH)
        self.second = nn.Conv1d(WIDTH, WIDTH, 3, stride=3, bias=False)
        self.second_norm = nn.BatchNorm1d(WIDTH)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, dilation=step, bias=False) for step in DILATIONS)
        self.norms = nn.ModuleList(nn.BatchNorm1d(WIDTH) for _ in DILATIONS)
        self.out = nn.Linear(WIDTH, OUTPUTS)
        self.drop = nn.Dropout(0.1)
        self.context = 2 + 3 * sum(DILATIONS)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Logarithms of probabilities, batch x frames / 3 x 34.

        Args:
            rows: batch x frames + 2 * context x 40, the first and last frame repeated at the edges as Kaldi does.
        """
        hidden = ((rows - self.mean) * self.scale).transpose(1, 2)
        hidden = functional.relu(self.first_norm(self.first(hidden)))
        hidden = functional.relu(self.second_norm(self.second(hidden)))
        for step, layer, norm in zip(DILATIONS, self.layers, self.norms, strict=True):
            hidden = hidden[:, :, step:-step] + self.drop(functional.relu(norm(layer(hidden))))
        return self.out(hidden.transpose(1, 2)).float().log_softmax(-1)
