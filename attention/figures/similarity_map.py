"""How alike each two heads are, as a map in an order that puts like beside like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme, blend, ink_on
from attention.texts import Language, number
from attention.trace import Floats

NUMBERED_HEADS = 12  # heads up to which there is room for numbers
CELL = 44  # pixels a cell is high
LEAST, MOST = 240, 640  # pixels of the cells together
ABOVE, TITLE = 60, 26  # pixels above the cells: of title and names, and of the names alone
STEPS = 32  # of the colour scale


@figure
def similarity_map(
    divergences: Floats,
    order: Sequence[int],
    names: Sequence[str],
    sentences: Sequence[Sequence[str]],
    *,
    title: str,
    language: Language,
    theme: Theme,
    chosen: int | None = None,
) -> Plot:
    """Return the map of `divergences` in bits, [head, head], rows and columns in `order`; the stronger, the more alike.

    Colour follows the square root of the divergence, which is a distance, and its limits are always 0 and 1 bit: one
    shade is one number on every sentence. A pair that cannot be compared is NaN and has no colour. `names` and
    `sentences`, [head] and [head][head], are safe for plotly; `chosen` is bold.
    """
    n = len(order)
    z = divergences[np.ix_(order, order)]
    labels = [f"<b>{names[head]}</b>" if head == chosen else names[head] for head in order]
    cells: dict[str, Any] = {
        "type": "heatmap",
        "z": z,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[(step / STEPS) ** 2, _shade((step / STEPS) ** 2, theme)] for step in range(STEPS + 1)],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertext": [[sentences[one][other] for other in order] for one in order],
        "hoverinfo": "text",
        "meta": {"role": "cells", "part": "similarity", "n": n},
    }
    traces = [cells]
    if n <= NUMBERED_HEADS:
        rows, columns = np.nonzero(np.isfinite(z))
        values = z[rows, columns].tolist()
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": columns,
                "y": rows,
                "text": [number(value, language) for value in values],
                "textfont": {"color": [ink_on(_shade(value, theme)) for value in values]},
                "hoverinfo": "skip",
            }
        )
    axis = {
        "tickvals": list(range(n)),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "ticks": "",
        "ticklabelstandoff": 4,
    }
    layout = theme.layout(
        language,
        height=min(max(CELL * n, LEAST), MOST) + ABOVE,
        xaxis=axis | {"side": "top", "range": [-0.5, n - 0.5]},
        yaxis=axis | {"range": [n - 0.5, -0.5]},
        annotations=[
            {
                "text": f"<b>{title}</b>",
                "xref": "paper",
                "yref": "paper",
                "x": 0,  # the mode bar is at the right
                "y": 1,
                "xanchor": "left",
                "yanchor": "bottom",
                "yshift": TITLE,
                "showarrow": False,
            }
        ],
    )
    layout["margin"] |= {"t": ABOVE}
    return Plot(traces, layout)


def _shade(divergence: float, theme: Theme) -> str:
    """Return the colour of a divergence: the ink for none, the page for one bit."""
    return blend((theme.ink, theme.background), min(max(divergence, 0.0), 1.0) ** 0.5)
