"""Where the context vector lies among the values: the shadows of all of them on one plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.covers import Cover
from attention.figures.labels import escape, quoted, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import SIGNS, cover_text, share
from attention.figures.theme import Theme, blend
from attention.texts import Language, percent, text
from attention.trace import Booleans, Floats

HEIGHT = 430
WIDE, NARROW = 560, 330  # pixels a drawing of labels may count on
LARGEST, SMALLEST = 34.0, 7.0  # pixels across of a weight of 1, and of one too small to see
AROUND = 1.25  # room for the labels around the points
MOST_LABELS = 14
PLACES = {"top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0)}


@figure
def context_plane(
    labels: Sequence[str],
    values: Floats,
    weights: Floats,
    hull: Floats,
    context: Floats,
    *,
    before: Floats | None,
    shares: tuple[float, float],
    language: Language,
    theme: Theme,
    struck: Booleans | None = None,
    narrow: bool = False,
) -> Plot:
    """Return the values [key, 2] as circles whose area is their weight, their hull, and the context vector [2].

    `hull` holds the corners [m, 2] of the shape around the values. `before` is where the context vector stood before
    the scores were moved, or None. `shares` are the parts of the values' variance the two directions keep. Both
    axes have one unit. What dropout `struck` out, [key], has a cross beside its name.
    """
    lost = np.zeros(len(labels), dtype=bool) if struck is None else struck
    written = [
        shorten(label) + (f" {SIGNS[Cover.DROPPED]}" if gone else "") for label, gone in zip(labels, lost, strict=True)
    ]
    order = np.argsort(-weights, kind="stable")
    drawn = [hull, values, context[None], *([before[None]] if before is not None else [])]
    everything = np.concatenate([part for part in drawn if len(part)])
    middle = (everything.max(axis=0) + everything.min(axis=0)) / 2
    room = (NARROW if narrow else WIDE), HEIGHT - 60  # pixels
    extent = np.maximum((everything.max(axis=0) - everything.min(axis=0)) / 2, 1e-3)
    unit = min(side / (2 * AROUND * half) for side, half in zip(room, extent, strict=True))  # pixels
    names = quoted(tuple(labels), language)
    size = np.maximum(LARGEST * np.sqrt(np.clip(weights, 0, 1.5)), SMALLEST)
    places = _places(written, values, size, order, context, unit, theme.size)
    pale = blend((theme.background, theme.value), 0.16)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [*hull[:, 0], hull[0, 0]],
            "y": [*hull[:, 1], hull[0, 1]],
            "fill": "toself" if len(hull) > 2 else "none",
            "fillcolor": pale,
            "line": {"color": blend((theme.background, theme.value), 0.5), "width": 1},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": values[:, 0],
            "y": values[:, 1],
            "marker": {
                "size": size,
                "color": theme.value,
                "opacity": 0.85,
                "line": {"color": theme.background, "width": 1},
            },
            "text": [escape(label) if place else "" for label, place in zip(written, places, strict=True)],
            "textposition": [place or "top center" for place in places],
            "textfont": {"color": theme.ink, "size": theme.size},
            "cliponaxis": False,
            "hovertext": [
                text(
                    "figures.value_of",
                    language,
                    token=name,
                    share=cover_text(Cover.DROPPED, language) if gone else share(float(weight), language),
                )
                for name, weight, gone in zip(names, weights, lost, strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "n": len(labels)},
        },
    ]
    start = context if before is None else before
    traces.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [start[0], context[0]],
            "y": [start[1], context[1]],
            "line": {"color": theme.context, "width": 1.5, "dash": "dot"},
            "marker": {
                "symbol": ["diamond-open", "diamond"],
                "size": [14, 16],
                "color": theme.context,
                "line": {"color": [theme.context, theme.background], "width": [2, 1.5]},
            },
            "hovertext": [
                text("figures.context_before" if before is not None else "figures.context", language),
                text("figures.context", language),
            ],
            "hoverinfo": "text",
        }
    )
    across = [side / (2 * unit) for side in room]
    axis = {"zeroline": False, "fixedrange": True, "showgrid": False, "showticklabels": False, "ticks": ""}
    frame = {"showline": True, "linecolor": theme.line, "mirror": True}
    small = {"size": theme.size - 1, "color": theme.muted}
    titles = [
        text("figures.direction", language, number=i + 1, share=percent(kept, language))
        for i, kept in enumerate(shares)
    ]
    layout = theme.layout(
        language,
        height=HEIGHT,
        xaxis=axis
        | frame
        | {
            "range": [middle[0] - across[0], middle[0] + across[0]],
            "title": {"text": titles[0], "font": small, "standoff": 6},
            "automargin": True,
        },
        yaxis=axis
        | frame
        | {
            "range": [middle[1] - across[1], middle[1] + across[1]],
            "title": {"text": titles[1], "font": small, "standoff": 6},
            "scaleanchor": "x",
            "automargin": True,
        },
    )
    return Plot(traces, layout)


def _places(
    labels: Sequence[str],
    points: Floats,
    sizes: Floats,
    order: NDArray[np.integer[Any]],
    context: Floats,
    unit: float,
    font: int,
) -> list[str | None]:
    """Return on which side of its point each label stands, heaviest first, covering nothing; None has no room."""
    centre = points * unit * np.array([1, -1])
    mark = context * unit * np.array([1, -1])
    taken = [(x - s / 2, y - s / 2, x + s / 2, y + s / 2) for (x, y), s in zip(centre, sizes, strict=True)]
    taken.append((mark[0] - 8, mark[1] - 8, mark[0] + 8, mark[1] + 8))
    places: list[str | None] = [None] * len(labels)
    for position in [int(place) for place in order][:MOST_LABELS]:
        wide = 0.6 * font * len(labels[position])
        for name, (right, up) in PLACES.items():
            x = centre[position, 0] + right * (sizes[position] / 2 + 4 + wide / 2)
            y = centre[position, 1] - up * (sizes[position] / 2 + 4 + font / 2)
            box = (x - wide / 2, y - font / 2, x + wide / 2, y + font / 2)
            others = [other for i, other in enumerate(taken) if i != position]
            if not any(_overlap(box, other) for other in others):
                places[position] = name
                taken.append(box)
                break
    return places


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
