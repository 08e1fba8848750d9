"""One bar a head: what is lost when it is switched off, how much of the output it brings, what it gives one cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language

BAR = 34  # pixels of a bar and its gap
TOP = 34  # pixels above the bars: the title at the left, the mode bar at the right
LINE = 20  # pixels of each further line of the title


@figure
def head_bars(
    names: Sequence[str],
    values: Sequence[float],
    written: Sequence[str],
    sentences: Sequence[str],
    *,
    title: str,
    language: Language,
    theme: Theme,
    chosen: int | None = None,
    marked: Sequence[bool] = (),
    room: float = 0.3,
    colour: str = "",
    full: float = 0.0,
) -> Plot:
    """Return a bar for each of `names`, as long as its value (0 or more) and with `written` at its end.

    `sentences` are what the hover says, safe for plotly like all words given here. `marked` bars have the `colour`,
    else that of a change; the others are quiet; the name of the bar at `chosen` is bold. `room` is the share of the
    width kept for what is written beside the longest bar, or beside a bar of length `full` if none is longer. A click
    beside a bar counts as on it.
    """
    n = len(names)
    strong = marked or [True] * n
    top = TOP + LINE * title.count("<br>")
    longest = max(*values, full) or 1.0
    strong_colour = colour or theme.difference[-2]
    bars: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(n)),
        "marker": {
            "color": [strong_colour if mark else theme.line for mark in strong],
            "line": {"width": 0},
        },
        "text": list(written),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": list(sentences),
        "hoverinfo": "text",
        "meta": {"role": "points", "n": n},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "showgrid": False, "ticklabelstandoff": 4}
    layout = theme.layout(
        language,
        height=BAR * n + top,
        bargap=0.35,
        annotations=[
            {
                "text": f"<b>{title}</b>",
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 1,
                "xanchor": "left",
                "yanchor": "bottom",
                "align": "left",
                "showarrow": False,
            }
        ],
        xaxis=bare | {"range": [0, longest / (1 - room)], "showticklabels": False},
        yaxis=bare
        | {
            "range": [n - 0.5, -0.5],
            "tickvals": list(range(n)),
            "ticktext": [f"<b>{name}</b>" if place == chosen else name for place, name in enumerate(names)],
        },
    )
    layout["margin"] |= {"t": top}
    layout |= {"hovermode": "y", "hoverdistance": -1}  # short bars can be pointed at too
    return Plot([bars], layout)
