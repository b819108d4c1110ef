"""Reads the words of the reports: `config/reports.ru.toml`, and the regulation's lists."""

from __future__ import annotations

from pathlib import Path

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.tables import checked, read_table
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.report_words import ReportWords
from ivr.errors import SettingsError

_LENGTHS = (
    ("weekdays", 7), ("load.columns", 10), ("messages.columns", 13), ("messages.list_titles", 5), ("week.columns", 4),
    ("month.summary_columns", 6), ("month.topic_columns", 4), ("month.load_columns", 9), ("month.decision_columns", 4),
    ("months", 12), ("older.months", 12),
)  # fmt: skip


def read_report_words(config: Path | None = None) -> ReportWords:
    """The words of all reports.

    Raises:
        SettingsError: every mistake, with its line; a list of columns that is not as long as the form.
    """
    folder = config or project_root() / "config"
    file = folder / "reports.ru.toml"
    words = checked(ReportWords, {**read_table(file), "vocabulary": read_vocabulary(folder)}, file)
    mistakes = []
    for name, length in _LENGTHS:
        listed = words
        for part in name.split("."):
            listed = getattr(listed, part)
        if len(listed) != length:  # type: ignore[arg-type]
            mistakes.append(f"{file}: {name} must have {length} words")
    if mistakes:
        raise SettingsError(mistakes)
    return words
