"""One vector becomes three: the input, the three matrices of a head, and what comes out under each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.trace import Floats

MATRIX = 300  # pixels of a matrix
STRIP = 26  # pixels of a vector
HEADER = 34
GAP = 26  # pixels between a matrix and its vector
FIRST, PANEL, SPACE = 0.05, 0.28, 0.035  # shares of the width: the input vector, a matrix, what is between
NAMES = ("query", "key", "value")


@figure
def head_projections(
    embedding: Floats,
    matrices: Sequence[Floats],
    vectors: Sequence[Floats],
    rotated: Sequence[Floats],
    *,
    language: Language,
    theme: Theme,
) -> Plot:
    """Return the input vector [d_model] beside Wq, Wk and Wv [d_model, d_head], the three products under them.

    `rotated` holds the query and the key after they are turned by their position, or nothing where they are not.
    Matrices share one scale, vectors another; both are centred on 0.
    """
    strips = [
        _stack(vector, rotated[i] if i < len(rotated) else None, rows=bool(rotated)) for i, vector in enumerate(vectors)
    ]
    n_strips = 2 if rotated else 1
    largest = _largest([embedding, *strips])
    d_model, d_head = matrices[0].shape
    height = HEADER + MATRIX + GAP + STRIP * n_strips
    bottom, top = (
        STRIP * n_strips / height,
        (STRIP * n_strips + GAP) / height,
    )
    traces = [
        _map(embedding[:, None], largest, "", ("input_component", None), language, theme),
        *(
            _map(matrix, _largest(matrices), str(2 + i), ("matrix_cell", NAMES[i]), language, theme)
            for i, matrix in enumerate(matrices)
        ),
        *(
            _map(strip, largest, str(5 + i), ("vector_component", NAMES[i]), language, theme)
            for i, strip in enumerate(strips)
        ),
    ]
    bare = {"zeroline": False, "fixedrange": True, "showgrid": False, "showticklabels": False, "ticks": ""}
    rows = bare | {"range": [d_model + 0.5, 0.5], "domain": [top, 1 - HEADER / height]}
    columns = bare | {"range": [0.5, d_head + 0.5]}
    axes: dict[str, Any] = {
        "xaxis": bare | {"domain": [0, FIRST], "range": [0.5, 1.5]},
        "yaxis": rows,
    }
    labels = [_heading("x", FIRST / 2, 1, theme.ink, theme)]
    for i, name in enumerate(NAMES):
        left = FIRST + SPACE + i * (PANEL + SPACE)
        colour = getattr(theme, name)
        axes[f"xaxis{2 + i}"] = columns | {"domain": [left, left + PANEL], "anchor": f"y{2 + i}"}
        axes[f"yaxis{2 + i}"] = rows | {"anchor": f"x{2 + i}"}
        axes[f"xaxis{5 + i}"] = columns | {"domain": [left, left + PANEL], "anchor": f"y{5 + i}"}
        axes[f"yaxis{5 + i}"] = bare | {
            "range": [n_strips + 0.5, 0.5],
            "domain": [0, bottom],
            "anchor": f"x{5 + i}",
        }
        labels.append(_heading(f"W{name[0]}", left + PANEL / 2, 1, colour, theme))
        labels.append(_heading(name, left + PANEL / 2, (STRIP * n_strips + GAP - 3) / height, colour, theme))
    return Plot(traces, theme.layout(language, height=height + 2 * theme.margin, annotations=labels, **axes))


def _stack(vector: Floats, turned: Floats | None, *, rows: bool) -> Floats:
    """Return a vector as one row, or as two: before and after it is turned; what is not turned has an empty one."""
    if not rows:
        return vector[None]
    return np.stack([vector, np.full_like(vector, np.nan) if turned is None else turned])


def _largest(arrays: Sequence[Floats]) -> float:
    return max(1e-9, *(float(np.nanmax(np.abs(array))) for array in arrays))


def _map(
    z: Floats, limit: float, axes: str, said: tuple[str, str | None], language: Language, theme: Theme
) -> dict[str, Any]:
    key, name = said
    values = {"row": "%{y}", "column": "%{x}", "value": "%{z:.2f}"} | ({"name": name} if name else {})
    sentence = text(f"figures.{key}", language, **values)
    return {
        "type": "heatmap",
        "z": np.round(z, 4).astype(np.float32),
        "x": list(range(1, z.shape[1] + 1)),
        "y": list(range(1, z.shape[0] + 1)),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.difference_scale(),
        "showscale": False,
        "hovertemplate": f"{sentence}<extra></extra>",
        "hoverongaps": False,
        "meta": {"role": "grid"},
        "xaxis": f"x{axes}",
        "yaxis": f"y{axes}",
        "xgap": 0,
        "ygap": 2 if z.shape[0] <= 2 else 0,
    }


def _heading(words: str, x: float, y: float, colour: str, theme: Theme) -> dict[str, Any]:
    return {
        "text": f"<b>{words}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": theme.title_size, "color": colour},
    }
