"""One vector as it is: a bar a component, up or down."""

from __future__ import annotations

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Floats

HEIGHT = 210


@figure
def vector_bars(vector: Floats, *, language: Language, theme: Theme) -> Plot:
    """Return one bar a component of `vector`, [width], its height the number; below zero has the other colour."""
    places = np.arange(1, len(vector) + 1)
    bars = {
        "type": "bar",
        "x": places,
        "y": vector.astype(np.float64),
        "marker": {
            "color": [theme.difference[-2] if value > 0 else theme.difference[1] for value in vector],
            "line": {"width": 0},
        },
        "hovertext": [
            text("transformer.component", language, place=place, value=number(float(value), language, 3))
            for place, value in zip(places, vector, strict=True)
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(vector)},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True}
    layout = theme.layout(
        language,
        height=HEIGHT,
        bargap=0.15,
        xaxis=bare
        | {
            "range": [0, len(vector) + 1],
            "showgrid": False,
            "nticks": 6,
            "title": {"text": text("transformer.components", language), "standoff": 4, "font": {"size": theme.size}},
        },
        yaxis=bare | {"gridcolor": theme.line, "nticks": 5, "zeroline": True, "zerolinecolor": theme.muted},
    )
    return Plot([bars], layout)
