"""Kaldi's numbers as the recipe writes them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from recipe import nnet3

from ivr.adapters.speech.graph import Phones


def test_a_matrix_packed_into_bytes_comes_back_nearly_the_same() -> None:
    values = np.random.default_rng(1).normal(size=(320, 120)).astype(np.float32) * 0.2
    packed = nnet3.matrix(values)
    assert len(packed) < values.nbytes / 3.5
    assert np.abs(nnet3.unpacked(packed) - values).max() < 0.02
    assert np.sqrt(np.mean((nnet3.unpacked(packed) - values) ** 2)) < 0.002


@pytest.mark.parametrize("value", [0.0, 0.25, -3.0])
def test_a_matrix_of_one_number_is_packed_too(value: float) -> None:
    values = np.full((8, 5), value, np.float32)
    assert np.abs(nnet3.unpacked(nnet3.matrix(values)) - values).max() < 1e-3


def test_numbers_are_preceded_by_their_size() -> None:
    assert nnet3.integer(7) == b"\x04\x07\x00\x00\x00"
    assert nnet3.real(1.0) == b"\x04" + struct.pack("<f", 1.0)
    assert nnet3.integers([1, 2]) == b"\x04" + struct.pack("<iii", 2, 1, 2)
    assert nnet3.vector([1.0]) == b"FV \x04" + struct.pack("<if", 1, 1.0)


def test_the_network_is_described_line_by_line() -> None:
    made = nnet3.Network(2)
    last = made.affine("one", nnet3.around("input", 3), np.ones((4, 6), np.float32), np.zeros(4, np.float32))
    last = made.relu("one.relu", last, 4)
    output = made.log_softmax("out", made.total("sum", (last, "one"), 4), 4)
    data = made.bytes(output, 3, [1.0] * 4)
    assert b"component-node name=one component=one input=Append(Offset(input,-3),input,Offset(input,3))\n" in data
    assert b"component-node name=sum component=sum input=Sum(one.relu,one)\n" in data
    assert b"<NumComponents> \x04\x04" in data
    assert data.endswith(nnet3.vector([1.0] * 4))


def test_every_phone_has_one_repeating_state() -> None:
    phones = Phones("аб")
    data = nnet3.transition_model(phones)
    assert len(phones.outputs) == 2 + 2 * 4
    assert data.startswith(b"<TransitionModel> <Topology> ")
    assert nnet3.token("<Triples>") + nnet3.integer(10) in data
