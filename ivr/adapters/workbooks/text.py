"""Text from outside made fit for a cell: whatever it holds, the file opens and nothing in it runs."""

from __future__ import annotations

import re

_CELL_AT_MOST = 32_767  # UTF-16 units (Excel's limit)
_SURELY_SHORT = _CELL_AT_MOST // 2
_BREAKS_AT_MOST = 253
_MORE = "\u2026"
_RARE = re.compile(
    r"[^\x20-\x7e\u00a0-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]|_x[0-9A-Fa-f]{4}_"
)
_UNFIT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def cell_text(text: str) -> str:
    """The text as it may stand in a cell: control characters, lone surrogates and direction marks become spaces,

    what is too long ends with an ellipsis, what Excel would take for an escape (_x0041_) is escaped itself.
    """
    if not _RARE.search(text) and len(text) <= _SURELY_SHORT:
        return text
    text = _UNFIT.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.split("\n")
    text = " ".join(("\n".join(lines[: _BREAKS_AT_MOST + 1]), *lines[_BREAKS_AT_MOST + 1 :]))
    return _LOOKS_ESCAPED.sub("_x005F_", _shortened(text))


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _CELL_AT_MOST:
        return text
    return units[: 2 * (_CELL_AT_MOST - 1)].decode("utf-16-le", "ignore") + _MORE


def plain_text(text: str) -> str:
    """The text of a cell as it was before `cell_text` escaped it."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def sheet_title(text: str) -> str:
    """A name Excel allows for a sheet: at most 31 characters, none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\]", " ", cell_text(text)).strip("' ")[:31] or "1"
