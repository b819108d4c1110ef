"""Training of the network for a given time, with checkpoints from which it goes on."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn
from torch.nn import functional

from recipe.features import DIMENSION, Copy, load_copy
from recipe.network import LetterNetwork
from recipe.progress import CONSOLE, bar
from recipe.words import LETTERS

_FRAMES_A_BATCH = 4000
_CHECKPOINT_STEPS = 100
_RATE = 2e-3
_HALVES = torch.cpu._is_avx512_bf16_supported()  # twice as fast there; ten times as slow on other processors
_FASTEST = 0.7  # letters a frame of 30 ms: nobody speaks faster
_SEED = 0
_AVERAGE = 0.999
_CHANNEL = torch.tensor([4.0, 3.0, 2.5, 2.0, 1.5, 1.2, 1.0, 1.0])
_CODES = {letter: code for code, letter in enumerate(LETTERS, start=1)}


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded cepstra and the letters to be read off them."""

    rows: torch.Tensor
    lengths: torch.Tensor
    letters: torch.Tensor
    letter_counts: torch.Tensor


def letters_of(text: str) -> list[int]:
    """Codes of the letters of a text; nothing stands for the space between words."""
    return [_CODES[letter] for letter in text if letter in _CODES]


def batch_of(utterances: Sequence[tuple[np.ndarray, str]], context: int) -> Batch:
    """A batch; the edge frames are repeated, as Kaldi does it."""
    longest = (max(len(rows) for rows, _ in utterances) + 2) // 3 * 3
    padded = np.empty((len(utterances), longest + 2 * context, DIMENSION), np.float32)
    for place, (rows, _) in enumerate(utterances):
        padded[place, :context] = rows[0]
        padded[place, context : context + len(rows)] = rows
        padded[place, context + len(rows) :] = rows[-1]
    spelled = [letters_of(text) for _, text in utterances]
    return Batch(
        torch.from_numpy(padded),
        torch.tensor([(len(rows) + 2) // 3 for rows, _ in utterances]),
        torch.tensor([code for codes in spelled for code in codes]),
        torch.tensor([len(codes) for codes in spelled]),
    )


def batches(paths: Sequence[Path], context: int, chance: random.Random) -> Iterator[Batch]:
    """Endless batches of about 40 s of sound; some shards at a time are mixed and sorted by length."""
    while True:
        order = list(paths)
        chance.shuffle(order)
        for start in range(0, len(order), 12):
            yield from _mixed([load_copy(path) for path in order[start : start + 12]], context, chance)


def _mixed(copies: Sequence[Copy], context: int, chance: random.Random) -> Iterator[Batch]:
    pool = []
    for copy in copies:
        for rows, text in zip(np.split(copy.rows, copy.ends[:-1]), copy.texts, strict=True):
            if len(letters_of(text)) <= _FASTEST * (len(rows) // 3):
                pool.append((rows, text))
    pool.sort(key=lambda one: len(one[0]) * chance.uniform(0.9, 1.1))
    groups: list[list[tuple[np.ndarray, str]]] = [[]]
    for one in pool:
        longest = max(len(rows) for rows, _ in (one, *groups[-1]))
        if groups[-1] and longest * (len(groups[-1]) + 1) > _FRAMES_A_BATCH:
            groups.append([])
        groups[-1].append(one)
    chance.shuffle(groups)
    yield from (batch_of(group, context) for group in groups)


def _disturbed(batch: Batch, context: int, chance: random.Random) -> torch.Tensor:
    """Another channel for every utterance, and two short gaps in each."""
    offset = torch.zeros(len(batch.rows), 1, DIMENSION)
    offset[:, 0, : len(_CHANNEL)] = torch.randn(len(batch.rows), len(_CHANNEL)) * _CHANNEL
    rows = batch.rows + offset
    for place, length in enumerate(batch.lengths.tolist()):
        for _ in range(2):
            width = chance.randint(0, 12)
            start = chance.randint(context, context + max(1, length * 3 - width))
            rows[place, start : start + width] = rows[place, start : start + width].mean(0)
    return rows


class Training:
    """The state of a training run: network, running average of its weights, optimiser, processor time spent.

    Processor time makes the result independent of what else the machine does; alone on it, it is the time by the clock.
    """

    def __init__(self, checkpoint: Path, minutes: float) -> None:
        self._path, self._seconds = checkpoint, minutes * 60
        self.network, self.average = LetterNetwork(), LetterNetwork()
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=_RATE, weight_decay=0.01)
        self.step, self.spent = 0, 0.0
        if checkpoint.exists():
            state = torch.load(checkpoint)  # our own file  # nosec B614
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent = state["step"], state["spent"]

    def measure(self, path: Path) -> None:
        """Takes mean and spread of the cepstra from one copy, at the very start."""
        if self.step == 0:
            rows = load_copy(path).rows[::7].astype(np.float32)
            self.network.mean.copy_(torch.from_numpy(rows.mean(0)))
            self.network.scale.copy_(torch.from_numpy(1 / rows.std(0)))
            self.average.load_state_dict(self.network.state_dict())

    def run(self, stream: Iterator[Batch], chance: random.Random) -> None:
        """Trains until the time is spent; the learning rate falls to nothing with it."""
        losses: deque[float] = deque(maxlen=50)
        self.network.train()
        with bar(hidden=not self._first) as shown:
            task = shown.add_task("training", total=round(self._seconds))
            while self.spent < self._seconds:
                began = time.process_time()
                losses.append(self._learn(next(stream), chance))
                self.spent = self._agreed(self.spent + time.process_time() - began)
                title = f"training: step {self.step}, loss {np.mean(losses):.3f}"
                shown.update(task, completed=round(self.spent), description=title)
                if self.step % _CHECKPOINT_STEPS == 0:
                    self.save()
                    if not CONSOLE.is_terminal and self._first:
                        CONSOLE.print(f"{title}, {self.spent / 60:.0f} of {self._seconds / 60:.0f} minutes")
        self.save()

    @property
    def _first(self) -> bool:
        """This process shows the bar and writes the checkpoints."""
        return not distributed.is_initialized() or distributed.get_rank() == 0

    @staticmethod
    def _agreed(number: float) -> float:
        """The mean of what all processes say, so that they end together."""
        if not distributed.is_initialized():
            return number
        said = torch.tensor(number, dtype=torch.float64)
        distributed.all_reduce(said)
        return float(said) / distributed.get_world_size()

    def _share_gradients(self) -> None:
        """All processes go the mean of their ways."""
        if not distributed.is_initialized():
            return
        gradients = [one.grad for one in self.network.parameters() if one.grad is not None]
        flat = torch.cat([one.reshape(-1) for one in gradients])
        distributed.all_reduce(flat)
        flat /= distributed.get_world_size()
        for one, part in zip(gradients, flat.split([one.numel() for one in gradients]), strict=True):
            one.copy_(part.view_as(one))

    def _learn(self, batch: Batch, chance: random.Random) -> float:
        share = self.spent / self._seconds
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (self.step + 1) / 200, max(0.005, (1 - share) / 0.65))
        rows = _disturbed(batch, self.network.context, chance)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_HALVES):
            scores = self.network(rows)
        loss = functional.ctc_loss(
            scores.float().transpose(0, 1),
            batch.letters,
            batch.lengths,
            batch.letter_counts,
            zero_infinity=True,
            reduction="sum",
        ) / batch.letter_counts.sum().clamp(min=1)
        self._optimiser.zero_grad()
        loss.backward()
        self._share_gradients()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if torch.isfinite(norm):  # the same for all processes, who share their gradients
            self._optimiser.step()
        self.step += 1
        self._follow()
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(_AVERAGE, self.step / (self.step + 20))
        for mine, theirs in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.mul_(keep).add_(theirs, alpha=1 - keep)
            else:
                mine.copy_(theirs)

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        if not self._first:
            return
        half = self._path.with_suffix(".part")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "step": self.step,
                "spent": self.spent,
            },
            half,
        )
        half.replace(self._path)


def train(copies: Sequence[Path], checkpoint: Path, minutes: float, workers: int) -> None:
    """Trains, or goes on where the checkpoint stands.

    Each worker is a process of one thread with batches of its own; they share their gradients. On a machine that does
    other things too that is faster than one process with more threads, which would wait for each other all the time.
    """
    meeting = checkpoint.resolve().with_suffix(".meeting")
    meeting.unlink(missing_ok=True)
    spawn(_work, (list(copies), checkpoint, minutes, workers, meeting), nprocs=workers)
    meeting.unlink(missing_ok=True)


def _work(rank: int, copies: Sequence[Path], checkpoint: Path, minutes: float, workers: int, meeting: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(_SEED)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers)
    training = Training(checkpoint, minutes)
    training.measure(copies[0])
    chance = random.Random(f"{training.step} {rank}")
    torch.manual_seed(training.step * workers + rank)
    training.run(batches(copies, training.network.context, chance), chance)
    distributed.destroy_process_group()
