"""An exchange's own records: broken lines are named, the rest is taken in, nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.adapters.files.cdr import read_cdr, read_layouts
from ivr.domain.cdr import CdrLine, Direction
from ivr.domain.counting import CountedBy, count_load
from ivr.domain.leg import LegRecord, Side
from ivr.errors import SettingsError
from ivr.services.exchange_records import Taken, take_in
from tests.samples import CALENDAR

MOSCOW = ZoneInfo("Europe/Moscow")
NAMES = {"101": "Петрова"}


def record(
    unique: str, telephone: str = "101", disposition: str = "ANSWERED", context: str = "from-trunk",
    start: str = "2026-11-25 10:00:00", answer: str = "2026-11-25 10:00:03", end: str = "2026-11-25 10:02:03",
) -> str:  # fmt: skip
    """A line of Asterisk's Master.csv."""
    answer = answer if disposition == "ANSWERED" else ""
    cells = (
        "", "89000000001", "112", context, '""A"" <89000000001>', "SIP/trunk-1", f"SIP/{telephone}-0000002a", "Dial",
        "SIP/101&SIP/102,30", start, answer, end, "123", "120", disposition, "DOCUMENTATION", unique, "",
    )  # fmt: skip
    return ",".join(f'"{cell}"' for cell in cells)


def taken(
    file: Path, layout: str = "asterisk", store: dict[str, LegRecord] | None = None
) -> tuple[Taken, list[LegRecord]]:
    """What becomes of a file."""
    store = {} if store is None else store

    def keep(legs: Iterable[LegRecord]) -> int:
        fresh = [leg for leg in legs if leg.id not in store]
        store.update({leg.id: leg for leg in fresh})
        return len(fresh)

    result = take_in(read_cdr(file, read_layouts()[layout], MOSCOW), "demo", NAMES, keep)
    return result, list(store.values())


def test_a_call_that_two_telephones_were_rung_for_is_one_call(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    lines = [
        record("1.1", "102", "NO ANSWER"), record("1.1", "101"),
        record("1.2", "101", "BUSY"), record("1.2", "102", "NO ANSWER"),
        record("1.3", "trunk", context="from-internal"), record("1.4", context="from-internal-xfer"),
    ]  # fmt: skip
    file.write_text("\n".join(lines), "utf-8")
    result, legs = taken(file)
    assert (result.lines, result.legs, result.internal, result.broken) == (6, 7, 1, [])
    (day,) = count_load(legs, CALENDAR, CountedBy.EXCHANGE)
    assert (day.received, day.lost, day.outgoing, day.reached) == (2, 1, 1, 1)
    assert (day.rings, day.talks) == ((3.0,), (120.0,))
    assert {leg.who for leg in legs if leg.side is Side.OPERATOR} == {"Петрова", "102"}


def test_broken_lines_are_named_and_the_rest_is_taken_in_once(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    lines = [
        record("2.1"),
        '"not", "eighteen", "columns"',
        record("2.2").replace("2026-11-25 10:00:00", "yesterday"),
        record("2.3", disposition="MAYBE"),
        record(""),
        record("2.4")[:-9],  # torn off within a quotation
        record("2.5", end="2026-11-25 09:00:00"),
        record("2.6").replace("2026-11-25 10:00:03", ""),
        "",
        record("2.7"),
    ]
    file.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\x00 garbage\n")
    store: dict[str, LegRecord] = {}
    result, _ = taken(file, store=store)
    assert [number for number, _ in result.broken] == [2, 3, 4, 5, 6, 7, 8, 11]
    assert (result.lines, result.fresh) == (2, 4)
    again, _ = taken(file, store=store)
    assert (again.lines, again.fresh, again.legs) == (2, 0, 4)


def test_a_file_that_was_read_while_it_grew_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    store: dict[str, LegRecord] = {}
    file.write_text(record("3.1", "102", "NO ANSWER"), "utf-8")
    taken(file, store=store)
    (day,) = count_load(store.values(), CALENDAR, CountedBy.EXCHANGE)
    assert day.lost == 1
    file.write_text("\n".join([record("3.1", "102", "NO ANSWER"), record("3.1", "101")]), "utf-8")
    taken(file, store=store)
    (day,) = count_load(store.values(), CALENDAR, CountedBy.EXCHANGE)
    assert (day.received, day.lost) == (1, 0)


def test_a_layout_with_a_header_finds_its_columns_wherever_they_stand(tmp_path: Path) -> None:
    mapping = tmp_path / "cdr.toml"
    mapping.write_text(
        '[own]\ndelimiter = ";"\ntime_format = "%d.%m.%Y %H:%M:%S"\nutc = true\n'
        '[own.fields]\nid = "call"\nfrom = "a"\nto = "b"\nwho = "phone"\ninvited = "t1"\n'
        'answered = "t2"\nended = "t3"\n'
        'outcome = "how"\n[own.outcomes]\nok = 200\nno = 480\n[own.direction]\ncolumn = "dir"\nincoming = ["in"]\n',
        "utf-8",
    )
    file = tmp_path / "own.csv"
    file.write_text(
        "how;dir;call;a;b;phone;t1;t2;t3\n"
        "ok;in;7;89000000001;112;X/101;25.11.2026 07:00:00;25.11.2026 07:00:02;25.11.2026 07:01:00\n",
        "utf-8",
    )
    (line,) = read_cdr(file, read_layouts(mapping)["own"], MOSCOW)
    assert isinstance(line, CdrLine)
    assert (line.direction, line.telephone, line.invited_at.hour) == (Direction.INCOMING, "101", 7)
    file.write_text("how;dir;call;a\n", "utf-8")
    with pytest.raises(SettingsError, match="no such column: b, phone, t1, t2, t3"):
        list(read_cdr(file, read_layouts(mapping)["own"], MOSCOW))


def test_a_time_with_its_own_offset_is_taken_at_its_word(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    start, answer, end = (f"2026-11-25 10:00:0{second}+0000" for second in range(3))
    file.write_text(record("5.1", start=start, answer=answer, end=end), "utf-8")
    layout = read_layouts()["asterisk"].model_copy(update={"time_format": "%Y-%m-%d %H:%M:%S%z"})
    (line,) = read_cdr(file, layout, MOSCOW)
    assert isinstance(line, CdrLine)
    assert line.invited_at == datetime(2026, 11, 25, 10, tzinfo=UTC)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.csv"):
        taken(tmp_path / "gone.csv")


def test_a_layout_that_names_no_column_of_its_own_is_refused(tmp_path: Path) -> None:
    mapping = tmp_path / "cdr.toml"
    text = (Path(__file__).parents[3] / "config" / "cdr.toml").read_text("utf-8")
    mapping.write_text(text.replace('id = "uniqueid"', 'id = "uniquid"'), "utf-8")
    with pytest.raises(SettingsError, match="no such column: uniquid"):
        read_layouts(mapping)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=600))
def test_no_bytes_are_an_error(tmp_path: Path, blob: bytes) -> None:
    file = tmp_path / "Master.csv"
    file.write_bytes(record("9.1").encode() + b"\n" + blob + b"\n" + record("9.2").encode() + b"\n")
    result, legs = taken(file)
    assert {leg.call for leg in legs} >= {leg.call for leg in legs[:2]}
    assert result.lines >= 2
