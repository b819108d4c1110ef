"""Training of the network for a given time, with checkpoints from which it goes on."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn
from torch.nn import functional

from recipe.disturb import disturbed, hurried
from recipe.features import DIMENSION, Copy, load_copy
from recipe.network import LetterNetwork
from recipe.progress import CONSOLE, bar
from recipe.words import LETTERS

_FRAMES_A_BATCH = 6000
_CHECKPOINT_STEPS = 100
_RATE = 2e-3
_HALVES = torch.cpu._is_avx512_bf16_supported()  # twice as fast there; ten times as slow on other processors
_FASTEST = 0.7  # letters a frame of 30 ms: nobody speaks faster
_SEED = 0
_AVERAGE = 0.999  # of the running average of weights, a step
_STEPS_APART = 4  # between two meetings of the processes
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
    """Endless batches of about a minute of sound; while some shards are learnt from, the next are made ready."""
    pools = _pools(paths, context, random.Random(chance.random()))
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(next, pools)
        while True:
            pool, coming = coming.result(), ahead.submit(next, pools)
            yield from pool


def _pools(paths: Sequence[Path], context: int, chance: random.Random) -> Iterator[list[Batch]]:
    """Batches of some shards at a time, mixed and sorted by length, for ever."""
    while True:
        order = list(paths)
        chance.shuffle(order)
        for start in range(0, len(order), 12):
            yield _mixed([load_copy(path) for path in order[start : start + 12]], context, chance)


def _mixed(copies: Sequence[Copy], context: int, chance: random.Random) -> list[Batch]:
    pool = []
    for copy in copies:
        for said, text in zip(np.split(copy.rows, copy.ends[:-1]), copy.texts, strict=True):
            rows = hurried(said, chance)
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
    return [batch_of(group, context) for group in groups]


class Training:
    """The state of a training run: network, running average of its weights, optimiser, processor time spent.

    Processor time makes the result independent of what else the machine does; alone on it, it is the time by the clock.
    """

    def __init__(self, checkpoint: Path, minutes: float) -> None:
        self._path, self._seconds = checkpoint, minutes * 60
        self.network, self.average = LetterNetwork(), LetterNetwork()
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=_RATE, weight_decay=0.01, fused=True)
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
                for _ in range(_STEPS_APART):
                    losses.append(self._learn(next(stream), chance))
                self.spent += time.process_time() - began
                self._meet()
                self._follow()
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

    @torch.no_grad()
    def _meet(self) -> None:
        """All processes take the mean of their networks and of the time spent, so that they end together."""
        if distributed.is_initialized():
            known = [one for one in self.network.state_dict().values() if one.is_floating_point()]
            flat = torch.cat([torch.tensor([self.spent]), *(one.flatten() for one in known)])
            distributed.all_reduce(flat)
            flat /= distributed.get_world_size()
            self.spent = float(flat[0])
            for one, part in zip(known, flat[1:].split([one.numel() for one in known]), strict=True):
                one.copy_(part.view(one.shape))

    def _learn(self, batch: Batch, chance: random.Random) -> float:
        share = self.spent / self._seconds
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (self.step + 1) / 200, max(0.005, (1 - share) / 0.65))
        rows = disturbed(batch.rows, batch.lengths, self.network.context, chance)
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
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if torch.isfinite(norm):
            self._optimiser.step()
        self.step += 1
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(_AVERAGE**_STEPS_APART, self.step / (self.step + 20))
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

    Each worker is a process of one thread with batches of its own; every few steps they take the mean of their networks
    (local SGD). That is faster than one process with more threads or a shared gradient for each step, which would wait
    for each other all the time.
    """
    meeting = checkpoint.resolve().with_suffix(".meeting")
    meeting.unlink(missing_ok=True)
    spawn(_work, (list(copies), checkpoint, minutes, workers, meeting), nprocs=workers)
    meeting.unlink(missing_ok=True)


def _work(rank: int, copies: Sequence[Path], checkpoint: Path, minutes: float, workers: int, meeting: Path) -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(_SEED)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers)
    training = Training(checkpoint, minutes)
    training.measure(copies[0])
    chance = random.Random(f"{training.step} {rank}")
    torch.manual_seed(training.step * workers + rank)
    training.run(batches(copies, training.network.context, chance), chance)
    distributed.destroy_process_group()
