"""The printable sheet that goes to an executor (clause 20.5): `config/sheet.ru.html`, filled in."""

from __future__ import annotations

import html
from string import Template
from zoneinfo import ZoneInfo

from ivr.adapters.files.settings import project_root
from ivr.domain.contact import Address
from ivr.domain.message import Message
from ivr.domain.referral import Referral


def executor_sheet(referral: Referral, message: Message, *, municipality: str, topic: str, zone: ZoneInfo) -> str:
    """The sheet as a page; whatever the citizen said stands in it inert."""
    template = Template((project_root() / "config" / "sheet.ru.html").read_text("utf-8"))
    facts = {
        "municipality": municipality, "executor": referral.executor, "passed_by": referral.passed_by,
        "passed_at": f"{referral.passed_at.astimezone(zone):%d.%m.%Y %H:%M}",
        "due_at": f"{referral.due_at.astimezone(zone):%d.%m.%Y %H:%M}", "row": message.id[:8],
        "called_at": f"{message.received_at.astimezone(zone):%d.%m.%Y %H:%M}",
        "name": message.name.full if message.name else "—", "number": message.number_to_call or "—",
        "topic": topic or "—", "address": _line(message.address) or "—", "question": referral.question,
        "text": message.text or "—",
    }  # fmt: skip
    return template.substitute({name: html.escape(value) for name, value in facts.items()})


def _line(address: Address | None) -> str:
    if address is None:
        return ""
    return ", ".join(part for part in (address.locality, address.street, address.house, address.flat) if part)
