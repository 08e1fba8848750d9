"""One token's numbers on their way through the heads: cut in slices, mixed by head, joined, multiplied by Wo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, head_name
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Floats

GAP_SHARE = 0.03  # of the strip's width, between two heads
ROW = 84  # pixels from one strip to the next
THICK = 0.42  # of a row, what the strip itself takes


@figure
def head_slices(
    value: Floats,
    context: Floats,
    output: Floats,
    *,
    language: Language,
    theme: Theme,
    focus_head: int | None = None,
) -> Plot:
    """Return four strips of d_model cells, colour being the signed number of each component.

    `value` and `context` are one token's, [head, d_head], drawn with the heads apart; then the contexts side by side as
    one vector, and `output`, [d_model], which is Wo times that vector. Every strip has its own limits, centred on 0.
    """
    n_heads, d_head = context.shape
    d_model = n_heads * d_head
    gap = max(round(GAP_SHARE * d_model), 1)
    apart = np.arange(d_model) + gap * np.repeat(np.arange(n_heads), d_head)
    width = d_model + gap * (n_heads - 1)
    together = np.arange(d_model) + (width - d_model) / 2
    strips = (
        ("value", value.ravel(), apart, theme.value),
        ("context", context.ravel(), apart, theme.context),
        ("joined", context.ravel(), together, theme.context),
        ("output", output, together, theme.ink),
    )
    traces, shapes, annotations = [], [], []
    for row, (name, numbers, places, colour) in enumerate(strips):
        key = f"figures.strip_{name}_one" if n_heads == 1 and name != "output" else f"figures.strip_{name}"
        said = text(key, language, d_model=d_model, n=n_heads, d_head=d_head)
        traces.append(_strip(numbers, places, row, n_heads, name, said, language, theme))
        spans = (
            [(float(places[h * d_head]), float(places[(h + 1) * d_head - 1])) for h in range(n_heads)]
            if places is apart
            else [(float(places[0]), float(places[-1]))]
        )
        shapes.append(_boxes(spans, row, colour, 1.5))
        annotations.append(_above(f"<b>{said}</b>", row, theme, colour))
    if focus_head is not None:
        ends = (float(apart[focus_head * d_head]), float(apart[(focus_head + 1) * d_head - 1]))
        shapes += [_boxes([ends], row, theme.query, 3) for row in (0, 1)]
    bare = {"showgrid": False, "zeroline": False, "fixedrange": True, "showticklabels": False, "ticks": ""}
    layout = theme.layout(
        language,
        height=ROW * len(strips) + 40,
        shapes=shapes,
        annotations=[*annotations, *_head_numbers(apart, n_heads, d_head, focus_head, language, theme)],
        xaxis=bare | {"range": [-0.5 - 0.006 * width, width - 0.5 + 0.006 * width]},
        yaxis=bare | {"range": [len(strips) - 0.55, -0.72]},
    )
    return Plot(traces, layout)


def _strip(
    numbers: Floats,
    places: Floats,
    row: int,
    n_heads: int,
    name: str,
    said: str,
    language: Language,
    theme: Theme,
) -> dict[str, Any]:
    limit = float(np.abs(numbers).max(initial=0)) or 1.0
    d_head = len(numbers) // n_heads
    filled = np.full(round(float(places[-1] - places[0])) + 1, np.nan)
    spoken = [""] * len(filled)
    for component, (place, value) in enumerate(zip(places - places[0], numbers, strict=True)):
        filled[int(place)] = value
        owner = "" if name == "output" else head_name(component // d_head, language) + BREAK
        spoken[int(place)] = owner + text(
            "figures.strip_component", language, strip=said, i=component + 1, value=number(float(value), language, 3)
        )
    return {
        "type": "heatmap",
        "z": filled[np.newaxis],
        "x": np.arange(len(filled)) + float(places[0]),
        "y0": row,
        "dy": THICK,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.difference_scale(),
        "showscale": False,
        "hovertext": [spoken],
        "hoverinfo": "text",
        "hoverongaps": False,
        "meta": {"role": "grid", "name": name},
    }


def _above(words: str, row: int, theme: Theme, colour: str) -> dict[str, Any]:
    return {
        "text": words,
        "xref": "paper",
        "x": 0,
        "y": row - THICK / 2 - 0.02,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": theme.size, "color": colour},
    }


def _head_numbers(
    apart: Floats, n_heads: int, d_head: int, focus_head: int | None, language: Language, theme: Theme
) -> list[dict[str, Any]]:
    """Return the heads' numbers under the slices of the contexts: names where there is room, else numbers."""
    return [
        {
            "text": head_name(head, language) if n_heads <= 4 else str(head + 1),
            "x": float(apart[head * d_head : (head + 1) * d_head].mean()),
            "y": 1 + THICK / 2 + 0.02,
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": theme.size - 1, "color": theme.query if head == focus_head else theme.muted},
        }
        for head in range(n_heads)
    ]


def _boxes(spans: Sequence[tuple[float, float]], row: int, colour: str, width: float) -> dict[str, Any]:
    """Return one shape around the slices of a strip: first and last place of each."""
    top, bottom = row - THICK / 2, row + THICK / 2
    return {
        "type": "path",
        "path": "".join(f"M{left - 0.5},{top}H{right + 0.5}V{bottom}H{left - 0.5}Z" for left, right in spans),
        "line": {"color": colour, "width": width},
    }
