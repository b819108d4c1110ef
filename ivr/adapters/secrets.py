"""Passwords by argon2id, and the one-time key of the first start (fulfils `ports.access.Passwords` and `SetupKey`)."""

from __future__ import annotations

import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.domain.access import secret_hash


class Argon2Passwords:
    """Argon2id with RFC 9106's numbers for little memory (64 MiB), or weaker ones for tests."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """The hash, its salt and numbers in it."""
        return self._hasher.hash(password)

    def fits(self, hashed: str, password: str) -> bool:
        """Compared in constant time; without a hash a hash of nobody is compared, as slowly."""
        try:
            return self._hasher.verify(hashed or self._nobody, password) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, hashed: str) -> bool:
        """Made with other numbers than today's."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex())


class FileSetupKey:
    """The hash of the key lies in a file of the data folder until the administrator is made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> str:
        """A new key, 128 bits."""
        key = secrets.token_urlsafe(16)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret_hash(key))
        return key

    def fits(self, key: str) -> bool:
        """Compared in constant time."""
        try:
            kept = self._path.read_text("ascii")
        except OSError:
            return False
        return hmac.compare_digest(kept, secret_hash(key))

    def remove(self) -> None:
        """Harmless twice."""
        self._path.unlink(missing_ok=True)
