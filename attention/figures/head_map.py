"""One head in focus, read like a table: who looks in the rows, at whom in the columns, what a row spends at its end."""

from __future__ import annotations

from attention.figures.labels import quoted, shorten
from attention.figures.panels import (
    HEADER_HEIGHT,
    NUMBERS_LIMIT,
    QUERY_LABELS,
    SUMS_WIDTH,
    focus_outline,
    head_marks,
    head_traces,
    key_axis,
    number_trace,
    query_axis,
    rows_height,
    squeezes,
    zoomable,
    zooms,
)
from attention.figures.plot import Plot, figure
from attention.figures.sentences import head_name, row_sum
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.views import WeightsView


@figure
def head_map(
    view: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    focus_column: int | None = None,
    title: str = "",
) -> Plot:
    """Return the map of one head on a scale from 0 to 100%, its row sums at the right.

    Cells carry their percentage while there is room for it. `focus_row` is outlined, and its sum stands under the title
    where there is no room for every row's; with `focus_column` its cell alone is. `title`, safe for plotly, stands
    instead of the head's number.
    """
    n = len(view.labels)
    note = ""
    if focus_row is not None and n > QUERY_LABELS:
        query = quoted(tuple(map(shorten, view.labels)), language)[focus_row]
        total = row_sum(view, head, focus_row, language)
        note = text("figures.row_sum", language, query=query, sum=total)
    meta = {"role": "cells", "head": head, "n": n}
    traces = head_traces(view, head, language=language, theme=theme, meta=meta)
    if n <= NUMBERS_LIMIT:
        traces.append(number_trace(view, head, language=language, theme=theme))
    layout = theme.layout(
        language,
        height=rows_height(view) + HEADER_HEIGHT,
        margin_right=SUMS_WIDTH,
        shapes=head_marks(view, head, theme) + focus_outline(view, focus_row, theme, column=focus_column),
        xaxis=zoomable(key_axis(view, title or head_name(head, language), language, theme, note), view),
        yaxis=zoomable(query_axis(view, language, theme, focus_row), view),
        **zooms(view, focus_row),
    )
    layout["meta"] = layout.get("meta", {}) | squeezes(view, HEADER_HEIGHT)
    return Plot(traces, layout)
