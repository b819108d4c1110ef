"""The trained network and the language model, written as a directory that Vosk loads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from ivr.adapters.speech.adapt import CLASSES_FILE
from ivr.adapters.speech.graph import Phones, write_graph
from recipe.features import DIMENSION, MFCC_CONF
from recipe.language_model import LanguageModel
from recipe.network import DILATIONS, OUTPUTS, WIDTH, LetterNetwork
from recipe.nnet3 import Matrix, Network, around, final_mdl
from recipe.words import LETTERS, vocabulary

BLANK_PRIOR = 10.0  # makes the blank cheaper to leave; found on the development voices
MODEL_CONF = """\
--min-active=200
--max-active=2000
--beam=11.0
--lattice-beam=6.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""


def _folded(layer: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (out, in, 3) and bias of a convolution with its normalisation worked in."""
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return layer.weight.squeeze(2) * factor[:, None, None], norm.bias - norm.running_mean * factor


def _rows(weights: torch.Tensor) -> Matrix:
    """Weights as rows over (before, now, after)."""
    return np.asarray(weights.permute(0, 2, 1).reshape(weights.shape[0], -1).numpy(), np.float32)


@torch.no_grad()
def network_bytes(network: LetterNetwork, blank_prior: float = BLANK_PRIOR) -> bytes:
    """The network in Kaldi's form."""
    made = Network(DIMENSION)
    weights, bias = _folded(network.first, network.first_norm)
    bias = bias - (weights * (network.mean * network.scale)[None, :, None]).sum((1, 2))
    weights = weights * network.scale[None, :, None]
    made.affine("l1.affine", around("input", 1), _rows(weights), bias.numpy())
    made.relu("l1.relu", "l1.affine", WIDTH)
    weights, bias = _folded(network.second, network.second_norm)
    made.affine("l2.affine", around("l1.relu", 1), _rows(weights), bias.numpy())
    last = made.relu("l2.relu", "l2.affine", WIDTH)
    for number, (layer, norm, step) in enumerate(zip(network.layers, network.norms, DILATIONS, strict=True), start=3):
        weights, bias = _folded(layer, norm)
        made.affine(f"l{number}.affine", around(last, 3 * step), _rows(weights), bias.numpy())
        made.relu(f"l{number}.relu", f"l{number}.affine", WIDTH)
        last = made.total(f"l{number}.sum", (last, f"l{number}.relu"), WIDTH)
    made.affine("out.affine", last, network.out.weight.numpy(), network.out.bias.numpy())
    output = made.log_softmax("out.logs", "out.affine", OUTPUTS)
    return made.bytes(output, network.context, [blank_prior] + [1.0] * len(LETTERS))


def trained(checkpoint: Path) -> LetterNetwork:
    """The averaged network of a checkpoint."""
    network = LetterNetwork()
    network.load_state_dict(torch.load(checkpoint)["average"])  # our own file  # nosec B614
    return network.eval()


def write_acoustics(directory: Path, checkpoint: Path, blank_prior: float = BLANK_PRIOR) -> None:
    """am/ and conf/ of the model."""
    for name in ("am", "conf"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    data = final_mdl(Phones(LETTERS), network_bytes(trained(checkpoint), blank_prior))
    (directory / "am/final.mdl").write_bytes(data)
    (directory / "conf/mfcc.conf").write_text(MFCC_CONF, encoding="ascii")
    (directory / "conf/model.conf").write_text(MODEL_CONF, encoding="ascii")


def write_words(directory: Path, made: LanguageModel) -> None:
    """graph/ of the model."""
    write_graph(directory, LETTERS, vocabulary(), made.grammar)
    lines = "".join(f"{name} {word}\n" for name, word in sorted(made.examples.items()))
    (directory / CLASSES_FILE).write_text(lines, encoding="utf-8")
