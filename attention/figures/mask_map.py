"""What each row may see, and the token it has to predict: the mask before any number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import outline, strokes
from attention.figures.labels import escape, quoted, shorten, tick_labels
from attention.figures.panels import KEY_LABELS, MARKS_LIMIT, QUERY_LABELS
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, text

CELL = 34  # pixels of a row
HEADER = 96  # pixels of the key labels and the titles
TARGET_WIDTH = 130  # pixels of what each row has to predict


@figure
def mask_map(
    labels: Sequence[str],
    mask: NDArray[np.bool_],
    *,
    language: Language,
    theme: Theme,
    targets: Sequence[str | None] = (),
    focus_row: int | None = None,
    title: str = "",
) -> Plot:
    """Return a map of yes and no: open where the row may look at the column, hatched where it may not.

    `mask` is [query, key], True = may look. `targets` are the tokens the rows have to predict, written at their ends;
    None where a row predicts nothing.
    """
    n = len(labels)
    names = quoted(tuple(labels), language)
    rows, row_labels = tick_labels(tuple(labels), QUERY_LABELS)
    columns, column_labels = tick_labels(tuple(labels), KEY_LABELS)
    cells = {
        "type": "heatmap",
        "z": mask.astype(np.uint8),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [(0, theme.masked), (1, theme.weights[1])],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertext": [
            [
                text(
                    "figures.may_look" if mask[i, j] else "figures.may_not_look", language, query=names[i], key=names[j]
                )
                for j in range(n)
            ]
            for i in range(n)
        ],
        "hoverinfo": "text",
        "meta": {"role": "cells", "head": None, "n": n},
    }
    traces = [cells]
    if targets:
        traces.append(_targets(targets, rows, n, language, theme))
    bare = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4}
    marks = strokes({"hatch": ~mask}, theme) if n <= MARKS_LIMIT else []
    focus = [] if focus_row is None else [outline([(0, focus_row, n - 1, focus_row)], theme.query)]
    heading = f"<b>{escape(title)}</b><br>" if title else ""
    looked_at = f'{heading}<span style="color:{theme.key}">{text("figures.looked_at", language)}</span>'
    layout = theme.layout(
        language,
        height=n * (CELL if n <= QUERY_LABELS else 14) + HEADER,
        margin_right=TARGET_WIDTH if targets else theme.margin,
        shapes=marks + focus,
        xaxis=bare
        | {
            "side": "top",
            "range": [-0.5, n - 0.5],
            "tickvals": columns,
            "ticktext": column_labels,
            "autotickangles": [0, -45, -90],
            "title": {"text": looked_at, "standoff": 6},
        },
        yaxis=bare
        | {
            "range": [n - 0.5, -0.5],
            "tickvals": rows,
            "ticktext": row_labels,
            "title": {
                "text": text("figures.looks", language),
                "font": {"size": theme.size, "color": theme.query},
                "standoff": 8,
            },
        },
    )
    return Plot(traces, layout)


def _targets(
    targets: Sequence[str | None], rows: Sequence[int], n: int, language: Language, theme: Theme
) -> dict[str, object]:
    """Return, to the right of the rows, the token each has to predict."""
    shown = [row for row in rows if targets[row] is not None]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [n - 0.5] * (len(shown) + 1),
        "y": [-0.5, *shown],
        "text": [
            f"\N{EN SPACE}{text('figures.foresees', language)}",
            *(f"\N{EN SPACE}→ {escape(shorten(targets[row] or ''))}" for row in shown),
        ],
        "textposition": ["top right", *["middle right"] * len(shown)],
        "textfont": {"color": [theme.muted, *[theme.context] * len(shown)]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "meta": {"role": "targets"},
    }
