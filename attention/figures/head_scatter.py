"""All heads by two measures: one marker a head, so that the unusual ones stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import plotly.graph_objects as go

from attention.figures.theme import Theme
from attention.texts import Language

HEIGHT = 420
MARGIN = 0.12  # of the span of the values, kept free at either end for the names
TOP = 24  # pixels above, for the mode bar
NEAR = 0.1  # of the span of the values: markers nearer than this, both ways, would write their names over each other


def head_scatter(
    names: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    sentences: Sequence[str],
    *,
    titles: tuple[str, str],
    shares: tuple[bool, bool],
    language: Language,
    theme: Theme,
    chosen: int | None = None,
) -> go.Figure:
    """Return a marker with its name for each head, at its two measures; `chosen` is filled and bold.

    A head whose measure is NaN has no marker. `titles` name the axes, x first; `shares` says which of them are between
    0 and 1 and written as percentages. All words are safe for plotly.
    """
    n = len(names)
    heads: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(x),
        "y": list(y),
        "text": [f"<b>{name}</b>" if head == chosen else name for head, name in enumerate(names)],
        "textposition": _sides(x, y),
        "textfont": {"color": theme.ink},
        "marker": {
            "size": 13,
            "color": [theme.ink if head == chosen else theme.background for head in range(n)],
            "line": {"color": theme.ink, "width": 2},
        },
        "cliponaxis": False,
        "hovertext": list(sentences),
        "hoverinfo": "text",
        "meta": {"role": "points", "n": n},
    }
    axes: dict[str, Any] = {
        f"{name}axis": {
            "range": _span(values),
            "nticks": 5,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "gridcolor": theme.line,
            "tickformat": ".0%" if share else None,
            "title": {"text": title, "standoff": 8},
        }
        for name, values, title, share in zip("xy", (x, y), titles, shares, strict=True)
    }
    layout = theme.layout(language, height=HEIGHT, **axes)
    layout["margin"] |= {"t": TOP}
    return go.Figure(heads, layout)


def _span(values: Sequence[float]) -> list[float]:
    """Return the ends of an axis: all values and some room; a width of its own where all are equal."""
    known = [value for value in values if isfinite(value)] or [0.0]
    room = MARGIN * (max(known) - min(known)) or 0.5
    return [min(known) - room, max(known) + room]


def _sides(x: Sequence[float], y: Sequence[float]) -> list[str]:
    """Return where each name stands: above its marker, or on the side away from a marker that is too near."""
    spans = [end - start for start, end in map(_span, (x, y))]
    sides = []
    for head, (here, up) in enumerate(zip(x, y, strict=True)):
        near = [
            (other, head_of_other)
            for head_of_other, (other, up_there) in enumerate(zip(x, y, strict=True))
            if head_of_other != head and abs(other - here) < NEAR * spans[0] and abs(up_there - up) < NEAR * spans[1]
        ]
        if not near:
            sides.append("top center")
        else:
            sides.append(
                "middle left"
                if (here, head) < min(near)
                else "middle right"
                if (here, head) > max(near)
                else "top center"
            )
    return sides
