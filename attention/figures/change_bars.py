"""How much each position changed when something in the sentence did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.labels import quoted, tick_labels
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, percent, text
from attention.trace import Floats

BAR = 28  # pixels of a bar and its gap
TOP = 34  # pixels above the bars, where the mode bar stands
MOST_LABELS = 40
ROUNDING = 1e-5  # a change up to this is rounding's


@figure
def change_bars(labels: Sequence[str], changes: Floats, *, language: Language, theme: Theme) -> Plot:
    """Return one bar a position, its length how much its vector changed, as a share of its length (‖Δ‖ ÷ ‖before‖).

    The axis reaches 100%, or the longest bar where that is longer; an infinite change is as long as the axis. What is
    rounding's only is written as 0%.
    """
    n = len(labels)
    real = np.where(changes > ROUNDING, changes, 0.0)
    end = max(1.0, float(real[np.isfinite(real)].max(initial=0.0)))
    written = [percent(float(change), language) if np.isfinite(change) else "∞" for change in real]
    names = quoted(tuple(labels), language)
    positions, ticks = tick_labels(tuple(labels), MOST_LABELS)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": np.minimum(real, end),
        "y": np.arange(n),
        "marker": {"color": theme.difference[-2], "line": {"width": 0}},
        "text": written,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [
            text("figures.changed" if change > 0 else "figures.unchanged", language, name=name, share=share)
            for name, share, change in zip(names, written, real, strict=True)
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": n},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4}
    layout = theme.layout(
        language,
        height=min(BAR * n, 1000) + TOP,
        bargap=0.3,
        margin_right=56,
        xaxis=bare | {"range": [0, end], "showticklabels": False, "showgrid": False},
        yaxis=bare | {"range": [n - 0.5, -0.5], "tickvals": positions, "ticktext": ticks, "showgrid": False},
    )
    layout["margin"] |= {"t": TOP}
    return Plot([bars], layout)
