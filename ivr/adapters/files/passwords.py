"""Passwords that everybody uses: the list of the package zxcvbn and our own, `config/passwords.txt`."""

from __future__ import annotations

from functools import cache

from ivr.adapters.files.settings import project_root


@cache
def common_passwords() -> frozenset[str]:
    """Lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    own = (project_root() / "config" / "passwords.txt").read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in own.splitlines())
    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(line.casefold() for line in lines if line)
