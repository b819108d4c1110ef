"""Sound to cepstra, just as Vosk computes them from conf/mfcc.conf; augmented copies of the corpus kept on disk."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt

from recipe.corpus import read
from recipe.progress import tracked
from recipe.sound import augmented
from recipe.voices import RATE, Sound

DIMENSION = 40
LOW_HZ, HIGH_HZ = 20.0, RATE / 2 - 200.0
MFCC_CONF = (
    f"--sample-frequency={RATE}\n--use-energy=false\n--num-mel-bins={DIMENSION}\n--num-ceps={DIMENSION}\n"
    f"--low-freq={LOW_HZ:.0f}\n--high-freq={HIGH_HZ:.0f}\n--dither=0\n"
)
Cepstra = npt.NDArray[np.float32]


def _options() -> knf.MfccOptions:
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.use_energy = False
    options.mel_opts.num_bins = options.num_ceps = DIMENSION
    options.mel_opts.low_freq, options.mel_opts.high_freq = LOW_HZ, HIGH_HZ
    return options


def cepstra(sound: Sound) -> Cepstra:
    """One row of 40 every 10 ms."""
    computer = knf.OnlineMfcc(_options())
    computer.accept_waveform(RATE, sound.astype(np.float32))
    computer.input_finished()
    rows = [computer.get_frame(n) for n in range(computer.num_frames_ready)]
    return np.stack(rows) if rows else np.zeros((0, DIMENSION), np.float32)


@dataclass(frozen=True, slots=True)
class Copy:
    """An augmented copy of a shard: all cepstra in one array, the end of each utterance, the texts."""

    rows: npt.NDArray[np.float16]
    ends: npt.NDArray[np.int64]
    texts: tuple[str, ...]


def make_copy(shard: Path, path: Path, seed: int) -> Path:
    """One augmented copy of a shard; kept when it is on disk already."""
    if path.exists():
        return path
    utterances = read(shard)
    chance = np.random.default_rng([seed, *shard.stem.encode()])
    sounds = [one.sound for one in utterances]
    made = [cepstra(augmented(sound, sounds, chance)).astype(np.float16) for sound in sounds]
    half = path.with_suffix(".part.npz")
    texts = np.array([one.text for one in utterances])
    np.savez(half, rows=np.concatenate(made), ends=np.cumsum([len(rows) for rows in made]), texts=texts)
    half.replace(path)
    return path


def load_copy(path: Path) -> Copy:
    """A copy from disk."""
    with np.load(path) as kept:
        return Copy(kept["rows"], kept["ends"], tuple(map(str, kept["texts"])))


def make_copies(shards: Sequence[Path], directory: Path, copies: int, workers: int) -> list[Path]:
    """So many augmented copies of every shard; those on disk are kept."""
    directory.mkdir(parents=True, exist_ok=True)
    jobs = [(shard, directory / f"{shard.stem}.{n}.npz", n) for n in range(copies) for shard in shards]
    with ProcessPoolExecutor(workers) as pool:
        for _ in tracked(pool.map(_make, jobs), "augmenting, features", len(jobs)):
            pass
    return [path for _, path, _ in jobs]


def _make(job: tuple[Path, Path, int]) -> Path:
    return make_copy(*job)
