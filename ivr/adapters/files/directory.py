"""Reads the directory of executors: `config/directory.toml`."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from ivr.adapters.files.layers import Folder, Layers
from ivr.adapters.files.tables import checked, quoted, read_table
from ivr.adapters.files.versions import write_safely
from ivr.domain.directory import Directory, Executor
from ivr.errors import SettingsError

NAME = "directory.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    person: str = ""
    phone: str = ""
    email: Annotated[str, StringConstraints(pattern=r"^$|^[^@\s]+@[^@\s]+$")] = ""
    topics: tuple[str, ...] = ()


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    executors: dict[str, _Entry] = {}


def read_directory(config: Folder, topics: Container[str]) -> Directory:
    """The executors; none where there is no file.

    Raises:
        SettingsError: every mistake of the file, unknown topics among them.
    """
    file = config / NAME
    if not file.exists():
        return Directory()
    entries = checked(_Entries, read_table(file), file).executors
    strange = [
        f"{file}: executors.{key}.topics: there is no topic {topic}"
        for key, entry in entries.items()
        for topic in entry.topics
        if topic not in topics
    ]
    if strange:
        raise SettingsError(strange)
    return Directory(tuple(Executor(key, **entry.model_dump()) for key, entry in entries.items()))


class FileDirectoryBook:
    """The directory as the console changes it: people's own file over the installer's.

    Fulfils `ports.house.DirectoryBook`.
    """

    def __init__(self, folders: Layers) -> None:
        self._folders = folders

    def text(self) -> str:
        """The file that holds, "" where there is none."""
        file = self._folders / NAME
        return file.read_text("utf-8") if file.exists() else ""

    def keep(self, executors: Sequence[Executor]) -> str:
        """Write them all; the file's text."""
        text = "\n".join(_written(executor) for executor in executors)
        write_safely(self._folders.over / NAME, text.encode())
        return text

    def put_back(self, text: str | None) -> None:
        """A file that was kept before; None: the installer's."""
        if text is None:
            (self._folders.over / NAME).unlink(missing_ok=True)
        else:
            write_safely(self._folders.over / NAME, text.encode())


def _written(executor: Executor) -> str:
    facts = {"title": executor.title, "person": executor.person, "phone": executor.phone, "email": executor.email}
    lines = [f"{name} = {quoted(value)}" for name, value in facts.items() if value]
    topics = ", ".join(map(quoted, executor.topics))
    return "\n".join((f"[executors.{executor.key}]", *lines, f"topics = [{topics}]", ""))
