"""One row of A beside the same row of B, key by key, and by how many points they differ."""

from __future__ import annotations

import numpy as np

from attention.alignment import By
from attention.figures.cells import shown_weights
from attention.figures.labels import escape, shorten
from attention.figures.pairs import Pair, pair, pair_names
from attention.figures.plot import Plot, figure
from attention.figures.sentences import A_B, cell_texts, in_points, row_differences
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.views import WeightsView

LABELLED = 24  # keys that have room for their numbers
BAR = 22  # pixels of one bar and its gap


@figure
def side_bars(
    a: WeightsView,
    b: WeightsView,
    *,
    heads: tuple[int, int],
    by: By,
    row: int,
    language: Language,
    theme: Theme,
    column: int | None = None,
) -> Plot:
    """Return two bars a key, A above B, their length the weight that `row` gives it, and B − A in points beside them.

    The axis is that of the maps, from 0 to 100%, and longer only where a weight is. Row and column are places of the
    common axis. Where a side has no number there is no bar, and the reason in a word.
    """
    found = pair(a, b, heads, by)
    n = len(found.labels)
    sentences = row_differences(*found.placed, 0, row, language, A_B, pair_names(found, language, safe=True))
    weights = np.stack([np.nan_to_num(shown_weights(view)[0, row]) for view in found.placed])
    longest = max(float(weights.max(initial=0)), 1.0)  # a whole row; dropout and a late mask can spend more
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "x": weights[side],
            "y": np.arange(n) + (side - 0.5) * 0.4,
            "width": 0.36,
            "marker": {"color": colour, "line": {"width": 0}},
            "text": [f"{name} {_written(found, side, row, key, language)}" for key in range(n)]
            if n <= LABELLED
            else None,
            "textposition": "outside",
            "constraintext": "none",
            "textfont": {"size": theme.size - 1},
            "cliponaxis": False,
            "hovertext": sentences,
            "hoverinfo": "text",
            "meta": {"role": "points", "n": n},
        }
        for side, name, colour in ((0, "A", theme.weights[-2]), (1, "B", theme.weights[2]))
    ]
    if n <= LABELLED:
        traces.append(_points(found, row, longest, language, theme))
    labels = [escape(shorten(label, 25)) for label in found.labels]
    step = -(-n // 40)
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4, "showgrid": False}
    layout = theme.layout(
        language,
        height=max(64, min(2 * BAR * n, 1000)) + 40,
        xaxis=bare | {"range": [0, 1.6 * longest], "showticklabels": False},
        yaxis=bare
        | {
            "range": [n - 0.4, -1.2],
            "tickvals": list(range(0, n, step)),
            "ticktext": [f"<b>{labels[key]}</b>" if key == column else labels[key] for key in range(0, n, step)],
        },
    )
    return Plot(traces, layout)


def _written(found: Pair, side: int, row: int, key: int, language: Language) -> str:
    return escape(cell_texts(found.placed, row, key, language)[0][side])


def _points(found: Pair, row: int, longest: float, language: Language, theme: Theme) -> dict[str, object]:
    """Return B − A of each key in points, at the right under a heading; nothing where nothing can be subtracted."""
    a, b = (view.weights[0, row].tolist() for view in found.placed)
    written = [
        "" if np.isnan(points) else in_points(one, other, language)
        for points, one, other in zip(found.change[row], a, b, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [1.6 * longest] * (len(written) + 1),
        "y": [-0.9, *range(len(written))],
        "text": [f"<b>{text('figures.points_apart', language)}</b>", *written],
        "textposition": "middle left",
        "textfont": {"color": theme.ink},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
