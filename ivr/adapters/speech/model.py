"""A speech model on disk: is it whole, and what is it?

Kaldi ends the whole process when a file of the model is missing, so every file is looked at before Vosk sees it.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import SettingsError

_FST_MAGIC = 2125659606
_FST_HAS_OUTPUT_SYMBOLS = 2
_KALDI_DEFAULT_RATE_HZ = 16000
_RATE = re.compile(r"^\s*--sample-frequency=(\d+)", re.MULTILINE)
_NOT_WORDS = re.compile(r"^(<.*>|\[.*\]|#\d+|!SIL)$")
_IVECTOR_FILES = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "online_cmvn.conf", "splice.conf")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model is.

    Attributes:
        name: its directory's name.
        rate_hz: sample rate it was made for; sound of another rate is converted.
        words: size of its vocabulary, None when it is kept inside the graph.
        size_bytes: all its files together.
        takes_phrases: its vocabulary can be narrowed for a question (dynamic graph).
    """

    name: str
    rate_hz: int
    words: int | None
    size_bytes: int
    takes_phrases: bool


def check_model(directory: Path) -> ModelFacts:
    """The facts of a model, after all the files that Vosk needs have been looked at.

    Raises:
        SettingsError: every file that is missing, empty or of another kind.
    """
    if not directory.is_dir():
        raise SettingsError(f"{directory}: there is no such speech model directory")
    mistakes = _mistakes(directory)
    if mistakes:
        raise SettingsError(mistakes)
    files = [path for path in directory.rglob("*") if path.is_file()]
    return ModelFacts(
        name=directory.resolve().name,
        rate_hz=_rate(directory),
        words=_count_words(directory / "graph/words.txt"),
        size_bytes=sum(path.stat().st_size for path in files),
        takes_phrases=not (directory / "graph/HCLG.fst").exists(),
    )


def checksums(directory: Path) -> dict[str, str]:
    """SHA-256 of every file of a model, by path inside it."""
    return {
        path.relative_to(directory).as_posix(): sha256(path) for path in sorted(directory.rglob("*")) if path.is_file()
    }


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mistakes(directory: Path) -> list[str]:
    static = (directory / "graph/HCLG.fst").exists()
    graphs = ["graph/HCLG.fst"] if static else ["graph/HCLr.fst", "graph/Gr.fst"]
    needed = ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", *graphs]
    if not static:
        needed.append("graph/disambig_tid.int")
    if (directory / "ivector").is_dir():
        needed += [f"ivector/{name}" for name in _IVECTOR_FILES]
    mistakes = [f"{directory / name}: {why}" for name in needed if (why := _why_unreadable(directory / name))]
    if mistakes:
        return mistakes
    mistakes += [f"{directory / name}: not an OpenFst file" for name in graphs if _fst_flags(directory / name) is None]
    if not _is_kaldi(directory / "am/final.mdl"):
        mistakes.append(f"{directory / 'am/final.mdl'}: not a Kaldi model")
    if not mistakes and not (directory / "graph/words.txt").exists() and not _keeps_words(directory / graphs[-1]):
        mistakes.append(f"{directory / 'graph/words.txt'}: missing, and the graph does not carry the words itself")
    return mistakes


def _why_unreadable(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "" if file.read(1) else "the file is empty"
    except FileNotFoundError:
        return "the file is missing"
    except OSError as error:
        return error.strerror or "cannot be read"


def _fst_flags(path: Path) -> int | None:
    """Flags of an OpenFst header: magic, type, kind of arcs, version, flags."""
    with path.open("rb") as file:
        head = file.read(256)
    try:
        (magic,) = struct.unpack_from("<i", head, 0)
        at = 4
        for _ in range(2):
            (length,) = struct.unpack_from("<i", head, at)
            at += 4 + length
        _, flags = struct.unpack_from("<ii", head, at)
    except struct.error:
        return None
    return int(flags) if magic == _FST_MAGIC else None


def _keeps_words(graph: Path) -> bool:
    return bool((_fst_flags(graph) or 0) & _FST_HAS_OUTPUT_SYMBOLS)


def _is_kaldi(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(20).startswith((b"\0B<TransitionModel>", b"<TransitionModel>"))


def _rate(directory: Path) -> int:
    found = _RATE.search((directory / "conf/mfcc.conf").read_text(encoding="utf-8", errors="replace"))
    return int(found.group(1)) if found else _KALDI_DEFAULT_RATE_HZ


def _count_words(path: Path) -> int | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8", errors="replace") as lines:
        return sum(1 for line in lines if (fields := line.split()) and not _NOT_WORDS.match(fields[0]))
