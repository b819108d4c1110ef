"""Charts beside the figures they show: quiet colours, figures on the bars, the axis where it is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun

NOW, BEFORE, GOOD, BAD, QUIET = "2F5597", "B4BFCC", "70AD47", "C0504D", "D9D9D9"
_TITLE_SIZE, _TEXT_SIZE = 1200, 900  # hundredths of a point
_LINE_WIDTH = 22_225  # EMU, 1.75 points


@dataclass(frozen=True, slots=True)
class Plot:
    """Where a chart's figures stand and where it is drawn.

    Attributes:
        columns: column number and colour of each series; its title stands in the head row.
        size: width and height, centimetres.
        categories: number format of what stands along the axis.
    """

    title: str
    place: str
    size: tuple[float, float]
    head_row: int
    rows: tuple[int, int]
    columns: Sequence[tuple[int, str]]
    categories: str = "General"


def bars(sheet: Any, plot: Plot, *, lying: bool = False, stacked: bool = False, figures: str = "") -> None:
    """Bars side by side or on top of one another.

    Args:
        lying: bars to the right, the first on top.
        figures: number format of the figures on the bars, "" for none.
    """
    chart = BarChart()
    chart.type = "bar" if lying else "col"
    chart.gapWidth = 60
    if stacked:
        chart.grouping, chart.overlap = "stacked", 100
    if figures:
        chart.dataLabels = DataLabelList(
            showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False,
            numFmt=figures, txPr=_text(_TEXT_SIZE),
        )  # fmt: skip
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"
    _draw(sheet, chart, plot)
    if figures:
        chart.y_axis.number_format = figures.partition(";")[0]
    for series, (_column, colour) in zip(chart.series, plot.columns, strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.invertIfNegative = False


def lines(sheet: Any, plot: Plot, number_format: str) -> None:
    """Lines; a gap stays a gap."""
    chart = LineChart()
    _draw(sheet, chart, plot)
    chart.y_axis.number_format = number_format
    for series, (_column, colour) in zip(chart.series, plot.columns, strict=True):
        series.smooth = False
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=_LINE_WIDTH))
        series.marker.symbol = "none"
        if colour == BAD:
            series.graphicalProperties.line.dashStyle = "dash"


def _draw(sheet: Any, chart: Any, plot: Plot) -> None:
    first, last = plot.rows
    for column, _colour in plot.columns:
        values = Reference(sheet, min_col=column, min_row=first, max_row=last)
        chart.add_data(values)
        chart.series[-1].tx = _title_in(sheet, column, plot.head_row)
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    chart.title = Title(tx=_words(plot.title), overlay=False)
    chart.width, chart.height = plot.size
    if len(plot.columns) > 1:
        chart.legend.position = "b"
    else:
        chart.legend = None
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
        axis.txPr = _text(_TEXT_SIZE)
    chart.x_axis.number_format = plot.categories
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=QUIET))
    chart.y_axis.scaling.min = 0
    sheet.add_chart(chart, plot.place)


def _title_in(sheet: Any, column: int, row: int) -> Any:
    return SeriesLabel(strRef=StrRef(str(Reference(sheet, min_col=column, min_row=row))))


def _text(size: int) -> RichText:
    looks = ParagraphProperties(defRPr=CharacterProperties(sz=size))
    return RichText(p=[Paragraph(pPr=looks, endParaRPr=CharacterProperties(sz=size))])


def _words(text: str) -> Any:
    looks = CharacterProperties(sz=_TITLE_SIZE, b=True)
    return Text(
        rich=RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=looks), r=[RegularTextRun(rPr=looks, t=text)])])
    )
