"""One row twice: how it shares out its weight, and what each key really brings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.labels import quoted, tick_labels
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, percent, text
from attention.trace import Floats

PAIR = 52  # pixels of a token's two bars and their gap
MOST_LABELS = 40
LABELLED_PAIRS = 24  # pairs that have room for their numbers


@figure
def contribution_bars(
    labels: Sequence[str], weights: Floats, brought: Floats, *, language: Language, theme: Theme
) -> Plot:
    """Return two bars a token: its share of the row's `weights`, and of what all keys bring (`brought`, α‖v‖).

    Both are shares of their own sum, so that they can stand on one axis. A row that sums to 0 has bars of no length.
    """
    n = len(labels)
    names = quoted(tuple(labels), language)
    positions, ticks = tick_labels(tuple(labels), MOST_LABELS)
    shares = [values / total if (total := float(values.sum())) else np.zeros(n) for values in (weights, brought)]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": text(f"glossary.by_{part}", language),
            "x": values,
            "y": np.arange(n),
            "marker": {"color": colour, "line": {"width": 0}},
            "text": [percent(float(value), language) for value in values] if n <= LABELLED_PAIRS else None,
            "textposition": "outside",
            "textfont": {"size": theme.size},
            "constraintext": "none",
            "cliponaxis": False,
            "hovertext": [
                text(f"figures.share_{part}", language, token=name, share=percent(float(value), language, 1))
                for name, value in zip(names, values, strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "n": n, "part": part},
        }
        for part, values, colour in zip(
            ("weight", "contribution"), shares, (theme.weights[-2], theme.value), strict=True
        )
    ]
    most = max(float(values.max(initial=0.0)) for values in shares) or 1.0
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4}
    layout = theme.layout(
        language,
        height=max(64, min(PAIR * n, 1200)) + 90,
        bargap=0.35,
        bargroupgap=0.05,
        xaxis=bare
        | {"side": "top", "range": [0, 1.2 * most], "tickformat": ".0%", "gridcolor": theme.line, "nticks": 5},
        yaxis=bare | {"range": [n - 0.5, -0.5], "tickvals": positions, "ticktext": ticks, "showgrid": False},
    ) | {
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": -0.02, "yanchor": "top", "traceorder": "normal"},
    }
    return Plot(traces, layout)
