"""Before, after and their difference: the same head under two settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from attention.figures.cells import Mark, colour_bar, cover_map, points_bar, short_hover, strokes
from attention.figures.covers import Cover, covers
from attention.figures.panels import (
    HEADER_HEIGHT,
    MARKS_LIMIT,
    SUMS_WIDTH,
    focus_outline,
    has_sentences,
    head_marks,
    head_traces,
    key_axis,
    query_axis,
    rows_height,
    spacing,
)
from attention.figures.sentences import cell_sentences, difference_sentences
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.trace import Floats
from attention.views import Cell, WeightsView

LEAST_LIMIT = 0.05  # the scale never ends before five points: rounding must not look like news
ROUNDING = 1e-5  # differences up to this are rounding's
NARROW_HEADER_HEIGHT = 150  # on a phone the key labels stand upright
AXES = ("", "2", "3")  # before, after, difference
BARS_HEIGHT = 60  # pixels of the colour bars below


def comparison(
    before: WeightsView,
    after: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    narrow: bool = False,
    names: tuple[str, str] | None = None,
    flipped: bool = False,
) -> go.Figure:
    """Return one head before, after, and after − before, side by side, or one under another when `narrow`.

    Both views have the same positions. Before and after share the scale from 0 to 100%; the difference is centred on
    0 with limits as far on either side. A weight the mask forbids counts as the 0 that was used. `names` are written
    over the two sides instead of “before” and “after”. When `flipped`, `before` is a table turned over its diagonal:
    its columns look, its rows are looked at, and its axes and sentences say so.
    """
    meta = {"role": "cells", "head": head, "n": len(before.labels)}
    bar = colour_bar(theme, language) | {"x": 0, "xanchor": "left"} | ({"ypad": 14 + BARS_HEIGHT} if narrow else {})
    difference = _difference(before, after, head)
    parts = ((AXES[0], before, "before", bar), (AXES[1], after, "after", None))
    traces = [
        trace
        for axes, view, part, shown in parts
        for trace in head_traces(
            view, head, language=language, theme=theme, meta=meta | {"part": part}, axes=axes, colorbar=shown
        )
    ]
    if flipped:
        traces[0] |= _turned_hover(before, head, language)
    traces += _difference_traces(before, after, head, difference, meta | {"part": "difference"}, language, theme)
    shapes = [
        *head_marks(before, head, theme),
        *head_marks(after, head, theme, axes=AXES[1]),
        *_difference_marks(before, after, head, difference, theme),
        *(line for axes in AXES for line in focus_outline(before, focus_row, theme, axes=axes)),
    ]
    sides = names or (text("figures.before", language), text("figures.after", language))
    titles = (*sides, _title(difference, language))
    rows, header = rows_height(before), NARROW_HEADER_HEIGHT if narrow else HEADER_HEIGHT
    axes_of_parts: dict[str, Any] = {}
    for place, (axes, title) in enumerate(zip(AXES, titles, strict=True)):
        looked_at, looks = key_axis(before, title, language, theme), query_axis(before, language, theme, focus_row)
        if flipped and place == 0:
            looked_at["title"]["text"] = f"<b>{title}</b><br>{_coloured('figures.looks', theme.query, language)}"
            looks["title"]["text"] = _coloured("figures.looked_at", theme.key, language)
        keys, queries = looked_at | {"anchor": f"y{axes}"}, looks | {"anchor": f"x{axes}"}
        if narrow:
            whole = 3 * rows + 2 * header
            top = 1 - place * (rows + header) / whole
            queries["domain"] = [max(top - rows / whole, 0), top]
        else:
            keys["domain"] = [0.36 * place, 0.36 * place + 0.28]
            named = place == 0 or (flipped and place == 1)  # rows that are not those of the map beside them say so
            queries |= ({} if place == 0 else {"showticklabels": False}) | ({} if named else {"title": None})
        axes_of_parts |= {f"xaxis{axes}": keys, f"yaxis{axes}": queries}
    layout = theme.layout(
        language,
        height=3 * (rows + header) + 2 * BARS_HEIGHT if narrow else rows + header + BARS_HEIGHT,
        margin_right=SUMS_WIDTH if narrow else theme.margin,
        shapes=shapes,
        **axes_of_parts,
    )
    return go.Figure(traces, layout)


def _coloured(key: str, colour: str, language: Language) -> str:
    return f'<span style="color:{colour}">{text(key, language)}</span>'


def _turned_hover(view: WeightsView, head: int, language: Language) -> dict[str, Any]:
    """Return the sentences of a flipped table, [key, query], as `head_traces` has them of one that is not."""
    if not has_sentences(view):
        return short_hover("figures.weight", language, turned=True)
    turned = replace(
        view,
        before_dropout=view.before_dropout.swapaxes(1, 2),
        weights=view.weights.swapaxes(1, 2),
        cells=view.cells.swapaxes(1, 2),
    )
    return {"hovertext": [list(row) for row in zip(*cell_sentences(turned, head, language), strict=True)]}


def _difference(before: WeightsView, after: WeightsView, head: int) -> Floats:
    """Return after − before, [query, key]: NaN where neither may look, or where a row is not defined on either side."""
    masked = (before.cells[head] == Cell.MASKED) & (after.cells[head] == Cell.MASKED)
    undefined = before.undefined[head] | after.undefined[head]
    difference = after.weights[head].astype(np.float64) - before.weights[head]
    return np.where(masked | undefined[:, None], np.nan, difference)


def _title(difference: Floats, language: Language) -> str:
    largest = np.nanmax(np.abs(difference), initial=0)
    name = text("figures.difference", language)
    return f"{name} = 0" if largest == 0 else f"{name} ≈ 0" if largest <= ROUNDING else name


def _difference_traces(
    before: WeightsView,
    after: WeightsView,
    head: int,
    difference: Floats,
    meta: dict[str, Any],
    language: Language,
    theme: Theme,
) -> list[dict[str, Any]]:
    limit = max(float(np.nanmax(np.abs(difference), initial=0)), LEAST_LIMIT)
    place = {"xaxis": f"x{AXES[2]}", "yaxis": f"y{AXES[2]}"} | spacing(before)
    hover = (
        {"hovertext": difference_sentences(before, after, head, language), "hoverinfo": "text"}
        if has_sentences(before)
        else short_hover("figures.difference_at", language)
    )
    changes = {
        "type": "heatmap",
        "z": difference,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.difference_scale(),
        "colorbar": points_bar(limit, theme, language),
        "meta": meta,
        **hover,
        **place,
    }
    covered = np.where(np.isnan(difference), _covers(before, after, head).max(axis=0), Cover.NONE).astype(np.uint8)
    return [changes, *([cover_map(covered, language, theme, **place)] if covered.any() else [])]


def _difference_marks(
    before: WeightsView, after: WeightsView, head: int, difference: Floats, theme: Theme
) -> list[dict[str, Any]]:
    """Return the hatch where neither may look, a slant where one may not, a cross where one was struck out."""
    if len(before.labels) > MARKS_LIMIT:
        return []
    covered = _covers(before, after, head)
    masked, struck = (covered == Cover.MASKED).any(axis=0), (covered == Cover.DROPPED).any(axis=0)
    absent = np.isnan(difference)
    marks: dict[Mark, NDArray[np.bool_]] = {
        "hatch": absent & (covered.max(axis=0) == Cover.MASKED),
        "slant": masked & ~absent,
        "cross": struck,
    }
    return strokes(marks, theme, axes=AXES[2])


def _covers(before: WeightsView, after: WeightsView, head: int) -> NDArray[np.uint8]:
    return np.stack([covers(view)[head] for view in (before, after)])
