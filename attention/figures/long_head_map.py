"""One head of a long text: a byte a cell, drawn in blocks where there are more cells than pixels, exact when zoomed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import as_bytes, colour_bar, cover_map, short_hover, shown_weights, weights_map
from attention.figures.covers import Cover, covers
from attention.figures.labels import quoted, shorten
from attention.figures.panels import HEADER_HEIGHT, focus_outline, key_axis, query_axis, rows_height, zoomable, zooms
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, cover_text, head_name, row_sum
from attention.figures.theme import Theme
from attention.texts import Language, number, percent, text
from attention.views import WeightsView

HALF_STEP = 1 / 510  # how far a byte may be from the weight it stands for
WRITTEN = HALF_STEP + 0.0005  # and how far what is written of it, with one decimal of a percentage, may be


@figure
def long_head_map(
    view: WeightsView, head: int, *, language: Language, theme: Theme, focus_row: int | None = None, title: str = ""
) -> Plot:
    """Return the map of a head on a scale from 0 to 100%, for a view that holds this head alone.

    `head` is its number in its layer. A weight travels as a byte, at most `HALF_STEP` away; above 1, which dropout can
    make, as 1. The live figure draws the cells in view, and tells each exactly; elsewhere the map has less to say.
    """
    n, covered = len(view.labels), covers(view)[0]
    causal = bool(np.array_equal(covered, np.where(np.tri(n, dtype=bool), Cover.NONE, Cover.MASKED)))
    note = ""
    if focus_row is not None:
        query = quoted(tuple(map(shorten, view.labels)), language)[focus_row]
        note = text("figures.row_sum", language, query=query, sum=row_sum(view, 0, focus_row, language))
    meta = {
        "role": "cells",
        "head": head,
        "n": n,
        "bytes": True,
        "causal": causal,
        "sentences": _sentences(language, above_one=bool((view.weights > 1 + HALF_STEP).any())),
    }
    cells = weights_map(
        as_bytes(shown_weights(view)[0]),
        theme,
        colorbar=colour_bar(theme, language, scale=255),
        meta=meta,
        **short_hover("figures.looks_at", language),
    )
    cover = [] if causal or not covered.any() else [_cover(covered, language, theme)]
    layout = theme.layout(
        language,
        height=rows_height(view) + HEADER_HEIGHT,
        shapes=([_triangle(n, theme)] if causal else []) + focus_outline(view, focus_row, theme),
        xaxis=zoomable(key_axis(view, title or head_name(head, language), language, theme, note), view),
        yaxis=zoomable(query_axis(view, language, theme, focus_row), view),
        **zooms(view, focus_row),
    )
    return Plot([cells, *cover], layout)


def _cover(covered: NDArray[np.uint8], language: Language, theme: Theme) -> dict[str, Any]:
    cover = cover_map(covered, language, theme)
    return cover | {"meta": cover["meta"] | {"bytes": True}}


def _triangle(n: int, theme: Theme) -> dict[str, Any]:
    """Return the cells above the diagonal as one shape: as a map of its own they would be as many again."""
    stairs = "".join(f"V{row - 0.5}H{row + 0.5}" for row in range(1, n))
    return {
        "type": "path",
        "path": f"M0.5,-0.5{stairs}V-0.5Z",
        "fillcolor": theme.masked,
        "line": {"width": 0},
        "layer": "above",
    }


def _sentences(language: Language, *, above_one: bool) -> dict[str, Any]:
    """Return the templates of what a cell says, with {query}, {key} and {share} left to the browser."""
    names = {"query": "{query}", "key": "{key}"}
    rounding = text("figures.rounded", language, points=number(100 * WRITTEN, language))
    pair = text("figures.looks_at", language, **names)
    return {
        "weight": text("figures.weight", language, share="{share}", **names) + f" ({rounding})",
        "strongest": text("figures.strongest_here", language),
        "covers": [
            None,
            text("figures.masked", language, **names),
            *(f"{pair}{BREAK}{cover_text(cover, language)}" for cover in Cover if cover > Cover.MASKED),
        ],
        "position": text("figures.position", language, position="{position}"),
        "least": text("figures.less_than", language, limit=percent(HALF_STEP, language, 1)),
        "most": text("figures.or_more", language, share=percent(1.0, language)) if above_one else None,
    }
