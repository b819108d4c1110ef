"""The month for the head (clause 18): figures against norms, topics, load, decisions, with charts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.style import HEAD_ROW, Look, Origin, put, put_formula
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, MonthReport, Tally
from ivr.domain.report_words import ReportWords

_SECONDS = Look(centre=True, number_format="0.0")
_CHANGE = Look(centre=True, number_format="+0;-0;0")
_CHANGE_SHARE = Look(centre=True, number_format="+0.0%;-0.0%;0.0%")
_CHANGE_SECONDS = Look(centre=True, number_format="+0.0;-0.0;0.0")
_PART = Look(bold=True, fill=style.NORM_FILL)
_SIGNS = {"<=": "\u2264", ">=": "\u2265"}
_TOPICS_SHOWN = 15


def write_month(path: Path, report: MonthReport, words: ReportWords, rules: Regulation, origin: Origin) -> None:
    """Write the workbook of four sheets."""
    workbook = style.new_workbook(origin)
    summary, topics, load, decisions = (workbook.create_sheet(sheet_title(title)) for title in words.month.sheets)
    _write_summary(summary, report, words, rules, origin)
    _write_topics(topics, report, words, origin)
    _write_load(load, report, words, origin)
    _write_decisions(decisions, report, words, origin)
    workbook.save(path)


def _head(sheet: Any, titles: Sequence[str], widths: Sequence[int], words: ReportWords, origin: Origin) -> None:
    style.put_head(sheet, words.month.title, f"{origin.municipality}. {origin.title}", titles, widths)
    style.print_set_up(sheet, origin, head_rows=f"{HEAD_ROW}:{HEAD_ROW}", one_page=True)


def _write_summary(sheet: Any, report: MonthReport, words: ReportWords, rules: Regulation, origin: Origin) -> None:
    _head(sheet, words.month.summary_columns, (48, 16, 14, 16, 18, 16), words, origin)
    for row, figure in enumerate(_figures(report, rules), HEAD_ROW + 1):
        key, now, before, look, change, sign, norm = figure
        put(sheet, f"A{row}", words.month.figures.get(key, key), style.LABEL)
        put(sheet, f"B{row}", now, look)
        put(sheet, f"C{row}", _norm_shown(sign, norm, look), Look(centre=True))
        met = f'IF(B{row}{sign}{norm!r},"{words.month.met}","{words.month.not_met}")'
        if norm is None:
            put(sheet, f"D{row}", "", Look(centre=True))
        else:
            cell = put_formula(sheet, f"D{row}", f'=IF(ISNUMBER(B{row}),{met},"")', Look(centre=True, bold=True))
            _colour(sheet, cell.coordinate, words)
        put(sheet, f"E{row}", before, look)
        put_formula(sheet, f"F{row}", f'=IF(AND(ISNUMBER(B{row}),ISNUMBER(E{row})),B{row}-E{row},"")', change)


def _norm_shown(sign: str, norm: float | None, look: Look) -> str:
    if norm is None:
        return ""
    return _SIGNS.get(sign, sign) + (f"{norm * 100:g}%" if look is style.SHARE else f"{norm:g}")


def _figures(report: MonthReport, rules: Regulation) -> list[tuple[str, Any, Any, Look, Look, str, float | None]]:
    """Key, this month, the month before, look, look of the change, sign and norm."""
    load, load_before, kept, kept_before = (
        report.load, report.load_before, report.punctuality, report.punctuality_before,
    )  # fmt: skip
    plain = [
        (tally.title, tally.now, tally.before, style.COUNT, _CHANGE, "", None)
        for tally in (report.messages, report.machine, report.repeated)
    ]
    shares = (
        ("lost_share", "<", rules.lost_share_below), ("availability", ">", rules.availability_above),
        ("productivity", ">", rules.productivity_above),
    )  # fmt: skip
    return [
        *plain,
        ("received", load.received, load_before.received, style.COUNT, _CHANGE, "", None),
        *(
            (name, getattr(load, name), getattr(load_before, name), style.SHARE, _CHANGE_SHARE, sign, norm)
            for name, sign, norm in shares
        ),
        ("ring_seconds", load.ring_seconds, load_before.ring_seconds, _SECONDS, _CHANGE_SECONDS, "<=",
         rules.answer_seconds),
        ("after_hours", load.after_hours, load_before.after_hours, style.COUNT, _CHANGE, "", None),
        *(
            (name, getattr(kept, name), getattr(kept_before, name), style.COUNT, _CHANGE, "", None)
            for name in ("in_time", "late", "overdue")
        ),
        ("punctual", kept.share, kept_before.share, style.SHARE, _CHANGE_SHARE, ">=", 1.0),
    ]  # fmt: skip


def _colour(sheet: Any, cell: str, words: ReportWords) -> None:
    style.colour(sheet, cell, style.KEPT, f'{cell}="{words.month.met}"')
    style.colour(sheet, cell, style.BROKEN, f'{cell}="{words.month.not_met}"')


def _write_tallies(sheet: Any, row: int, tallies: Sequence[Tally], blank: str) -> int:
    """Rows of counts from this row on; the row after them."""
    for tally in tallies:
        put(sheet, f"A{row}", tally.title or blank, style.TEXT)
        put(sheet, f"B{row}", tally.now, style.COUNT)
        put(sheet, f"C{row}", tally.before, style.COUNT)
        put_formula(sheet, f"D{row}", f"=B{row}-C{row}", _CHANGE)
        row += 1
    return row


def _write_topics(sheet: Any, report: MonthReport, words: ReportWords, origin: Origin) -> None:
    _head(sheet, words.month.topic_columns, (58, 14, 18, 14), words, origin)
    last = _write_tallies(sheet, HEAD_ROW + 1, report.topics, words.month.not_stated) - 1
    chart = BarChart(barDir="bar")
    _draw(sheet, chart, words.month.chart_topics, (2, 3), min(last, HEAD_ROW + _TOPICS_SHOWN), "F3", height=14)
    chart.y_axis.numFmt = "0"
    chart.x_axis.scaling.orientation = "maxMin"


def _write_load(sheet: Any, report: MonthReport, words: ReportWords, origin: Origin) -> None:
    _head(sheet, words.month.load_columns, (14, 14, 12, 12, 12, 16, 18, 18), words, origin)
    for row, day in enumerate(report.days, HEAD_ROW + 1):
        _write_load_day(sheet, row, day)
    last = HEAD_ROW + len(report.days)
    if report.days:
        _draw(sheet, LineChart(), words.month.chart_load, (2, 3, 8), last, f"A{last + 2}", height=8)


def _write_load_day(sheet: Any, row: int, day: LoadDay) -> None:
    put(sheet, f"A{row}", day.day, style.DATE)
    for letter, count in zip("BCDH", (day.received, day.lost, day.accepted, day.after_hours), strict=True):
        put(sheet, f"{letter}{row}", count if day.received is not None or letter == "H" else None, style.COUNT)
    for letter, share in zip("EFG", (day.lost_share, day.availability, day.productivity), strict=True):
        put(sheet, f"{letter}{row}", share, style.SHARE)


def _write_decisions(sheet: Any, report: MonthReport, words: ReportWords, origin: Origin) -> None:
    _head(sheet, words.month.decision_columns, (64, 14, 18, 14), words, origin)
    row = HEAD_ROW + 1
    parts = (report.outcomes, report.results, report.statuses, report.executors)
    for title, tallies in zip(words.month.decision_parts, parts, strict=True):
        for letter in "ABCD":
            put(sheet, f"{letter}{row}", title if letter == "A" else "", _PART)
        row = _write_tallies(sheet, row + 1, tallies, words.month.not_stated)


def _draw(sheet: Any, chart: Any, title: str, columns: Sequence[int], last: int, place: str, *, height: int) -> None:
    """A chart of these columns, beside or below its figures."""
    for column in columns:
        chart.add_data(Reference(sheet, min_col=column, min_row=HEAD_ROW, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=HEAD_ROW + 1, max_row=last))
    for series in chart.series:
        series.smooth = False if isinstance(chart, LineChart) else None
    chart.title = title
    chart.height, chart.width = height, 24
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, place)
