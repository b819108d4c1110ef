"""The archive of voices put together: this machine's disk, or a store behind it."""

from __future__ import annotations

from typing import Protocol

from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.settings_tables import S3Table
from ivr.adapters.objects.archive import StoredRecordings
from ivr.adapters.objects.store import ObjectStore, S3Settings
from ivr.errors import SettingsError
from ivr.ports import Recordings


class Archive(Recordings, Protocol):
    """An archive that is held open."""

    def close(self) -> None:
        """Everything on the disk."""


def archive_of(settings: Settings) -> Archive:
    """The archive of voices.

    Raises:
        SettingsError: the folder cannot be written, a file of the store's settings cannot be read.
    """
    disk = WavRecordings(settings.data / "recordings")
    table = settings.storage.s3
    if table is None:
        return disk
    return StoredRecordings(disk, ObjectStore(_store(table)), after_seconds=table.after_seconds)


def _store(table: S3Table) -> S3Settings:
    try:
        return S3Settings(
            table.endpoint, table.bucket, table.access_key, table.secret_key_file.read_text("utf-8").strip(),
            table.region, table.prefix.strip("/"), table.certificates.read_text("utf-8") if table.certificates else "",
        )  # fmt: skip
    except OSError as fault:
        raise SettingsError(f"storage.s3: {fault.filename}: {fault.strerror}") from fault
