"""An archive of one person's data: a page that people can read, the same for programs, the recordings (152-FZ)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import IO, Any
from zoneinfo import ZoneInfo

from ivr.domain.consent import Proof
from ivr.errors import JournalError
from ivr.ports import Recordings

_PIECE = 1 << 20
_SPOKEN = ("turn", "talk")
_HEADS = ("call", "attempt", "callback", "leg")
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "dt{color:#555}dd{margin:0 0 .4em 1em}section{border-top:1px solid #999;margin-top:1.5em}"
)

Row = Mapping[str, Any]
Words = Callable[..., str]


@dataclass(slots=True)
class ZipDossiers:
    """Fulfils `ports.keeping.Dossiers`.

    Attributes:
        words: texts for people by dotted key.
        zone: in which moments are told.
    """

    recordings: Recordings
    words: Words
    zone: ZoneInfo

    def write(self, target: IO[bytes], rows: Iterator[tuple[str, Row]], made_at: datetime) -> int:
        """Row by row; recordings that nothing proves the citizen's knowledge of are named, not handed out."""
        told: list[str] = []
        plain: list[dict[str, object]] = []
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table, row in rows:
                plain.append({"table": table, **{name: self._plain(value) for name, value in row.items()}})
                told.append(self._told(table, row))
                if name := _sound_of(table, row):
                    told.append(self._sound(archive, name, row))
            archive.writestr("index.html", self._page(told, made_at))
            archive.writestr("data.json", json.dumps(plain, ensure_ascii=False, indent=1))
        return len(plain)

    def _page(self, told: list[str], made_at: datetime) -> str:
        title = escape(self.words("dossier.title"))
        head = f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        made = escape(self.words("dossier.made", at=self._plain(made_at)))
        return f"{head}<h1>{title}</h1><p>{made}</p>" + "\n".join(told)

    def _told(self, table: str, row: Row) -> str:
        if table in _SPOKEN:
            who = escape(self.words(f"dossier.{row['speaker']}"))
            keys = f" [{escape(row['keys'])}]" if row["keys"] else ""
            return f"<p><b>{who}:</b> {escape(row['text'])}{keys}</p>"
        said = ((self._title(name), self._plain(value)) for name, value in row.items() if value not in (None, "", []))
        lines = "".join(f"<dt>{escape(name)}<dd>{escape(str(value))}" for name, value in said)
        level, begin = ("h2", "<section>") if table in _HEADS else ("h3", "")
        return f"{begin}<{level}>{escape(self.words(f'dossier.{table}'))}</{level}><dl>{lines}</dl>"

    def _title(self, name: str) -> str:
        known = f"dossier.columns.{name}"
        found = self.words(known)
        return name if found == known else found

    def _plain(self, value: object) -> object:
        return f"{value.astimezone(self.zone):%d.%m.%Y %H:%M:%S}" if isinstance(value, datetime) else value

    def _sound(self, archive: zipfile.ZipFile, name: str, row: Row) -> str:
        """The recording, or why it is not there."""
        if _proof(row).lacks:
            return f"<p>{escape(self.words('dossier.withheld'))}</p>"
        try:
            size = self.recordings.size(name)
        except JournalError:
            return f"<p>{escape(self.words('dossier.no_sound'))}</p>"
        path = f"recordings/{name}.wav"
        with archive.open(path, "w") as file:
            for start in range(0, size, _PIECE):
                file.write(self.recordings.piece(name, start, min(_PIECE, size - start)))
        return f'<p><a href="{path}">{escape(self.words("dossier.sound"))}</a></p>'


def _sound_of(table: str, row: Row) -> str:
    """The name of a row's recording: both calls and attempts give theirs."""
    if table == "attempt":
        return str(row["id"]) if row["recording_seconds"] else ""
    return str(row["id"]) if table == "call" and row["answered_at"] else ""


def _proof(row: Row) -> Proof:
    return Proof(row["notice_seconds"], row["notice_hash"], row["notice_edition"], row["notice_whole"])
