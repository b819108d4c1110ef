"""Objects of one bucket of an S3-compatible store: put, read by pieces, summed up, removed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

from ivr.errors import JournalError, RecordingsAway, SettingsError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Store

_CONNECT = timedelta(seconds=2)
_READ = timedelta(seconds=10)
_WHOLE = timedelta(minutes=5)
_PIECE = 1 << 20


class NotThere(JournalError):
    """The store answers, and has no such object."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the store is.

    Attributes:
        endpoint: its address, `https://…`.
        certificate: PEM of the authority that signed its certificate, "" for those the system trusts.
    """

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = ""
    certificate: str = ""


class ObjectStore:
    """One bucket. Every failure of the store is `RecordingsAway`, told within seconds where it does not answer.

    Raises:
        SettingsError: obstore is not installed, or the settings make no store.
    """

    def __init__(self, settings: S3Settings) -> None:
        try:
            import obstore
        except ImportError as fault:
            raise SettingsError("storage.s3: the package obstore is missing: pip install 'ivr[s3]'") from fault
        self._objects: Any = obstore
        self._store = _open(settings)

    def put(self, key: str, file: IO[bytes], digest: str) -> None:
        """Keep the whole file under this key; a reader sees all of it or nothing.

        Args:
            digest: its SHA-256, kept with it.
        """
        with _told():
            self._objects.put(self._store, key, file, attributes={"sha256": digest, "Content-Type": "audio/wav"})

    def size(self, key: str) -> int:
        """Bytes of the object."""
        with _told():
            return int(self._objects.head(self._store, key)["size"])

    def piece(self, key: str, start: int, length: int) -> bytes:
        """Some bytes of it, fewer where it ends, none behind its end."""
        length = min(length, self.size(key) - start)
        if length <= 0:
            return b""
        with _told():
            return bytes(self._objects.get_range(self._store, key, start=start, length=length))

    def read(self, key: str) -> bytes:
        """All of it."""
        with _told():
            return bytes(self._objects.get(self._store, key).bytes())

    def digest(self, key: str) -> str | None:
        """SHA-256 of what the store gives back, None when there is no such object."""
        found = hashlib.sha256()
        try:
            with _told():
                for piece in self._objects.get(self._store, key).stream(min_chunk_size=_PIECE):
                    found.update(piece)
        except NotThere:
            return None
        return found.hexdigest()

    def remove(self, key: str) -> bool:
        """Erase it; False when it was not there."""
        try:
            self.size(key)
        except NotThere:
            return False
        with contextlib.suppress(NotThere), _told():
            self._objects.delete(self._store, key)
        return True

    def older(self, before: datetime) -> Iterator[str]:
        """Keys of what was put before then."""
        with _told():
            for some in self._objects.list(self._store):
                yield from (str(one["path"]) for one in some if one["last_modified"] < before)

    def prove(self, key: str) -> None:
        """Write, read back and erase a small object: the rights suffice."""
        import io

        written = b"ivr"
        self.put(key, io.BytesIO(written), hashlib.sha256(written).hexdigest())
        try:
            if self.read(key) != written:
                raise JournalError("the store gives back other bytes than it was given")
        finally:
            self.remove(key)


def _open(settings: S3Settings) -> S3Store:
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    client: ClientConfig = {
        "allow_http": settings.endpoint.startswith("http://"), "connect_timeout": _CONNECT, "read_timeout": _READ,
        "timeout": _WHOLE,
    }  # fmt: skip
    if settings.certificate:
        client["root_certificate"] = settings.certificate
    try:
        return S3Store(
            settings.bucket, prefix=settings.prefix or None, endpoint=settings.endpoint, region=settings.region,
            access_key_id=settings.access_key, secret_access_key=settings.secret_key,
            virtual_hosted_style_request=False, client_options=client,
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=5)},
        )  # fmt: skip
    except (BaseError, ValueError) as fault:
        raise SettingsError(f"storage.s3: {fault}") from fault


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """The store's failures in our words; its own may hold addresses and keys."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (NotFoundError, FileNotFoundError) as fault:
        raise NotThere("there is no such recording") from fault
    except (BaseError, OSError) as fault:
        raise RecordingsAway(f"the store of recordings: {type(fault).__name__}") from fault
