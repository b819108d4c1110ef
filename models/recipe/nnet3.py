"""Kaldi's final.mdl written without Kaldi: the transition model of single-state phones and a network of nnet3.

Binary form: a token is its text and a space; an integer or float is its size in bytes and the value, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ivr.adapters.speech.graph import Phones

Matrix = npt.NDArray[np.float32]
_STEPS = (0, 64, 192, 255)


def token(text: str) -> bytes:
    """A word of the format."""
    return text.encode("ascii") + b" "


def integer(value: int) -> bytes:
    """An int32."""
    return b"\x04" + struct.pack("<i", value)


def real(value: float) -> bytes:
    """A float."""
    return b"\x04" + struct.pack("<f", value)


def integers(values: Sequence[int]) -> bytes:
    """A list of int32."""
    return b"\x04" + struct.pack("<i", len(values)) + struct.pack(f"<{len(values)}i", *values)


def vector(values: npt.ArrayLike) -> bytes:
    """A vector of floats."""
    row = np.ascontiguousarray(values, "<f4")
    return token("FV") + integer(len(row)) + row.tobytes()


def matrix(values: Matrix) -> bytes:
    """A matrix in 8 bits a number (Kaldi's CM): a quarter of the size, and no error that could be measured.

    Each column has four corners (least, first and third quartile, greatest) between which its numbers are steps.
    """
    low, spread = float(values.min()), float(np.ptp(values)) or 1.0
    quartiles = np.quantile(values, (0.0, 0.25, 0.75, 1.0), axis=0, method="nearest")
    codes = np.round((quartiles - low) / spread * 65535).astype(np.int64)
    for row in range(1, 4):  # strictly rising, as Kaldi wants them
        codes[row] = np.maximum(codes[row], codes[row - 1] + 1)
    codes -= np.maximum(codes[3] - 65535, 0)
    corners = low + codes * (spread / 65535)
    steps = np.stack([np.interp(column, corner, _STEPS) for column, corner in zip(values.T, corners.T, strict=True)])
    head = struct.pack("<ffii", low, spread, *values.shape)
    return token("CM") + head + codes.T.astype("<u2").tobytes() + np.round(steps).astype(np.uint8).tobytes()


def unpacked(data: bytes) -> Matrix:
    """A matrix read back from CM."""
    low, spread, rows, columns = struct.unpack_from("<ffii", data, 3)
    codes = np.frombuffer(data, "<u2", 4 * columns, 3 + 16).reshape(columns, 4)
    steps = np.frombuffer(data, np.uint8, rows * columns, 3 + 16 + 8 * columns).reshape(columns, rows)
    corners = low + codes * (spread / 65535)
    read = [np.interp(column, _STEPS, corner) for column, corner in zip(steps, corners, strict=True)]
    return np.stack(read, axis=1).astype(np.float32)


@dataclass(slots=True)
class Network:
    """Components in order, with the line that connects each to those before it."""

    inputs: int
    _lines: list[str] = field(default_factory=list)
    _components: list[tuple[str, bytes]] = field(default_factory=list)

    def affine(self, name: str, source: str, weights: Matrix, bias: Matrix) -> str:
        """Multiplies and adds; weights have a row for each output."""
        body = token("<LearningRate>") + real(0.001) + token("<LinearParams>") + matrix(weights)
        return self._add(name, source, "AffineComponent", body + token("<BiasParams>") + vector(bias))

    def relu(self, name: str, source: str, size: int) -> str:
        """Cuts off what is below zero."""
        return self._nonlinear(name, source, "RectifiedLinearComponent", size)

    def log_softmax(self, name: str, source: str, size: int) -> str:
        """Turns scores into logarithms of probabilities."""
        return self._nonlinear(name, source, "LogSoftmaxComponent", size)

    def total(self, name: str, sources: Sequence[str], size: int) -> str:
        """Adds what several components give."""
        body = token("<Dim>") + integer(size) + token("<BackpropScale>") + real(1.0)
        return self._add(name, f"Sum({','.join(sources)})", "NoOpComponent", body)

    def _nonlinear(self, name: str, source: str, kind: str, size: int) -> str:
        body = token("<Dim>") + integer(size) + token("<ValueAvg>") + vector([])
        return self._add(name, source, kind, body + token("<DerivAvg>") + vector([]) + token("<Count>") + real(0.0))

    def _add(self, name: str, source: str, kind: str, body: bytes) -> str:
        self._lines.append(f"component-node name={name} component={name} input={source}")
        self._components.append((name, token(f"<{kind}>") + body + token(f"</{kind}>")))
        return name

    def bytes(self, output: str, context: int, priors: Sequence[float]) -> bytes:
        """The <Nnet3> part of final.mdl."""
        lines = [f"input-node name=input dim={self.inputs}", *self._lines]
        lines.append(f"output-node name=output input={output} objective=linear")
        data = token("<Nnet3>") + b"\n" + "\n".join(lines).encode("ascii") + b"\n\n"
        data += token("<NumComponents>") + integer(len(self._components))
        for name, body in self._components:
            data += token("<ComponentName>") + token(name) + body
        data += token("</Nnet3>") + token("<LeftContext>") + integer(context) + token("<RightContext>")
        return data + integer(context) + token("<Priors>") + vector(priors)


def around(source: str, step: int) -> str:
    """A component's value now, `step` frames before and after."""
    return f"Append(Offset({source},{-step}),{source},Offset({source},{step}))"


def transition_model(phones: Phones) -> bytes:
    """Every phone has one state that may repeat; half a chance to stay, half to go on."""
    count = len(phones.outputs)
    data = token("<TransitionModel>") + token("<Topology>")
    data += integers(range(1, count + 1)) + integers([-1] + [0] * count)
    data += integer(1) + integer(2)  # one kind of phone, of two states
    data += integer(0) + integer(2) + integer(0) + real(0.5) + integer(1) + real(0.5)
    data += integer(-1) + integer(0)  # the last state is the exit
    data += token("</Topology>") + token("<Triples>") + integer(count)
    for phone, output in enumerate(phones.outputs, start=1):
        data += integer(phone) + integer(0) + integer(output)
    chances = [0.0] + [float(np.log(0.5))] * (2 * count)
    return (
        data
        + token("</Triples>")
        + token("<LogProbs>")
        + vector(chances)
        + token("</LogProbs>")
        + token("</TransitionModel>")
    )


def final_mdl(phones: Phones, network: bytes) -> bytes:
    """The file am/final.mdl."""
    return b"\0B" + transition_model(phones) + network
