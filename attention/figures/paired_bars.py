"""Two numbers a name, bar under bar: before and after, or two ways to share out one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from attention.figures.covers import Cover
from attention.figures.labels import escape, shorten, tick_labels
from attention.figures.plot import Plot, figure
from attention.figures.sentences import SIGNS, cover_text, share
from attention.figures.theme import Theme
from attention.texts import Language, text

PAIR = 44  # pixels of two bars and their gap
MOST_LABELS = 40
LABELLED_PAIRS = 24  # pairs that have room for their numbers
Colour = Literal["weight", "value", "context", "quiet"]


@dataclass(frozen=True, slots=True)
class Series:
    """One bar for each name: shares from 0 to 1 their legend and their colour."""

    name: str
    shares: Sequence[float]
    colour: Colour


@figure
def paired_bars(
    labels: Sequence[str],
    series: tuple[Series, Series],
    *,
    language: Language,
    theme: Theme,
    focus: int | None = None,
    covered: Sequence[Cover] = (),
) -> Plot:
    """Return two bars for each of `labels`, on one axis from 0 to the longest; the label at `focus` is bold.

    The second is hatched, so that nobody has to tell them apart by colour.

    `covered` says of each label why it has no number, if it has none: it has no bars, and its sign stands there.
    """
    covers = covered or [Cover.NONE] * len(labels)
    n = len(labels)
    colours = {"weight": theme.weights[-2], "value": theme.value, "context": theme.context, "quiet": theme.line}
    positions, ticks = tick_labels(tuple(labels), MOST_LABELS)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": each.name,
            "x": [0.0 if cover else value for value, cover in zip(each.shares, covers, strict=True)],
            "y": list(range(n)),
            "marker": {
                "color": colours[each.colour],
                "line": {"width": 0},
                "pattern": {
                    "shape": "/" if place else "",
                    "fillmode": "overlay",
                    "fgcolor": theme.background,
                    "solidity": 0.25,
                },
            },
            "text": [_written(*one, language) for one in zip(each.shares, covers, strict=True)]
            if n <= LABELLED_PAIRS
            else None,
            "textfont": {"size": theme.size - 2},
            "constraintext": "none",
            "textposition": "outside",
            "cliponaxis": False,
            "hovertext": [
                text(
                    "figures.series_at",
                    language,
                    token=f"“{escape(shorten(label))}”",
                    name=each.name,
                    share=cover_text(cover, language) if cover else share(value, language),
                )
                for label, value, cover in zip(labels, each.shares, covers, strict=True)
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
    return Plot(traces, layout)


def _written(value: float, cover: Cover, language: Language) -> str:
    return SIGNS[cover] if cover else share(value, language)
