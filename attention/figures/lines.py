"""The picture people know: the sentence twice, a line from who looks to who is looked at, as wide as its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.labels import escape, quoted, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, head_name, share
from attention.figures.theme import Theme
from attention.metrics import strongest_keys
from attention.texts import Language, text
from attention.trace import Floats
from attention.views import WeightsView

TINY = 0.02  # below, a weight gets no line
MOST_LINES = 1_500  # the strongest; beyond, a browser no longer follows the pointer
WIDEST, LEAST_WIDEST = (
    14.0,
    4.0,
)  # pixels of a line that is 100%, of one head and of many; half the weight is half of it
FAN = 0.8  # of a token's height: over it the heads stand one below another
WIDTHS = np.concatenate([np.arange(1, 5) * 0.02, np.arange(2, 21) * 0.05])  # weights whose widths are drawn
NAMED_HEADS = 4  # in a hover
LEFT, RIGHT = 0.3, 0.7  # where the lines begin and end, of the figure's width
TALLEST, LOWEST = 34, 15  # pixels from one token to the next
USUAL_HEIGHT = 900
HEADER_HEIGHT = 28
LEGEND_HEIGHT = 24  # of a line of the legend
LEGEND_HEADS = (9, 3)  # to a line, on a screen and on a phone


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Which weights get a line, and what is left out. The arrays have one entry a line, the strongest first."""

    heads: NDArray[np.intp]
    queries: NDArray[np.intp]
    keys: NDArray[np.intp]
    weights: Floats
    left_out: int  # weights above zero without a line
    left_out_share: float  # what they are of all the weight of these heads


def drawn_lines(view: WeightsView, heads: Sequence[int]) -> Lines:
    """Return the lines of `heads`: none for a weight below `TINY`, and of the others the `MOST_LINES` strongest."""
    chosen = np.asarray(heads, dtype=np.intp)
    weights = view.weights[chosen].astype(np.float64)
    whole = weights.sum()
    found = np.argwhere(weights >= TINY)
    values = weights[tuple(found.T)]
    order = np.argsort(-values, kind="stable")[:MOST_LINES]
    found, values = found[order], values[order]
    missing = int((weights > 0).sum()) - len(values)
    return Lines(
        heads=chosen[found[:, 0]],
        queries=found[:, 1],
        keys=found[:, 2],
        weights=values,
        left_out=missing,
        left_out_share=max(float(1 - values.sum() / whole), 0.0) if missing else 0.0,
    )


@figure
def lines(
    view: WeightsView,
    heads: Sequence[int],
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    narrow: bool = False,
) -> Plot:
    """Return the tokens in two columns, who looks at the left, and the lines of `heads`, each head in its own colour.

    Point i of a column is token i; while the pointer or the keyboard is on it, only its lines are drawn. `focus_row` is
    outlined at the left. A line's width is its weight to the nearest of `WIDTHS`; above 1, which dropout can make, 1's.
    The heads' lines stand one below another, the first head's at the top. `narrow` is for a phone.
    """
    n = len(view.labels)
    pitch = float(np.clip(USUAL_HEIGHT / n, LOWEST, TALLEST))
    drawn = drawn_lines(view, heads)
    below = LEGEND_HEIGHT * -(-len(heads) // LEGEND_HEADS[narrow]) + 2 * theme.margin
    layout = theme.layout(
        language,
        height=round(n * pitch) + HEADER_HEIGHT + below + theme.margin,
        barmode="overlay",
        showlegend=True,
        legend={
            "orientation": "h",
            "itemsizing": "constant",
            "itemclick": False,
            "itemdoubleclick": False,
            "x": 0.5,
            "xanchor": "center",
            "y": 0,
            "yanchor": "top",
            "font": {"size": theme.size},
        },
        shapes=_outline(focus_row, theme),
        xaxis={"visible": False, "fixedrange": True, "range": [0, 1]},
        yaxis={"visible": False, "fixedrange": True, "range": [n - 0.5, -0.5]},
    )
    layout["margin"] |= {"t": HEADER_HEIGHT, "b": below}
    layout["annotations"] = [
        _heading(text("figures.looks", language), LEFT - 0.01, "right", theme.query),
        _heading(text("figures.looked_at", language), RIGHT + 0.01, "left", theme.key),
    ]
    size = round(min(theme.title_size, pitch - 3))
    columns = (
        _column(view, "query", _looks(view, heads, language), size, theme),
        _column(view, "key", _looked_at(view, heads, language), size, theme),
    )
    return Plot([*_lines(drawn, heads, pitch, language, theme), *columns], layout)


def _lines(drawn: Lines, heads: Sequence[int], pitch: float, language: Language, theme: Theme) -> list[dict[str, Any]]:
    """Return one trace a head and width: each line is two points and a gap."""
    nearest = np.abs(np.minimum(drawn.weights, 1.0)[:, None] - WIDTHS).argmin(axis=1)
    widest = float(np.clip(FAN * pitch / max(len(heads), 1), LEAST_WIDEST, WIDEST))
    traces = []
    for place, head in enumerate(heads):
        lower = FAN * ((place + 0.5) / len(heads) - 0.5)
        colour = theme.head_colour(head)
        name = {"name": head_name(head, language), "legendgroup": str(head), "legendrank": head + 1}
        shown = {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "line": {"color": colour, "width": 5}}
        traces.append(shown | name | {"hoverinfo": "skip"})  # stands for the head in the legend, whatever is drawn
        for width in np.unique(nearest[drawn.heads == head]).tolist():
            here = (drawn.heads == head) & (nearest == width)
            queries, keys = drawn.queries[here].tolist(), drawn.keys[here].tolist()
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [x for _ in queries for x in (LEFT, RIGHT, None)],
                    "y": [
                        y for one, other in zip(queries, keys, strict=True) for y in (one + lower, other + lower, None)
                    ],
                    "line": {"color": colour, "width": widest * float(WIDTHS[width]), "simplify": False},
                    "opacity": 0.75,
                    "hoverinfo": "skip",
                    "showlegend": False,
                    "legendgroup": str(head),
                    "meta": {"role": "lines", "head": head, "query": queries, "key": keys},
                }
            )
    return traces


def _column(view: WeightsView, side: str, sentences: list[str], size: int, theme: Theme) -> dict[str, Any]:
    n, is_query = len(view.labels), side == "query"
    return {
        "type": "bar",
        "orientation": "h",
        "base": [0.0 if is_query else RIGHT + 0.01] * n,
        "x": [LEFT - 0.01] * n,
        "y": list(range(n)),
        "width": [1.0] * n,
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "text": [escape(shorten(label, 16)) for label in view.labels],
        "textposition": "inside",
        "insidetextanchor": "end" if is_query else "start",
        "constraintext": "none",
        "textangle": 0,
        "insidetextfont": {"size": size, "color": theme.query if is_query else theme.key},
        "hovertext": sentences,
        "hoverinfo": "text",
        "showlegend": False,
        "meta": {"role": "points", "part": side, "isolates": side, "n": n},
    }


def _looks(view: WeightsView, heads: Sequence[int], language: Language) -> list[str]:
    """Return one sentence a token: at whom each head makes it look most."""
    names = quoted(view.labels, language)
    return [
        _sentence(
            text("figures.lines_looks", language, query=names[row]),
            [
                (head, names[keys[0]], float(view.weights[head, row, keys[0]]))
                for head in heads
                if (keys := strongest_keys(view, head, row, 1))
            ],
            language,
        )
        for row in range(len(names))
    ]


def _looked_at(view: WeightsView, heads: Sequence[int], language: Language) -> list[str]:
    """Return one sentence a token: who looks at it most in each head."""
    names = quoted(view.labels, language)
    sentences = []
    for key in range(len(names)):
        rows = {head: int(view.weights[head, :, key].argmax()) for head in heads}
        found = [(head, names[row], float(view.weights[head, row, key])) for head, row in rows.items()]
        sentences.append(_sentence(text("figures.lines_looked_at", language, key=names[key]), found, language))
    return sentences


def _sentence(opening: str, found: list[tuple[int, str, float]], language: Language) -> str:
    """Return `opening` and the heads that give most weight, one a line."""
    strongest = sorted((one for one in found if one[2] > 0), key=lambda one: -one[2])
    told = [f"{head_name(head, language)}: {name} {share(weight, language)}" for head, name, weight in strongest]
    more = ["…"] if len(told) > NAMED_HEADS else []
    return BREAK.join([opening, *(told[:NAMED_HEADS] or [text("figures.lines_nothing", language)]), *more])


def _heading(title: str, place: float, anchor: str, colour: str) -> dict[str, Any]:
    return {
        "text": f"<b>{title}</b>",
        "x": place,
        "xanchor": anchor,
        "xref": "x",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colour},
    }


def _outline(row: int | None, theme: Theme) -> list[dict[str, Any]]:
    if row is None:
        return []
    box = f"M0,{row - 0.48}H{LEFT - 0.005}V{row + 0.48}H0Z"
    return [{"type": "path", "path": box, "line": {"color": theme.query, "width": 2}, "layer": "below"}]
