"""The log: lines a person can read, or JSON. Actions and facts, never what a caller said, a name or a number."""

from __future__ import annotations

import json
import logging
import sys

_FACTS = (
    "action", "call", "child", "end", "why", "status", "expires", "engine", "legs", "port", "rows", "seconds", "code",
)  # fmt: skip


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={getattr(record, name)}" for name in _FACTS if hasattr(record, name))
        line = f"{self.formatTime(record)} {record.levelname:<7} {record.getMessage()}  {facts}".rstrip()
        return line + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        line = {"time": self.formatTime(record), "level": record.levelname, "message": record.getMessage(), **facts}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_log(form: str, level: str = "info") -> None:
    """Send the log to standard error, as journald and container engines expect it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("websockets", "alembic", "asyncio", "apscheduler", "pymorphy3", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
