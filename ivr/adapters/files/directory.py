"""Reads the directory of executors: `config/directory.toml`."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from ivr.adapters.files.layers import Folder
from ivr.adapters.files.tables import checked, read_table
from ivr.domain.directory import Directory, Executor
from ivr.errors import SettingsError


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
    file = config / "directory.toml"
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
