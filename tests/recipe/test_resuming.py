"""The recipe's steps keep their results, and go on from them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the recipe's packages are not installed: pip install '.[model]'")

from recipe import corpus, tools
from recipe.voices import Manner


def an_utterance(text: str, samples: int) -> corpus.Utterance:
    sound = (np.arange(samples) % 2000 - 1000).astype(np.int16)
    return corpus.Utterance(text, sound, Manner("espeak", "ru+m1"))


def test_a_shard_is_read_as_it_was_written(tmp_path: Path) -> None:
    spoken = [an_utterance("нет воды", 900), an_utterance("третий день", 1500)]
    corpus.write(tmp_path / "espeak-000.npz", spoken)
    again = corpus.read(tmp_path / "espeak-000.npz")
    assert [one.text for one in again] == ["нет воды", "третий день"]
    assert all(np.array_equal(one.sound, other.sound) for one, other in zip(again, spoken, strict=True))
    assert again[0].manner.voice == "ru+m1"
    assert [path.name for path in tmp_path.iterdir()] == ["espeak-000.npz"]


def test_a_shard_that_is_there_is_not_spoken_again(tmp_path: Path) -> None:
    corpus.write(tmp_path / "espeak-000.npz", [an_utterance("нет воды", 900)])
    before = (tmp_path / "espeak-000.npz").stat().st_mtime_ns
    assert corpus.speak_all(tmp_path, {"espeak": 1}, [], 1) == [tmp_path / "espeak-000.npz"]
    assert (tmp_path / "espeak-000.npz").stat().st_mtime_ns == before


def test_missing_programs_are_named_with_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.shutil, "which", lambda program: None if "RHVoice" in program else f"/usr/bin/{program}")
    told = "\n".join(tools.missing())
    assert "apt-get install rhvoice rhvoice-russian" in told
    assert "Components: contrib non-free" in told
    monkeypatch.setattr(tools.shutil, "which", lambda program: None)
    assert "libfst-tools" in tools.missing()[0]


def test_training_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="the recipe's packages are not installed: pip install '.[model]'")
    pytest.importorskip("kaldi_native_fbank")
    from recipe import training

    rows = np.random.default_rng(1).normal(size=(400, 40)).astype(np.float16)
    copy = tmp_path / "espeak-000.0.npz"
    np.savez(copy, rows=rows, ends=np.array([200, 400]), texts=np.array(["нет воды", "да"]))
    torch.set_num_threads(1)
    first = training.Training(tmp_path / "network.pt", minutes=0.02)
    first.measure(copy)
    chance = random.Random(1)
    first.run(training.batches([copy], first.network.context, chance), chance)
    assert first.step > 0
    second = training.Training(tmp_path / "network.pt", minutes=0.03)
    assert (second.step, second.spent) == (first.step, first.spent)
    assert torch.equal(second.average.out.weight, first.average.out.weight)
    second.run(training.batches([copy], second.network.context, chance), chance)
    assert second.step > first.step
    assert second.spent >= 0.03 * 60
    done = training.Training(tmp_path / "network.pt", minutes=0.03)
    done.run(iter(()), chance)
    assert done.step == second.step


def test_what_kaldi_pads_the_training_pads(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the recipe's packages are not installed: pip install '.[model]'")
    pytest.importorskip("kaldi_native_fbank")
    from recipe import training

    rows = np.arange(120, dtype=np.float32).reshape(3, 40)
    batch = training.batch_of([(rows, "да"), (rows[:2], "нет")], context=4)
    assert tuple(batch.rows.shape) == (2, 3 + 8, 40)
    assert (batch.rows[0, :4] == batch.rows[0, 4]).all()
    assert (batch.rows[1, 6:].numpy() == rows[1]).all()
    assert batch.letter_counts.tolist() == [2, 3]


def test_a_batch_without_a_word_leaves_the_network_whole(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="the recipe's packages are not installed: pip install '.[model]'")
    pytest.importorskip("kaldi_native_fbank")
    from recipe import training

    rows = np.random.default_rng(1).normal(size=(90, 40)).astype(np.float16)
    made = training.Training(tmp_path / "network.pt", minutes=1)
    silent = training.batch_of([(rows, ""), (rows, "")], made.network.context)
    made.network.train()
    for _ in range(3):
        made._learn(silent, random.Random(1))
    assert all(torch.isfinite(one).all() for one in made.average.parameters())
