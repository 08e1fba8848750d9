"""Two words against each other: how much each of some rows gives to one and to the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.cells import shown_weights
from attention.figures.labels import quoted, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import cell_text, row_sentences
from attention.figures.theme import Theme
from attention.texts import Language
from attention.views import WeightsView

BAR = 32  # pixels of a bar and its gap


@figure
def pair_bars(
    view: WeightsView, head: int, rows: Sequence[int], keys: Sequence[int], *, language: Language, theme: Theme
) -> Plot:
    """Return one bar for each of `rows` and each of `keys`, its length the weight, from 0 to 100%.

    The first key has the strong colour, the others a pale one. Masked and struck-out cells have no bar and say why.
    """
    pairs = [(row, key) for row in rows for key in keys]
    weights = shown_weights(view)[head]
    names = quoted(tuple(shorten(label) for label in view.labels), language)
    sentences = {row: row_sentences(view, head, row, language) for row in rows}
    strong, pale = theme.weights[-2], theme.weights[2]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [float(np.clip(np.nan_to_num(weights[pair]), 0.0, 1.0)) for pair in pairs],
        "y": list(range(len(pairs))),
        "marker": {"color": [strong if key == keys[0] else pale for _, key in pairs], "line": {"width": 0}},
        "text": [cell_text(view, head, row, key, language) for row, key in pairs],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [sentences[row][key] for row, key in pairs],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(pairs)},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "showgrid": False}
    layout = theme.layout(
        language,
        height=BAR * len(pairs) + 24,
        bargap=0.3,
        xaxis=bare | {"range": [0, 1.25], "showticklabels": False},
        yaxis=bare
        | {
            "range": [len(pairs) - 0.5, -0.5],
            "tickvals": list(range(len(pairs))),
            "ticktext": [f"{names[row]} → {names[key]}" for row, key in pairs],
            "ticklabelstandoff": 4,
        },
    )
    return Plot([bars], layout)
