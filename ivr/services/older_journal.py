"""Takes an older journal of messages in: every row judged first, nothing twice (clause 16)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Message
from ivr.domain.older_journal import TIME, Cell, Doubt, ReadRow, Remark, SheetRow, Verdict
from ivr.domain.report import MESSAGE_COLUMNS, MessageRow, Period
from ivr.domain.report_words import LISTED, ReportWords
from ivr.domain.vocabulary import Kind
from ivr.language.dates import NotADate, WrittenMoment, read_moment
from ivr.language.lexicon import NumberPlan
from ivr.language.likeness import most_alike, plain
from ivr.language.phones import complete
from ivr.ports.reports import ReportSource
from ivr.services.reports import Editions, message_row

_ALIKE = 85
_PHONE_DIGITS = 5
_NUMBER_LENGTH = 32
_COLUMN_OF = dict(zip(LISTED, ("topic", "outcome", "result", "status"), strict=True))


@dataclass(slots=True)
class OlderJournal:
    """Reads rows of a file and judges them against the journal."""

    municipality: str
    words: ReportWords
    calendar: WorkingCalendar
    plan: NumberPlan
    now: datetime
    _above: WrittenMoment | None = None
    _titles: dict[Kind, dict[str, str]] = field(init=False)
    _comments: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        comment = self.words.messages.columns[MESSAGE_COLUMNS.index("comment")]
        self._comments = frozenset(map(plain, (comment, *self.words.older.aliases.get("comment", ()))))
        self._titles = {kind: {plain(title): key for key, title in self.words.titles(kind).items()} for kind in LISTED}

    def judge(self, rows: Iterable[SheetRow], source: ReportSource) -> Iterator[ReadRow]:
        """Every row with its verdict; the journal is read day by day as the dates of the rows demand."""
        known = _Known(source, self.municipality, self.words, self.calendar)
        seen: set[MessageRow] = set()
        for row in rows:
            read = self.read(row)
            if read is None:
                continue
            if read.row is None:
                yield read
            elif read.row in seen:
                yield replace(read, verdict=Verdict.REPEATS)
            else:
                seen.add(read.row)
                yield replace(read, verdict=known.verdict(read.row))

    def read(self, row: SheetRow) -> ReadRow | None:
        """The message of a row; None for a blank one."""
        texts = {column: _text(row.cells.get(column)) for column in MESSAGE_COLUMNS[1:]}
        if not any(text.strip() for text in texts.values()):
            self._heed_day(row)
            return None
        remarks: list[Remark] = []
        received_at = self._moment(row.cells, remarks)
        if received_at is None:
            return ReadRow(row.sheet, row.line, None, None, tuple(remarks))
        further = (_text(cell) if plain(title) in self._comments else f"{title}: {_text(cell)}"
                   for title, cell in row.more)  # fmt: skip
        message = self._message(texts, received_at, remarks, list(further))
        printed = message_row(message, self.words, self.calendar, Editions(lambda _e, _k: {}, self.words.vocabulary))
        return ReadRow(row.sheet, row.line, replace(message, id=_identity(printed, self.municipality)), printed,
                       tuple(remarks))  # fmt: skip

    def _moment(self, cells: Mapping[str, Cell], remarks: list[Remark]) -> datetime | None:
        given = cells.get("received_at")
        said = _text(given)
        try:
            written = read_moment(given, cells.get(TIME), self.words.older.months)
        except NotADate:
            remarks.append(Remark(Doubt.BAD_DATE if said.strip() else Doubt.NO_DATE, "received_at", said))
            return None
        if written.day is None:
            if self._above is None:
                remarks.append(Remark(Doubt.NO_DATE, "received_at", said))
                return None
            remarks.append(Remark(Doubt.DATE_ABOVE, "received_at", said))
            written = replace(written, day=self._above.day)
        self._above = written
        moment = written.moment(self.calendar.zone)
        if moment > self.now:
            remarks.append(Remark(Doubt.FUTURE_DATE, "received_at", said))
            return None
        if written.time is None:
            remarks.append(Remark(Doubt.NO_TIME, "received_at", said))
        return moment

    def _heed_day(self, row: SheetRow) -> None:
        """A row with nothing but a date is the heading of the rows below it."""
        try:
            written = read_moment(row.cells.get("received_at"), None, self.words.older.months)
        except NotADate:
            return
        if written.day is not None:
            self._above = written

    def _message(
        self, texts: Mapping[str, str], received_at: datetime, remarks: list[Remark], left_over: list[str]
    ) -> Message:
        keys = {
            column: self._key(kind, column, texts[column], remarks, left_over) for kind, column in _COLUMN_OF.items()
        }
        phone, number = self._phone(texts["phone"], remarks, left_over)
        repeated = self._repeated(texts["repeated"], remarks, left_over)
        machine = plain(texts["operator"]) == plain(self.words.messages.machine)
        return Message(
            id="", municipality=self.municipality, received_at=received_at,
            topic=keys["topic"], name=_name(texts["name"]), phone=phone, caller_number=number,
            address=Address(street=texts["address"]) if texts["address"].strip() else None,
            gist=texts["gist"], repeated=repeated, outcome=keys["outcome"],
            operator=None if machine else texts["operator"],
            executor=texts["executor"] or None, result=keys["result"],
            comment="; ".join(part for part in (texts["comment"], *left_over) if part),
            status=keys["status"] or "", edition=self.words.vocabulary.edition,
        )  # fmt: skip

    def _key(self, kind: Kind, column: str, given: str, remarks: list[Remark], left_over: list[str]) -> str | None:
        """The key of a title as people wrote it: exactly, without its note in brackets, or much alike."""
        titles = self._titles[kind]
        for words in (plain(given), plain(re.sub(r"\([^()]*\)\s*$", "", given))):
            if words in titles or not words:
                return titles.get(words)
        alike = most_alike(plain(given), titles, _ALIKE)
        if alike:
            key = titles[alike]
            remarks.append(Remark(Doubt.READ_AS, column, given, self.words.titles(kind)[key]))
            return key
        self._put_aside(column, given, remarks, left_over)
        return None

    def _repeated(self, given: str, remarks: list[Remark], left_over: list[str]) -> bool | None:
        words, messages, synonyms = plain(given), self.words.messages, self.words.older.synonyms
        for title, key, meaning in ((messages.first_time, "first_time", False), (messages.again, "again", True)):
            if words == plain(title) or words in synonyms.get(key, ()):
                return meaning
        if words:
            self._put_aside("repeated", given, remarks, left_over)
        return None

    def _put_aside(self, column: str, given: str, remarks: list[Remark], left_over: list[str]) -> None:
        remarks.append(Remark(Doubt.NOT_IN_LIST, column, given))
        left_over.append(f"{self.words.messages.columns[MESSAGE_COLUMNS.index(column)]}: {given}")

    def _phone(self, given: str, remarks: list[Remark], left_over: list[str]) -> tuple[PhoneNumber | None, str]:
        """The number, or what was written in its place."""
        parts = [part for part in re.split(r"[,;/\n]", given) if len(re.sub(r"\D", "", part)) >= _PHONE_DIGITS]
        phone = complete(re.sub(r"\D", "", parts[0]), self.plan) if parts else None
        if phone is None:
            if given.strip():
                remarks.append(Remark(Doubt.BAD_PHONE, "phone", given))
            if len(given) > _NUMBER_LENGTH:
                left_over.append(given)
            return None, given[:_NUMBER_LENGTH]
        if len(parts) > 1:
            remarks.append(Remark(Doubt.MORE_PHONES, "phone", given))
            left_over.append(given)
        return phone, ""


class _Known:
    """The journal's rows by moment, read month by month as the rows of the file demand."""

    def __init__(self, source: ReportSource, municipality: str, words: ReportWords, calendar: WorkingCalendar) -> None:
        self._source = source
        self._municipality = municipality
        self._words = words
        self._calendar = calendar
        self._editions = Editions(source.titles, words.vocabulary)
        self._months: dict[Period, dict[datetime, list[MessageRow]]] = {}

    def verdict(self, row: MessageRow) -> Verdict:
        """New, known word for word, or known with other words."""
        same_moment = self._month(row).get(row.received_at, ())
        if row in same_moment:
            return Verdict.KNOWN
        caller = (row.name, row.phone)
        if any(caller) and any((one.name, one.phone) == caller for one in same_moment):
            return Verdict.DIFFERS
        return Verdict.NEW

    def _month(self, row: MessageRow) -> dict[datetime, list[MessageRow]]:
        month = Period.month_of(row.received_at.date())
        if month not in self._months:
            rows: dict[datetime, list[MessageRow]] = {}
            for message in self._source.messages(self._municipality, month):
                printed = message_row(message, self._words, self._calendar, self._editions)
                rows.setdefault(printed.received_at, []).append(printed)
            self._months[month] = rows
        return self._months[month]


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _name(text: str) -> PersonName | None:
    words = text.split()
    if not words:
        return None
    if len(words) == 1:
        return PersonName(words[0])
    return PersonName(words[0], words[1], " ".join(words[2:]) or None)


def _identity(row: MessageRow, municipality: str) -> str:
    """The same row has the same id wherever it is taken in: that is why nothing comes twice."""
    return hashlib.sha256(repr((municipality, *astuple(row))).encode("utf-8", "replace")).hexdigest()[:32]
