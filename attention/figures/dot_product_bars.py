"""A dot product term by term: the query's component, the key's, their product, and the sum of all products."""

from __future__ import annotations

from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Floats

MOST_TERMS = 12
ROW = 26  # pixels of a term
HEADER = 40
ROOM, NARROW_ROOM = 0.5, 0.95  # of the longest bar, for the numbers on either side
DOMAINS = ([0.0, 0.29], [0.34, 0.63], [0.68, 1.0])


@figure
def dot_product_bars(query: Floats, key: Floats, *, language: Language, theme: Theme, narrow: bool = False) -> Plot:
    """Return the largest products of two vectors [d_head], by size, then the others together, then the score.

    `narrow` gives the numbers at the ends of the bars the room they need on a phone.
    """
    products = query.astype(np.float64) * key
    order = np.argsort(-np.abs(products), kind="stable")
    shown = order[: MOST_TERMS if len(order) > MOST_TERMS + 1 else MOST_TERMS + 1]
    rest = order[len(shown) :]
    n = len(shown)
    names = [str(int(component) + 1) for component in shown]
    lengths = products[shown].tolist()
    if len(rest):
        names.append(text("figures.other_components", language, n=len(rest)))
        lengths.append(float(products[rest].sum()))
    names.append(f"<b>{text('figures.sum', language)}</b>")
    lengths.append(float(products.sum()))
    rows = list(range(len(names)))
    sentences = [
        text(
            "figures.term",
            language,
            component=int(component) + 1,
            query=number(float(query[component]), language),
            key=number(float(key[component]), language),
            product=number(float(products[component]), language),
        )
        for component in shown
    ]
    if len(rest):
        sentences.append(f"{names[n]}: {number(lengths[n], language)}")
    sentences.append(text("figures.score", language, score=number(lengths[-1], language)))
    size = theme.size - (3 if narrow else 1)
    traces = [
        _bars(query[shown].tolist(), rows[:n], theme.query, "", sentences[:n], language, size),
        _bars(key[shown].tolist(), rows[:n], theme.key, "2", sentences[:n], language, size),
        _bars(lengths, rows, theme.muted, "3", sentences, language, size)
        | {"meta": {"role": "points", "n": len(rows)}},
    ]
    traces[2]["marker"] = {"color": [*[theme.muted] * (len(rows) - 1), theme.ink], "line": {"width": 0}}
    bare = {
        "zeroline": True,
        "zerolinecolor": theme.line,
        "fixedrange": True,
        "showgrid": False,
        "showticklabels": False,
    }
    titles = (
        f'<span style="color:{theme.query}">query</span>',
        f'<span style="color:{theme.key}">key</span>',
        "query × key",
    )
    axes: dict[str, Any] = {}
    for i, (drawn, title) in enumerate(zip(traces, titles, strict=True)):
        axes[f"xaxis{i + 1 if i else ''}"] = bare | {
            "domain": DOMAINS[i],
            "side": "top",
            "automargin": True,
            "range": _range(drawn["x"], NARROW_ROOM if narrow else ROOM),
            "anchor": "y",
            "title": {"text": f"<b>{title}</b>", "standoff": 4},
        }
    axes["yaxis"] = {
        "range": [len(rows) - 0.4, -0.6],
        "tickvals": rows,
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "ticklabelstandoff": 4,
        "title": {
            "text": "" if narrow else text("figures.component", language),
            "font": {"size": theme.size, "color": theme.muted},
            "standoff": 8,
        },
    }
    return Plot(traces, theme.layout(language, height=ROW * len(rows) + HEADER, bargap=0.3, **axes))


def _bars(
    lengths: list[float],
    rows: list[int],
    colour: str,
    axes: str,
    sentences: list[str],
    language: Language,
    size: int,
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": lengths,
        "y": rows,
        "marker": {"color": colour, "line": {"width": 0}},
        "text": [number(round(length, 2) + 0.0, language) for length in lengths],
        "textposition": "outside",
        "textfont": {"size": size},
        "cliponaxis": False,
        "constraintext": "none",
        "hovertext": sentences,
        "hoverinfo": "text",
        "xaxis": f"x{axes}",
    }


def _range(lengths: list[float], share: float) -> list[float]:
    """Return an axis with room for the numbers at the ends of the bars."""
    low, high = min(0.0, *lengths), max(0.0, *lengths)
    room = share * max(high - low, 1e-9)
    return [low - (room if low < 0 else 0.05 * room), high + (room if high > 0 else 0.05 * room)]
