"""One head's map with its marks, numbers, row sums and labelled axes: what `head_map` and `comparison` are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from attention.figures.cells import (
    SENTENCE_CELLS,
    absence_map,
    outline,
    short_hover,
    shown_states,
    shown_weights,
    strokes,
    weights_map,
)
from attention.figures.labels import escape, tick_labels
from attention.figures.sentences import cell_sentences, leaves_one, row_sum
from attention.figures.theme import Theme, ink_on
from attention.texts import Language, number, text
from attention.views import Cell, WeightsView

NUMBERS_LIMIT = 14  # positions up to which a cell has room for its number
LABELS_LIMIT = 20  # labels an axis has room for
MARKS_LIMIT = 40  # positions up to which a stroke in a cell can be told from its neighbour's
SUMS_WIDTH = 52  # pixels the row sums take beside their map
HEADER_HEIGHT = 110  # pixels of key labels and titles above a map


def rows_height(view: WeightsView) -> int:
    """Return the pixels all rows of a map are given."""
    return round(len(view.labels) * min(36.0, 520 / len(view.labels)))


def spacing(view: WeightsView) -> dict[str, int]:
    """Return the gaps between cells: a hairline where cells are large enough to keep one."""
    gap = int(len(view.labels) <= MARKS_LIMIT)
    return {"xgap": gap, "ygap": gap}


def has_sentences(view: WeightsView) -> bool:
    """Return whether every cell of one head's map has its own sentence."""
    return len(view.labels) ** 2 <= SENTENCE_CELLS


def add_head(
    figure: go.Figure,
    view: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    meta: dict[str, Any],
    axes: str = "",
    colorbar: dict[str, Any] | None = None,
) -> None:
    """Draw one head on the axes called `axes` ("", "2", …): its weights, what is absent and its row sums."""
    place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"}
    weights, states = shown_weights(view, view.weights)[head], shown_states(view, view.weights)[head]
    hover = (
        {"hovertext": cell_sentences(view, view.weights, head, language), "hoverinfo": "text"}
        if has_sentences(view)
        else short_hover("figures.weight", language)
    )
    bar = {"showscale": False} if colorbar is None else {"colorbar": colorbar}
    figure.add_trace(weights_map(weights, theme, meta=meta, **hover, **bar, **place, **spacing(view)))
    if states.any():
        figure.add_trace(absence_map(states, theme, **place, **spacing(view)))
    if len(view.labels) <= MARKS_LIMIT:
        for stroke in strokes(states, view.cells[head], theme, axes=axes):
            figure.add_shape(stroke)
    figure.add_trace(_sums(view, head, language, theme).update(place))


def add_numbers(figure: go.Figure, view: WeightsView, head: int, *, language: Language, theme: Theme) -> None:
    """Write each weight into its cell as a percentage, black or white by what reads better on the cell's colour."""
    weights = shown_weights(view, view.weights)[head]
    struck = shown_states(view, view.weights)[head] == Cell.DROPPED
    rows, columns = np.nonzero(np.isfinite(weights) & ~struck)
    shares = [float(weights[row, column]) for row, column in zip(rows, columns, strict=True)]
    figure.add_trace(
        go.Scatter(
            x=columns,
            y=rows,
            mode="text",
            text=[number(100 * share, language, 0) for share in shares],
            textfont={
                "size": theme.size if len(view.labels) <= 9 else theme.size - 2,
                "color": [ink_on(theme.weight_colour(share)) for share in shares],
            },
            hoverinfo="skip",
        )
    )


def add_focus(figure: go.Figure, view: WeightsView, row: int | None, theme: Theme, *, axes: str = "") -> None:
    """Outline the row in focus, if there is one."""
    if row is not None:
        figure.add_shape(outline([(0, row, len(view.labels) - 1, row)], theme.query, axes=axes))


def _sums(view: WeightsView, head: int, language: Language, theme: Theme) -> go.Scatter:
    """Return the row sums to the right of their rows under a heading, those that leave 100% bold and coloured."""
    n = len(view.labels)
    rows = tick_labels(view.labels, LABELS_LIMIT)[0]
    off = leaves_one(view, head)
    sums = [row_sum(view, head, row, language) for row in rows]
    return go.Scatter(
        x=[n - 0.5] * (len(rows) + 1),
        y=[-0.5, *rows],
        mode="text",
        text=[
            text("figures.sum", language),
            *(f"<b>{s}</b>" if off[row] else s for row, s in zip(rows, sums, strict=True)),
        ],
        textposition=["top right", *["middle right"] * len(rows)],
        textfont={"color": [theme.muted, *(theme.mark if off[row] else theme.muted for row in rows)]},
        cliponaxis=False,
        hoverinfo="skip",
        meta={"role": "sums"},
    )


def token_axis(view: WeightsView) -> dict[str, Any]:
    """Return an axis of positions labelled with tokens, to be read; where they are many, for the hover alone."""
    if has_sentences(view):
        positions, labels = tick_labels(view.labels, LABELS_LIMIT)
    else:
        positions, labels = list(range(len(view.labels))), [escape(label) for label in view.labels]
    return {
        "tickvals": positions,
        "ticktext": labels,
        "showticklabels": has_sentences(view),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }


def key_axis(view: WeightsView, title: str, language: Language, theme: Theme) -> dict[str, Any]:
    """Return the axis of who is looked at, above the map so that it reads like a table; `title` names the map."""
    looked_at = f'<span style="color:{theme.key}">{text("figures.looked_at", language)}</span>'
    return token_axis(view) | {
        "side": "top",
        "range": [-0.5, len(view.labels) - 0.5],
        "autotickangles": [0, -45, -90],
        "title": {"text": f"<b>{title}</b><br>{looked_at}", "standoff": 6},
    }


def query_axis(view: WeightsView, language: Language, theme: Theme, focus_row: int | None = None) -> dict[str, Any]:
    """Return the axis of who looks, the row in focus in bold."""
    axis = token_axis(view)
    return axis | {
        "range": [len(view.labels) - 0.5, -0.5],
        "ticktext": [
            f"<b>{label}</b>" if position == focus_row else label
            for position, label in zip(axis["tickvals"], axis["ticktext"], strict=True)
        ],
        "title": {
            "text": text("figures.looks", language),
            "font": {"size": theme.size, "color": theme.query},
            "standoff": 8,
        },
    }
