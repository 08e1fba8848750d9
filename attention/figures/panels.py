"""One head's map with its marks, numbers, row sums and labelled axes: what `head_map` and `comparison` are made of."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import (
    EDGE,
    SENTENCE_CELLS,
    cover_map,
    outline,
    short_hover,
    shown_weights,
    strokes,
    weights_map,
)
from attention.figures.covers import Cover, covers
from attention.figures.labels import escape, shorten, tick_labels
from attention.figures.sentences import BREAK, ZERO_OVER_ZERO, cell_sentences, row_sum
from attention.figures.theme import Theme, ink_on
from attention.texts import Language, number, percent, text
from attention.views import Cell, WeightsView

NUMBERS_LIMIT = 14  # positions up to which a cell has room for its number
QUERY_LABELS = 26  # labels that have room beside a map; sums too
KEY_LABELS = 14  # labels that have room above one, on a phone
MARKS_LIMIT = 40  # positions up to which a stroke in a cell can be told from its neighbour's
SUMS_WIDTH = 58  # pixels the row sums take beside their map
EN_SPACE = "\N{EN SPACE}"  # keeps the sums off their map, whatever its width
LEAST_ROW = 22  # pixels of a row whose letters still stand apart
HEADER_HEIGHT = 110  # pixels of key labels and titles above a map


def rows_height(view: WeightsView) -> int:
    """Return the pixels all rows of a map are given: plotly keeps 64 at least, and cuts labels for it."""
    return round(max(64, min(36 * len(view.labels), 520)))


def squeezes(view: WeightsView, beside: int) -> dict[str, Any]:
    """Return what of a layout says how low its map may be drawn to fit a screen, `beside` pixels of it being no row."""
    least = max(64, min(LEAST_ROW * len(view.labels), rows_height(view)))
    return {"least": beside + least}


def spacing(view: WeightsView) -> dict[str, int]:
    """Return the gaps between cells: a hairline where cells are large enough to keep one."""
    gap = int(len(view.labels) <= MARKS_LIMIT)
    return {"xgap": gap, "ygap": gap}


def has_sentences(view: WeightsView) -> bool:
    """Return whether every cell of one head's map has its own sentence."""
    return len(view.labels) ** 2 <= SENTENCE_CELLS


def head_traces(
    view: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    meta: dict[str, Any],
    axes: str = "",
    colorbar: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return one head for the axes called `axes` ("", "2", …): its weights, what is absent, its row sums."""
    place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"}
    weights, covered = shown_weights(view)[head], covers(view)[head]
    hover = (
        {"hovertext": cell_sentences(view, head, language), "hoverinfo": "text"}
        if has_sentences(view)
        else short_hover("figures.weight", language)
    )
    mixed = (view.cells[head] == Cell.MIXED) & (covered == Cover.NONE)
    bar = {"showscale": False} if colorbar is None else {"colorbar": colorbar}
    return [
        weights_map(weights, theme, meta=meta, **hover, **bar, **place, **spacing(view)),
        *([cover_map(covered, language, theme, **place, **spacing(view))] if covered.any() else []),
        *([_dots(mixed, theme) | place] if mixed.any() else []),
        *([_sums(view, head, language, theme) | place] if has_sentences(view) else []),
    ]


def head_marks(view: WeightsView, head: int, theme: Theme, *, axes: str = "") -> list[dict[str, Any]]:
    """Return the strokes that say what is absent, where cells are large enough to hold them."""
    if len(view.labels) > MARKS_LIMIT:
        return []
    covered = covers(view)[head]
    return strokes({"hatch": covered == Cover.MASKED, "cross": covered == Cover.DROPPED}, theme, axes=axes)


def focus_outline(
    view: WeightsView, row: int | None, theme: Theme, *, column: int | None = None, axes: str = ""
) -> list[dict[str, Any]]:
    """Return the outline of the row in focus, or of its cell at `column`; none without a row."""
    if row is None:
        return []
    first, last = (0, len(view.labels) - 1) if column is None else (column, column)
    return [outline([(first, row, last, row)], theme.query, axes=axes)]


def number_trace(view: WeightsView, head: int, *, language: Language, theme: Theme) -> dict[str, Any]:
    """Return each weight as a percentage in its cell, black or white by what reads better on the cell's colour."""
    covered = covers(view)[head]
    rows, columns = np.nonzero((covered == Cover.NONE) | (covered == Cover.UNDEFINED))
    shares = shown_weights(view)[head, rows, columns].tolist()  # NaN where undefined
    return {
        "type": "scatter",
        "mode": "text",
        "x": columns,
        "y": rows,
        "text": [_in_a_cell(share, language) for share in shares],
        "textfont": {
            "size": theme.size if len(view.labels) <= 9 else theme.size - 2,
            "color": [theme.ink if isnan(share) else ink_on(theme.weight_colour(share)) for share in shares],
        },
        "hoverinfo": "skip",
    }


def _in_a_cell(share: float, language: Language) -> str:
    """Return a percentage as short as it gets, safe for plotly: 62, <1, or 0÷0 for NaN."""
    if isnan(share):
        return ZERO_OVER_ZERO
    return "&lt;1" if 0 < share < 0.005 else number(100 * share, language, 0)


def _dots(mixed: NDArray[np.bool_], theme: Theme) -> dict[str, Any]:
    """Return a dot in the corner of every mixed cell, [query, key]."""
    rows, columns = np.nonzero(mixed)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": columns + 0.4,
        "y": rows - 0.3,
        "marker": {"size": 8, "color": theme.mark, "line": {"color": theme.background, "width": 1}},
        "hoverinfo": "skip",
        "meta": {"role": "mixed"},
    }


def _sums(view: WeightsView, head: int, language: Language, theme: Theme) -> dict[str, Any]:
    """Return the row sums to the right of their rows under a heading, those that leave 100% bold and coloured."""
    n = len(view.labels)
    rows = tick_labels(view.labels, QUERY_LABELS)[0]
    sums = [row_sum(view, head, row, language) for row in rows]
    off = [total != percent(1, language) for total in sums]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [n - 0.5] * (len(rows) + 1),
        "y": [-0.5, *rows],
        "text": [
            EN_SPACE + text("figures.sum", language) + (BREAK if n > QUERY_LABELS else ""),
            *(EN_SPACE + (f"<b>{total}</b>" if leaves else total) for total, leaves in zip(sums, off, strict=True)),
        ],
        "textposition": ["top right", *["middle right"] * len(rows)],
        "textfont": {"color": [theme.muted, *(theme.mark if leaves else theme.muted for leaves in off)]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "meta": {"role": "sums"},
    }


def token_axis(view: WeightsView, most: int, *, length: int = 12) -> dict[str, Any]:
    """Return an axis of positions labelled with tokens, at most `length` characters of each.

    Of many, plotly chooses which have room, and the hover knows them all.
    """
    if has_sentences(view):
        positions, _ = tick_labels(view.labels, most)
        labels = [escape(shorten(view.labels[position], length)) for position in positions]
        ticks: dict[str, Any] = {"tickvals": positions, "ticktext": labels}
    else:
        names = {str(position): escape(shorten(label, length)) for position, label in enumerate(view.labels)}
        ticks = {"labelalias": names | _unnamed(view), "nticks": most}
    return {
        **ticks,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "ticks": "",
        "ticklabelstandoff": 4,
    }


def _unnamed(view: WeightsView) -> dict[str, str]:
    """Return no name for the few places between the outermost positions and the ends of their axis."""
    n = len(view.labels)
    margin = int(EDGE * n) + 1
    return {str(place): "" for place in (*range(-margin, 0), *range(n, n + margin))}


def token_range(view: WeightsView) -> list[float]:
    """Return the ends of an axis of positions, with room for an outline around the outermost cells."""
    n = len(view.labels)
    return [-0.5 - EDGE * n, n - 0.5 + EDGE * n]


def zooms(view: WeightsView, focus_row: int | None) -> dict[str, Any]:
    """Return what of a layout lets a reader zoom into a map whose labels are thinned out; nothing for smaller ones."""
    if has_sentences(view):
        return {}
    focus = {} if focus_row is None else {"focus": [focus_row, focus_row]}
    return {"dragmode": "zoom", "meta": {"zooms": True, "whole": token_range(view), **focus}}


def longer_labels(view: WeightsView, most: int, length: int) -> dict[str, Any]:
    """Return the labels of `token_axis`, of more characters each."""
    return {
        name: labels
        for name, labels in token_axis(view, most, length=length).items()
        if name in ("ticktext", "labelalias")
    }


def zoomable(axis: dict[str, Any], view: WeightsView) -> dict[str, Any]:
    """Return a map's axis that can be zoomed where its labels are thinned out: then others appear.

    An axis of categories has no tick between two positions, however far one zooms in.
    """
    if has_sentences(view):
        return axis
    places = [str(position) for position in range(len(view.labels))]
    return axis | {"type": "category", "categoryorder": "array", "categoryarray": places, "fixedrange": False}


def key_axis(view: WeightsView, title: str, language: Language, theme: Theme, note: str = "") -> dict[str, Any]:
    """Return the axis of who is looked at, above the map so that it reads like a table.

    `title` names the map; `note`, under it, is written small, so that a phone has room for it.
    """
    small = f"<br><span style='font-size:{theme.size}px'>{note}</span>" if note else ""
    looked_at = f'<span style="color:{theme.key}">{text("figures.looked_at", language)}</span>'
    return token_axis(view, KEY_LABELS) | {
        "side": "top",
        "range": token_range(view),
        "autotickangles": [0, -45, -90],
        "title": {"text": f"<b>{title}</b>{small}<br>{looked_at}", "standoff": 6},
    }


def query_axis(view: WeightsView, language: Language, theme: Theme, focus_row: int | None = None) -> dict[str, Any]:
    """Return the axis of who looks, the row in focus in bold."""
    axis = token_axis(view, QUERY_LABELS)
    if has_sentences(view):
        pairs = zip(axis["tickvals"], axis["ticktext"], strict=True)
        axis |= {"ticktext": [f"<b>{label}</b>" if position == focus_row else label for position, label in pairs]}
    elif focus_row is not None:
        label = axis["labelalias"][str(focus_row)]
        axis |= {"labelalias": axis["labelalias"] | {str(focus_row): f"<b>{label}</b>"}}
    return axis | {
        "range": token_range(view)[::-1],
        "title": {
            "text": text("figures.looks", language),
            "font": {"size": theme.size, "color": theme.query},
            "standoff": 8,
        },
    }
