"""The month for the head (clause 18): topics, load, decisions, each with its chart; the summary stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from ivr.adapters.workbooks import charts, style
from ivr.adapters.workbooks.charts import Plot
from ivr.adapters.workbooks.month_summary import CHANGE, write_summary
from ivr.adapters.workbooks.style import HEAD_ROW, Look, put, put_formula
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.month import MonthReport, Tally
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading, LoadDay
from ivr.domain.report_words import ReportWords

_PART = Look(bold=True, fill=style.NORM_FILL, middle=True, across="left")
_BOLD_COUNT = Look(bold=True, centre=True, number_format="0", fill=style.NORM_FILL)
_NORM = Look(centre=True, number_format='"<"0%')
_TOPICS_SHOWN = 15
_DAYS_ON_A_PAGE = 40


def write_month(
    target: Path | IO[bytes], report: MonthReport, words: ReportWords, rules: Regulation, heading: Heading
) -> int:
    """Write the workbook of four sheets; the number of messages it tells of."""
    workbook = style.new_workbook(heading)
    summary, topics, load, decisions = (workbook.create_sheet(sheet_title(title)) for title in words.month.sheets)
    write_summary(summary, report, words, rules, heading)
    _write_topics(topics, report, words, heading)
    _write_load(load, report, words, rules, heading)
    _write_decisions(decisions, report, words, heading)
    workbook.save(target)
    return report.messages.now


def _head(
    sheet: Any, titles: Sequence[str], widths: Sequence[int], report: MonthReport, words: ReportWords, heading: Heading
) -> None:
    periods = {"now": words.named(report.period), "before": words.named(report.period.before)}
    titles = [title.format(**periods) for title in titles]
    style.put_head(sheet, words.month.title, f"{heading.municipality}. {heading.title}", titles, widths)
    style.print_set_up(sheet, words.footer, head_rows=f"{HEAD_ROW}:{HEAD_ROW}", one_page=True)


def _write_tallies(sheet: Any, row: int, tallies: Sequence[Tally], blank: str) -> int:
    """Rows of counts from this row on; the row after them."""
    for tally in tallies:
        put(sheet, f"A{row}", tally.title or blank, Look(middle=True, across="left", number_format="@", quoted=True))
        put(sheet, f"B{row}", tally.now, style.COUNT)
        put(sheet, f"C{row}", tally.before, style.COUNT)
        put_formula(sheet, f"D{row}", f"=B{row}-C{row}", tally.now - tally.before, CHANGE)
        row += 1
    return row


def _write_topics(sheet: Any, report: MonthReport, words: ReportWords, heading: Heading) -> None:
    _head(sheet, words.month.topic_columns, (62, 13, 13, 12), report, words, heading)
    _write_tallies(sheet, HEAD_ROW + 1, report.topics, words.month.not_stated)
    told = sum(1 for topic in report.topics if topic.now or topic.before)
    if told:
        shown = min(told, _TOPICS_SHOWN)
        plot = _now_and_before(words.month.chart_topics, "F3", shown, (16, 3 + shown * 0.85))
        charts.bars(sheet, plot, lying=True, figures="0;;")


def _now_and_before(title: str, place: str, count: int, size: tuple[float, float], first: int = HEAD_ROW + 1) -> Plot:
    return Plot(title, place, size, HEAD_ROW, (first, first + count - 1), ((2, charts.NOW), (3, charts.BEFORE)))


def _write_load(sheet: Any, report: MonthReport, words: ReportWords, rules: Regulation, heading: Heading) -> None:
    _head(sheet, words.month.load_columns, (13, 12, 12, 12, 12, 14, 15, 17, 16), report, words, heading)
    first, last = HEAD_ROW + 1, HEAD_ROW + len(report.days)
    for row, day in enumerate(report.days, first):
        _write_load_day(sheet, row, day, rules)
    if not report.days:
        return
    _write_load_total(sheet, last + 1, report, words)
    if len(report.days) > _DAYS_ON_A_PAGE:
        style.print_set_up(sheet, words.footer, head_rows=f"{HEAD_ROW}:{HEAD_ROW}")
    stack, shares = ((2, charts.NOW), (3, charts.BAD), (9, charts.BEFORE)), ((5, charts.NOW), (6, charts.BAD))
    below, size, rows, days = last + 3, (13.5, 7.5), (first, last), "dd.mm"
    charts.bars(
        sheet, Plot(words.month.chart_load, f"A{below}", size, HEAD_ROW, rows, stack, days), stacked=True
    )  # fmt: skip
    charts.lines(sheet, Plot(words.month.chart_lost, f"F{below}", size, HEAD_ROW, rows, shares, days), "0%")


def _write_load_day(sheet: Any, row: int, day: LoadDay, rules: Regulation) -> None:
    put(sheet, f"A{row}", day.day, style.DATE)
    counts = (day.accepted, day.lost, day.received) if day.received is not None else (None, None, None)
    for letter, count in zip("BCD", counts, strict=True):
        put(sheet, f"{letter}{row}", count, style.COUNT)
    for letter, share in zip("EGH", (day.lost_share, day.availability, day.productivity), strict=True):
        put(sheet, f"{letter}{row}", share, style.SHARE)
    put(sheet, f"F{row}", rules.lost_share_below, _NORM)
    put(sheet, f"I{row}", day.after_hours, style.COUNT)


def _write_load_total(sheet: Any, row: int, report: MonthReport, words: ReportWords) -> None:
    put(sheet, f"A{row}", words.load.total, _PART)
    load = report.load
    sums = {"B": load.accepted, "C": load.lost, "D": load.received, "I": load.after_hours}
    for letter in "BCDEFGHI":
        if letter in sums:
            formula = f"=SUM({letter}{HEAD_ROW + 1}:{letter}{row - 1})"
            put_formula(sheet, f"{letter}{row}", formula, sums[letter], _BOLD_COUNT)
        else:
            put(sheet, f"{letter}{row}", None, _BOLD_COUNT)


def _write_decisions(sheet: Any, report: MonthReport, words: ReportWords, heading: Heading) -> None:
    _head(sheet, words.month.decision_columns, (54, 13, 13, 12), report, words, heading)
    row = HEAD_ROW + 1
    parts = (report.outcomes, report.results, report.statuses, report.executors)
    drawn = {0: (words.month.chart_outcomes, "F3", 7.5), 1: (words.month.chart_results, "F19", 9.0)}
    for number, (title, tallies) in enumerate(zip(words.month.decision_parts, parts, strict=True)):
        for letter in "ABCD":
            put(sheet, f"{letter}{row}", title if letter == "A" else "", _PART)
        if number in drawn and any(tally.now or tally.before for tally in tallies):
            chart_title, place, height = drawn[number]
            plot = _now_and_before(chart_title, place, len(tallies), (16, height), row + 1)
            charts.bars(sheet, plot, lying=True, figures="0;;")
        row = _write_tallies(sheet, row + 1, tallies, words.month.not_stated)
