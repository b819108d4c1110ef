"""A notice as a sentence, from `config/ui.ru.toml`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.adapters.files.ui import words
from ivr.domain.notices import Notice

_SHORT_ID = 8


def notice_line(notice: Notice, zone: ZoneInfo) -> str:
    """What a notice says; no name, number or word of a citizen is in it."""
    name, _, which = notice.subject.partition(":")
    at = f"{notice.at.astimezone(zone):%d.%m.%Y %H:%M}"
    return words(f"notices.kinds.{notice.kind}", row=notice.subject[:_SHORT_ID], subject=which or name, at=at)
