"""Two numbers a name, bar under bar: before and after, or two ways to share out one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from attention.figures.labels import escape, shorten, tick_labels
from attention.figures.sentences import share
from attention.figures.theme import Theme
from attention.texts import Language, text

PAIR = 44  # pixels of two bars and their gap
MOST_LABELS = 40
LABELLED_PAIRS = 24  # pairs that have room for their numbers
Colour = Literal["weight", "value", "context", "quiet"]


@dataclass(frozen=True, slots=True)
class Series:
    """One bar for each name: shares from 0 to 1, their legend and their colour."""

    name: str
    shares: Sequence[float]
    colour: Colour


def paired_bars(
    labels: Sequence[str], series: tuple[Series, Series], *, language: Language, theme: Theme, focus: int | None = None
) -> go.Figure:
    """Return two bars for each of `labels`, on one axis from 0 to the longest; the label at `focus` is bold."""
    n = len(labels)
    colours = {"weight": theme.weights[-2], "value": theme.value, "context": theme.context, "quiet": theme.line}
    positions, ticks = tick_labels(tuple(labels), MOST_LABELS)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": each.name,
            "x": list(each.shares),
            "y": list(range(n)),
            "marker": {"color": colours[each.colour], "line": {"width": 0}},
            "text": [share(value, language) for value in each.shares] if n <= LABELLED_PAIRS else None,
            "textposition": "outside",
            "cliponaxis": False,
            "hovertext": [
                text(
                    "figures.series_at",
                    language,
                    token=f"“{escape(shorten(label))}”",
                    name=each.name,
                    share=share(value, language),
                )
                for label, value in zip(labels, each.shares, strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "n": n, "part": str(place)},
        }
        for place, each in enumerate(series)
    ]
    most = max((value for each in series for value in each.shares), default=0.0) or 1.0
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "ticklabelstandoff": 4, "showgrid": False}
    layout = theme.layout(
        language,
        height=max(64, min(PAIR * n, 1200)) + 60,
        bargap=0.35,
        bargroupgap=0.05,
        xaxis=bare | {"range": [0, 1.25 * most], "showticklabels": False},
        yaxis=bare
        | {
            "range": [n - 0.5, -0.5],
            "tickvals": positions,
            "ticktext": [f"<b>{tick}</b>" if at == focus else tick for at, tick in zip(positions, ticks, strict=True)],
        },
    ) | {
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": -0.02, "yanchor": "top", "traceorder": "normal"},
    }
    return go.Figure(traces, layout)
