"""How much each layer's attention adds to the vector of each token, beside that vector's own length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.labels import quoted, tick_labels
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Floats

BAR = 20  # pixels of a bar and its gap
MOST_LABELS = 40
GAP = 0.25  # between the bars of two tokens, as a share of their room
ROOM = 1.4  # the axis over its longest bar: the rest is for the numbers


def times(ratio: float, language: Language) -> str:
    """Write how many times as long something is: 0,52 ×."""
    return f"{number(ratio, language)} ×" if np.isfinite(ratio) else "∞"


@figure
def addition_bars(
    labels: Sequence[str], ratios: Floats, chosen: int, row: int, *, language: Language, theme: Theme
) -> Plot:
    """Return a bar a token and layer, its length ‖added‖ ÷ ‖before‖; the layer `chosen` is dark, the `row` bold.

    `ratios` is [layer, position]. A line stands at 1, where as much is added as was there. The numbers stand in a
    column of their own, to the right of the bars and of the line.
    """
    n_layers, n = ratios.shape
    names = quoted(tuple(labels), language)
    positions, ticks = tick_labels(tuple(labels), MOST_LABELS)
    finite = np.where(np.isfinite(ratios), ratios, 0.0)
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": text("transformer.layer_named", language, layer=layer + 1),
            "x": finite[layer],
            "y": np.arange(n),
            "marker": {"color": theme.weights[-2] if layer == chosen else theme.weights[2], "line": {"width": 0}},
            "hovertext": [
                text("transformer.added", language, token=name, layer=layer + 1, times=times(float(ratio), language))
                for name, ratio in zip(names, ratios[layer], strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "part": f"layer_{layer}", "n": n},
        }
        for layer in range(n_layers)
    ]
    end = ROOM * max(float(finite.max()), 1.0)
    height = (1 - GAP) / n_layers  # of a bar, in tokens
    numbers = [
        {
            "type": "scatter",
            "mode": "text",
            "x": np.full(n, end),
            "y": np.arange(n) + height * (layer - (n_layers - 1) / 2),
            "text": [times(float(ratio), language) for ratio in ratios[layer]],
            "textposition": "middle left",
            "textfont": {"size": theme.size},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for layer in range(n_layers if n <= MOST_LABELS else 0)
    ]
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4}
    one = {"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    several = {} if n_layers == 1 else {"showlegend": True}
    layout = theme.layout(
        language,
        height=min((BAR * n_layers + 8) * n, 1200) + (70 if n_layers == 1 else 110),
        barmode="group",
        bargap=GAP,
        shapes=[one | {"line": {"color": theme.muted, "width": 1.5, "dash": "dash"}}],
        **several,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 0,
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        xaxis=bare
        | {
            "side": "top",
            "range": [0, end],
            "ticksuffix": " ×",
            "showgrid": False,  # it would run through the numbers
            "nticks": 5,
        },
        yaxis=bare
        | {
            "range": [n - 0.5, -0.5],
            "tickvals": positions,
            "ticktext": [f"<b>{label}</b>" if p == row else label for p, label in zip(positions, ticks, strict=True)],
            "showgrid": False,
        },
    )
    return Plot([*bars, *numbers], layout)
