"""An older journal of messages being taken in: its rows as they stand, and what was made of each (clause 16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.domain.message import Message
from ivr.domain.report import MessageRow

Cell = object
"""What a cell holds: str, a number, datetime, date, time, or None."""

TIME = "time"
"""Key of a column that holds the time alone, beside the columns of appendix 2."""


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The head of a sheet that is a journal.

    Attributes:
        read: headings by column of appendix 2. unread: headings of columns that nothing is made of.
    """

    sheet: str
    line: int
    read: Mapping[str, str]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it stands in the file; cells by column of appendix 2.

    Attributes:
        more: heading and cell of further columns for the same thing (a second telephone, a second note).
    """

    sheet: str
    line: int
    cells: Mapping[str, Cell]
    more: tuple[tuple[str, Cell], ...] = ()


class Verdict(StrEnum):
    """What happens to a row."""

    NEW = "new"
    KNOWN = "known"  # the journal has it, word for word
    REPEATS = "repeats"  # an earlier row of the same file says the same
    DIFFERS = "differs"  # the journal has this call with other words; a person decides
    REFUSED = "refused"  # no message can be made of it


class Doubt(StrEnum):
    """What a person should look at."""

    NO_DATE = "no_date"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    DATE_ABOVE = "date_above"
    NO_TIME = "no_time"
    BAD_PHONE = "bad_phone"
    MORE_PHONES = "more_phones"
    READ_AS = "read_as"
    NOT_IN_LIST = "not_in_list"


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt about a cell."""

    doubt: Doubt
    column: str
    given: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What was made of a row.

    Attributes:
        message: the message, None when refused. row: the same as appendix 2 would print it.
    """

    sheet: str
    line: int
    message: Message | None
    row: MessageRow | None
    remarks: tuple[Remark, ...] = ()
    verdict: Verdict = Verdict.REFUSED
