"""How far two tokens are from each other: from neighbour to neighbour, or in one look."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.labels import escape, shorten
from attention.figures.plot import Plot, figure
from attention.figures.race_lines import contestants
from attention.figures.theme import Theme
from attention.texts import Language, text

ROW = 34  # pixels of a token
MOST_ROWS = 16  # tokens drawn one by one; of a longer way, both ends and how many are left out


@figure
def path_map(labels: Sequence[str], first: int, last: int, *, language: Language, theme: Theme) -> Plot:
    """Return tokens from a position to a later one: hops on the left (a recurrent network), one look on the right."""
    shown: list[int | None] = list(range(first, last + 1))
    if len(shown) > MOST_ROWS:
        half = MOST_ROWS // 2
        shown = [*shown[:half], None, *shown[-half + 1 :]]
    left_out = last - first + 1 - sum(position is not None for position in shown)
    rows = np.arange(len(shown))
    words = [
        text("why_it_changed.left_out", language, n=left_out)
        if position is None
        else f"<b>{escape(shorten(labels[position]))}</b>"
        if position in (first, last)
        else escape(shorten(labels[position]))
        for position in shown
    ]
    colours = contestants(theme)
    tokens = {
        "type": "scatter",
        "mode": "text",
        "x": [0] * len(shown),
        "y": rows,
        "text": words,
        "hoverinfo": "skip",
    }
    hops = [_arc(-1.2, row, row + 1, -1.9, colours["lstm"]) for row in rows[:-1].tolist()]
    look = _arc(1.2, 0, len(shown) - 1, 1.2 + 1.4, colours["attention"])
    bare = {"visible": False, "fixedrange": True}
    layout = theme.layout(
        language,
        height=ROW * len(shown) + 70,
        shapes=[*hops, look],
        annotations=[
            _heading(-1.5, "why_it_changed.hops", last - first, colours["lstm"], language),
            _heading(1.5, "why_it_changed.look", 1, colours["attention"], language),
        ],
        xaxis=bare | {"range": [-3, 3]},
        yaxis=bare | {"range": [len(shown) - 0.4, -1.4]},
    )
    return Plot([tokens], layout)


def _arc(x: float, top: float, bottom: float, bulge: float, colour: str) -> dict[str, object]:
    return {
        "type": "path",
        "path": f"M{x},{top + 0.1}Q{bulge},{(top + bottom) / 2},{x},{bottom - 0.1}",
        "line": {"color": colour, "width": 3},
    }


def _heading(x: float, key: str, n: int, colour: str, language: Language) -> dict[str, object]:
    return {
        "x": x,
        "y": -1,
        "xref": "x",
        "yref": "y",
        "text": f"<b>{text(key, language, n=n)}</b>",
        "showarrow": False,
        "font": {"color": colour},
    }
