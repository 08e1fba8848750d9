"""One head in focus, read like a table: who looks in the rows, at whom in the columns, what a row spends at its end."""

from __future__ import annotations

import plotly.graph_objects as go

from attention.figures.panels import (
    HEADER_HEIGHT,
    NUMBERS_LIMIT,
    SUMS_WIDTH,
    focus_outline,
    head_marks,
    head_traces,
    key_axis,
    number_trace,
    query_axis,
    rows_height,
)
from attention.figures.sentences import head_name
from attention.figures.theme import Theme
from attention.texts import Language
from attention.views import WeightsView


def head_map(
    view: WeightsView, head: int, *, language: Language, theme: Theme, focus_row: int | None = None
) -> go.Figure:
    """Return the map of one head on a scale from 0 to 100%, its row sums at the right.

    Cells carry their percentage while there is room for it; `focus_row` is outlined.
    """
    n = len(view.labels)
    meta = {"role": "cells", "head": head, "n": n}
    traces = head_traces(view, head, language=language, theme=theme, meta=meta)
    if n <= NUMBERS_LIMIT:
        traces.append(number_trace(view, head, language=language, theme=theme))
    layout = theme.layout(
        language,
        height=rows_height(view) + HEADER_HEIGHT,
        margin_right=SUMS_WIDTH,
        shapes=head_marks(view, head, theme) + focus_outline(view, focus_row, theme),
        xaxis=key_axis(view, head_name(head, language), language, theme),
        yaxis=query_axis(view, language, theme, focus_row),
    )
    return go.Figure(traces, layout)
