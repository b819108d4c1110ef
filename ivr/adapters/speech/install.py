"""Standard Vosk models brought into `models/`: by known name, or from a local zip for closed networks."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from ivr.adapters.speech.model import ModelFacts, check_model, sha256
from ivr.errors import SettingsError

Told = Callable[[int, int], None]
"""Told of progress: bytes so far, bytes in all (0: unknown)."""

_INSTALLED = "installed.toml"
_PIECE = 1 << 20
_TIMEOUT_SECONDS = 60


def install(
    source: str, models: Path, urls: Mapping[str, str], told: Told = lambda _done, _all: None
) -> tuple[ModelFacts, str]:
    """Put a model into the folder of models; its facts and the SHA-256 of its archive.

    The sum is recorded at the first install of an archive of this name and must be the same ever after.

    Raises:
        SettingsError: unknown name, no network, a broken archive, another archive than the first time, no Vosk model.
    """
    if source.endswith(".zip"):
        return _unpack(Path(source), models)
    if source not in urls:
        raise SettingsError(f"{source}: neither a .zip file nor a known model; known: {', '.join(sorted(urls))}")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, f"{source}.zip")
        _download(urls[source], archive, told)
        return _unpack(archive, models)


def recorded_sums(models: Path) -> Mapping[str, str]:
    """SHA-256 by name of archive, as recorded at the first install."""
    file = models / _INSTALLED
    return {} if not file.exists() else {str(k): str(v) for k, v in tomllib.loads(file.read_text("utf-8")).items()}


def _download(url: str, to: Path, told: Told) -> None:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer, to.open("wb") as file:  # nosec B310
            size = int(answer.headers.get("Content-Length") or 0)
            while piece := answer.read(_PIECE):
                file.write(piece)
                told(file.tell(), size)
    except OSError as fault:
        raise SettingsError(
            f"{url}: cannot be fetched ({fault}); fetch it on another computer and install the .zip file"
        ) from fault


def _unpack(archive: Path, models: Path) -> tuple[ModelFacts, str]:
    if not archive.is_file():
        raise SettingsError(f"{archive}: there is no such file")
    digest, known = sha256(archive), recorded_sums(models)
    if known.get(archive.name, digest) != digest:
        raise SettingsError(
            f"{archive}: SHA-256 {digest} is not the one recorded at the first install ({known[archive.name]})"
        )
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models) as folder:
        found = _extract(archive, Path(folder))
        facts = check_model(found)
        target = models / found.name
        if target.exists():
            shutil.rmtree(target)
        found.rename(target)
    lines = [f'"{name}" = "{value}"' for name, value in sorted({**known, archive.name: digest}.items())]
    (models / _INSTALLED).write_text("\n".join(lines) + "\n", "utf-8")
    return facts, digest


def _extract(archive: Path, folder: Path) -> Path:
    """Everything inside, and nothing outside, the folder; the model's own directory in it."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [PurePosixPath(name) for name in opened.namelist()]
            if any(name.is_absolute() or ".." in name.parts for name in names):
                raise SettingsError(f"{archive}: a file of the archive points outside of it")
            opened.extractall(folder)
    except (zipfile.BadZipFile, OSError) as fault:
        raise SettingsError(f"{archive}: not a whole zip file ({fault})") from fault
    inside = [path for path in folder.iterdir() if path.is_dir()]
    if len(inside) != 1 or not (inside[0] / "am").is_dir():
        raise SettingsError(f"{archive}: must hold one directory with a Vosk model (am, conf, graph)")
    return inside[0]
