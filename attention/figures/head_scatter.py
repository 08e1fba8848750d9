"""All heads by two measures: one marker a head, so that the unusual ones stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language

HEIGHT = 420
ROOM = 0.12  # of the span of the values, kept free at either end for the names
LEAST_ROOM = 0.06  # of the whole axis, below a zero
COVERED = 0.01  # of both spans: markers nearer than this cover each other
LISTED = 3  # names at one place
TOP = 24  # pixels above, for the mode bar
NEAR = 0.08  # of both spans: markers nearer than this would write their names over each other


@figure
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
) -> Plot:
    """Return a marker with its name for each head, at its two measures; `chosen` is filled and bold.

    A head whose measure is NaN has no marker. `titles` name the axes, x first; `shares` says which of them are between
    0 and 1 and written as percentages. All words are safe for plotly.
    """
    n = len(names)
    written, sides = _written(names, x, y, chosen)
    heads: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(x),
        "y": list(y),
        "text": written,
        "textposition": sides,
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
    return Plot([heads], layout)


def _span(values: Sequence[float]) -> list[float]:
    """Return the ends of an axis of measures, which are never negative: all values and some room on either side."""
    known = [value for value in values if isfinite(value)] or [0.0]
    room = ROOM * (max(known) - min(known)) or 0.5
    end = max(known) + room
    return [max(min(known) - room, -LEAST_ROOM * end), end]


def _written(
    names: Sequence[str], x: Sequence[float], y: Sequence[float], chosen: int | None
) -> tuple[list[str], list[str]]:
    """Return the name written at each marker, and on which side of it.

    Above it, or away from a marker that is near; where markers cover each other, the first bears the names of all.
    """
    spans = [end - start for start, end in map(_span, (x, y))]
    offsets = [
        [max(abs(x[i] - x[j]) / spans[0], abs(y[i] - y[j]) / spans[1]) for j in range(len(x))] for i in range(len(x))
    ]
    written, sides = [], []
    for head, distances in enumerate(offsets):
        same = [other for other, distance in enumerate(distances) if distance < COVERED]
        near = [x[other] for other, distance in enumerate(distances) if COVERED <= distance < NEAR]
        label = ", ".join(names[other] for other in same[:LISTED]) + ("…" if len(same) > LISTED else "")
        written.append(label if same[:1] == [head] else "")
        if chosen in same:
            written[-1] = f"<b>{written[-1]}</b>"
        away = "left" if near and x[head] < min(near) else "right" if near and x[head] >= max(near) else ""
        sides.append(f"middle {away}" if away else "top center")
    return written, sides
