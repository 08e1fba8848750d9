"""Before, after and their difference: the same head under two settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from attention.figures.cells import absence_map, colour_bar, points_bar, short_hover, shown_states, strokes
from attention.figures.panels import (
    HEADER_HEIGHT,
    MARKS_LIMIT,
    SUMS_WIDTH,
    add_focus,
    add_head,
    has_sentences,
    key_axis,
    query_axis,
    rows_height,
    spacing,
)
from attention.figures.sentences import difference_sentences
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.trace import Floats
from attention.views import Cell, WeightsView

LEAST_LIMIT = 0.05  # the scale never ends before five points: rounding must not look like news
ROUNDING = 1e-5  # differences up to this are rounding's
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
) -> go.Figure:
    """Return one head before, after, and after − before, side by side, or one under another when `narrow`.

    Both views have the same positions. Before and after share the scale from 0 to 100%; the difference is centred on
    0 with limits as far on either side. A weight the mask forbids counts as the 0 that was used.
    """
    meta = {"role": "cells", "head": head, "n": len(before.labels)}
    rows = rows_height(before)
    height = 3 * (rows + HEADER_HEIGHT) + BARS_HEIGHT if narrow else rows + HEADER_HEIGHT + BARS_HEIGHT
    figure = go.Figure(layout=theme.layout(language, height=height))
    bar = colour_bar(theme, language) | {"x": 0, "xanchor": "left"}
    for part, axes, view, shown in (("before", "", before, bar), ("after", "2", after, None)):
        part_meta = meta | {"part": part}
        add_head(figure, view, head, language=language, theme=theme, axes=axes, meta=part_meta, colorbar=shown)
    difference = _difference(before, after, head)
    _add_difference(figure, before, after, head, difference, meta | {"part": "difference"}, language, theme)

    titles = [text("figures.before", language), text("figures.after", language), _title(difference, language)]
    for place, (axes, title) in enumerate(zip(("", "2", "3"), titles, strict=True)):
        add_focus(figure, before, focus_row, theme, axes=axes)
        keys, queries = key_axis(before, title, language, theme), query_axis(before, language, theme, focus_row)
        if narrow:
            pitch = (rows + HEADER_HEIGHT) / (3 * rows + 2 * HEADER_HEIGHT)
            top = 1 - place * pitch
            queries |= {"domain": [max(top - rows / (rows + HEADER_HEIGHT) * pitch, 0), top]}
        else:
            keys |= {"domain": [0.36 * place, 0.36 * place + 0.28]}
            queries |= {} if place == 0 else {"showticklabels": False, "title": None}
        figure.update_layout(
            {f"xaxis{axes}": keys | {"anchor": f"y{axes}"}, f"yaxis{axes}": queries | {"anchor": f"x{axes}"}}
        )
    return figure.update_layout(margin_r=SUMS_WIDTH if narrow else theme.margin)


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


def _add_difference(
    figure: go.Figure,
    before: WeightsView,
    after: WeightsView,
    head: int,
    difference: Floats,
    meta: dict[str, Any],
    language: Language,
    theme: Theme,
) -> None:
    limit = max(float(np.nanmax(np.abs(difference), initial=0)), LEAST_LIMIT)
    place = {"xaxis": "x3", "yaxis": "y3"} | spacing(before)
    figure.add_trace(
        go.Heatmap(
            z=difference,
            zmin=-limit,
            zmax=limit,
            colorscale=theme.difference_scale(),
            colorbar=points_bar(limit, theme, language),
            meta=meta,
            **(
                {"hovertext": difference_sentences(before, after, head, language), "hoverinfo": "text"}
                if has_sentences(before)
                else short_hover("figures.difference_at", language)
            ),
            **place,
        )
    )
    one, other = (shown_states(view, view.weights)[head] for view in (before, after))
    either, both = np.maximum(one, other), np.where(np.isnan(difference), np.maximum(one, other), Cell.SEEN)
    if both.any():
        figure.add_trace(absence_map(both.astype(np.uint8), theme, **place))
    if len(before.labels) <= MARKS_LIMIT:
        for stroke in strokes(either, np.maximum(before.cells[head], after.cells[head]), theme, axes="3"):
            figure.add_shape(stroke)
