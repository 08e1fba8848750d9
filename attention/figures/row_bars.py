"""One row as bars: how one token shares out its attention."""

from __future__ import annotations

import numpy as np

from attention.figures.cells import shown_weights
from attention.figures.covers import covers
from attention.figures.labels import quoted, shorten, tick_labels
from attention.figures.plot import Plot, figure
from attention.figures.sentences import cell_text, row_sentences, row_sum
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.views import WeightsView

LABELLED_BARS = 40  # bars that have room for their number


@figure
def row_bars(view: WeightsView, head: int, row: int, *, language: Language, theme: Theme) -> Plot:
    """Return one bar a position, its length the weight, in the order of the sentence.

    Masked, struck-out and undefined positions have no bar and say in words why.
    """
    n = len(view.labels)
    weights, covered = shown_weights(view)[head, row], covers(view)[head, row]
    positions, labels = tick_labels(view.labels, LABELLED_BARS)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": np.nan_to_num(weights),
        "y": np.arange(n),
        "marker": {"color": theme.weights[-2], "line": {"width": 0}},
        "text": [cell_text(view, head, row, column, language) for column in range(n)] if n <= LABELLED_BARS else None,
        "textposition": "outside",
        "textfont": {"color": [theme.muted if cover else theme.ink for cover in covered]},
        "cliponaxis": False,
        "hovertext": row_sentences(view, head, row, language),
        "hoverinfo": "text",
        "meta": {"role": "points", "head": head, "row": row, "n": n},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4}
    query = quoted(tuple(map(shorten, view.labels)), language)[row]
    title = text("figures.row", language, query=query, head=head + 1, sum=row_sum(view, head, row, language))
    shares = {
        **bare,
        "side": "top",
        "range": [0, 1.25 * (float(np.nanmax(weights, initial=0)) or 1)],
        "nticks": 4,
        "tickformat": ".0%",
        "gridcolor": theme.line,
        "title": {"text": f"<b>{title}</b>"},
    }
    tokens = {
        **bare,
        "range": [n - 0.5, -0.5],
        "tickvals": positions,
        "ticktext": [f"<b>{label}</b>" if p == row else label for p, label in zip(positions, labels, strict=True)],
        "showgrid": False,
    }
    height = max(64, min(28 * n, 1000)) + 80
    return Plot([bars], theme.layout(language, height=height, bargap=0.3, xaxis=shares, yaxis=tokens))
