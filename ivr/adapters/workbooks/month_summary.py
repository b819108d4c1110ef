"""The first sheet of the month for the head: figures against norms, what matters first, the curator's words, charts."""

from __future__ import annotations

from typing import Any

from ivr.adapters.workbooks import charts, style
from ivr.adapters.workbooks.charts import Plot
from ivr.adapters.workbooks.style import HEAD_ROW, Look, put, put_formula
from ivr.domain.month import MonthReport, Norm, Tally
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading
from ivr.domain.report_words import SIGNS, ReportWords

CHANGE = Look(centre=True, number_format="+0;-0;0")
_WIDTHS = (42, 18, 14, 18, 20, 20)
_SECONDS = Look(centre=True, number_format="0.0")
_CHANGES = {
    style.COUNT: CHANGE,
    style.SHARE: Look(centre=True, number_format="+0.0%;-0.0%;0.0%"),
    _SECONDS: Look(centre=True, number_format="+0.0;-0.0;0.0"),
}
_VERDICT = Look(centre=True, bold=True)
_SAID = Look(middle=True, across="left", number_format="@", quoted=True)
_REMARK_LINES = 5
_COUNTED, _NORMED = 5, 3


def write_summary(sheet: Any, report: MonthReport, words: ReportWords, rules: Regulation, heading: Heading) -> None:
    """Write the sheet; it prints on one page."""
    now, before = words.named(report.period), words.named(report.period.before)
    titles = [title.format(now=now, before=before) for title in words.month.summary_columns]
    style.put_head(sheet, words.month.title, f"{heading.municipality}. {heading.title}", titles, _WIDTHS)
    style.print_set_up(sheet, words.footer, head_rows=f"{HEAD_ROW}:{HEAD_ROW}", one_page=True)
    row = HEAD_ROW + 1
    figures: tuple[Tally | Norm, ...] = (*report.counts, *report.norms(rules), *report.kept, report.punctual)
    for figure in figures:
        if isinstance(figure, Tally):
            _write_count(sheet, row, figure, words)
        else:
            _write_norm(sheet, row, figure, words)
        row += 1
    row = _write_said(sheet, row + 1, words.month.highlights_title, report.highlights)
    remarks = report.remarks.split("\n") if report.remarks else [""] * _REMARK_LINES
    row = _write_said(sheet, row + 1, words.month.remarks_title, remarks)
    _draw(sheet, row + 1, words)


def _write_count(sheet: Any, row: int, tally: Tally, words: ReportWords) -> None:
    _write_figure(sheet, row, tally.title, (tally.now, tally.before), style.COUNT, words)
    for letter in "CD":
        put(sheet, f"{letter}{row}", None, style.COUNT)


def _write_norm(sheet: Any, row: int, norm: Norm, words: ReportWords) -> None:
    _write_figure(sheet, row, norm.key, (norm.now, norm.before), style.SHARE if norm.is_share else _SECONDS, words)
    kind = "0%" if norm.is_share else "0"
    shown = Look(centre=True, number_format=f'"{SIGNS.get(norm.sign, norm.sign)}"{kind}')
    put(sheet, f"C{row}", norm.norm, shown)
    met, not_met = words.month.met, words.month.not_met
    formula = f'=IF(ISNUMBER(B{row}),IF(B{row}{norm.sign}C{row},"{met}","{not_met}"),"")'
    put_formula(sheet, f"D{row}", formula, {True: met, False: not_met, None: ""}[norm.is_met], _VERDICT)
    style.colour(sheet, f"D{row}", style.KEPT, f'D{row}="{met}"')
    style.colour(sheet, f"D{row}", style.BROKEN, f'D{row}="{not_met}"')


def _write_figure(
    sheet: Any, row: int, key: str, figures: tuple[float | None, float | None], look: Look, words: ReportWords
) -> None:
    now, before = figures
    put(sheet, f"A{row}", words.month.figures.get(key, key), style.LABEL)
    put(sheet, f"B{row}", now, look)
    put(sheet, f"E{row}", before, look)
    change = None if now is None or before is None else now - before
    difference = f'=IF(AND(ISNUMBER(B{row}),ISNUMBER(E{row})),B{row}-E{row},"")'
    put_formula(sheet, f"F{row}", difference, change, _CHANGES[look])


def _write_said(sheet: Any, row: int, title: str, sentences: Any) -> int:
    """A title and a line for each sentence, as wide as the table; the row after them."""
    put(sheet, f"A{row}", title, Look(bold=True, frame=False, middle=True))
    for place, sentence in enumerate(sentences, row + 1):
        for letter in "ABCDEF":
            put(sheet, f"{letter}{place}", sentence if letter == "A" else None, _SAID)
        sheet.merge_cells(f"A{place}:F{place}")
        lines = style.lines_needed(sentence, sum(_WIDTHS))
        sheet.row_dimensions[place].height = style.row_height(lines, _SAID.size) + 2
        row = place
    return row + 1


def _draw(sheet: Any, row: int, words: ReportWords) -> None:
    """Three charts beside one another, as wide as the table together."""
    first = HEAD_ROW + 1
    normed, kept = first + _COUNTED, first + _COUNTED + _NORMED + 1
    both = ((2, charts.NOW), (5, charts.BEFORE))
    against = (*both, (3, charts.BAD))
    drawn = (
        ("A", 9.9, words.month.chart_counts, (first, normed - 1), both, "0"),
        ("B", 11.9, words.month.chart_norms, (normed, normed + _NORMED - 1), against, "0%"),
        ("E", 9.6, words.month.chart_kept, (kept, kept + 2), both, "0"),
    )
    for letter, width, title, rows, columns, figures in drawn:
        plot = Plot(title, f"{letter}{row}", (width, 8.0), HEAD_ROW, rows, columns)
        charts.bars(sheet, plot, lying=True, figures=figures)
