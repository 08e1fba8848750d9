"""A sentence with an arc from one token to each one it looks at: the wider the arc, the more it looks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from attention.figures.boxes import BOX_HEIGHT, box_width, rounded
from attention.figures.covers import Cover, cover
from attention.figures.labels import escape, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, cell_sign, row_sentences
from attention.figures.theme import Theme
from attention.metrics import strongest_keys
from attention.texts import Language
from attention.views import WeightsView

TINY = 0.02  # below, a weight gets no arc
WIDEST = 22.0  # pixels of an arc that is 100%; half the weight is half the width
MOST_TOKENS = 24  # of a longer sentence, only the row and its strongest are drawn
STRONGEST = 12
LINE_WIDTH = 350  # pixels: a phone's
GAP = 8
ROOM = 150  # pixels above the words, for the arcs
PITCH = 46  # pixels from one word to the next where they stand in a column
LOW_BOX = 34


class LeftOut(NamedTuple):
    """The weights without an arc, those of masked and struck-out positions not counted."""

    n: int
    share: float  # their sum


def drawn_arcs(view: WeightsView, head: int, row: int) -> list[int]:
    """Return the positions that get an arc, in the order of the sentence."""
    if view.undefined[head, row]:
        return []
    strongest = strongest_keys(view, head, row, len(view.labels) if len(view.labels) <= MOST_TOKENS else STRONGEST)
    return sorted(key for key in strongest if view.weights[head, row, key] >= TINY)


def left_out(view: WeightsView, head: int, row: int) -> LeftOut:
    """Return what `arcs` draws no arc for, though the row gave it a weight."""
    rest = np.setdiff1d(np.flatnonzero(view.weights[head, row] > 0), drawn_arcs(view, head, row))
    return LeftOut(len(rest), float(view.weights[head, row, rest].sum()))


def drawn_tokens(view: WeightsView, head: int, row: int) -> list[int]:
    """Return the positions whose tokens are drawn: all, or of a long sentence the row and where its arcs end."""
    n = len(view.labels)
    return list(range(n)) if n <= MOST_TOKENS else sorted({row, *drawn_arcs(view, head, row)})


@figure
def arcs(
    view: WeightsView, head: int, row: int, *, language: Language, theme: Theme, line_width: int = LINE_WIDTH
) -> Plot:
    """Return the sentence with the arcs of `row`, an arc's width its weight; the row's own token is outlined.

    The words stand in a line if it is no wider than `line_width` pixels, else in a column. Point i of the trace is the
    token `drawn_tokens(…)[i]`.
    """
    tokens = drawn_tokens(view, head, row)
    labels = [shorten(view.labels[token], 16) for token in tokens]
    signs = [cell_sign(view, head, row, token, language) for token in tokens]
    widths = [box_width(label, theme.title_size) for label in labels]
    in_line = sum(widths) + GAP * (len(widths) - 1) <= line_width
    if in_line:
        lefts = np.cumsum([0, *(width + GAP for width in widths[:-1])]).tolist()
        boxes = [(left, ROOM, width, BOX_HEIGHT) for left, width in zip(lefts, widths, strict=True)]
        height = ROOM + BOX_HEIGHT
    else:
        widths = [width + round(theme.size * 3.2) for width in widths]  # the share stands beside the label
        column = min(max(widths), round(0.62 * line_width))
        boxes = [
            (column - min(width, column), place * PITCH, min(width, column), LOW_BOX)
            for place, width in enumerate(widths)
        ]
        height = len(tokens) * PITCH
    sentences = row_sentences(view, head, row, language)
    between = BREAK if in_line else "\N{EN SPACE}"
    covered = [cover(view, head, row, token) is not Cover.NONE for token in tokens]
    bars = {
        "type": "bar",
        "orientation": "h",
        "base": [box[0] for box in boxes],
        "x": [box[2] for box in boxes],
        "y": [box[1] + box[3] / 2 for box in boxes],
        "width": [box[3] for box in boxes],
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "text": [
            f"{escape(label)}{between}<span style='font-size:{theme.size - 1}px'>{escape(sign)}</span>"
            for label, sign in zip(labels, signs, strict=True)
        ],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {
            "size": theme.title_size,
            "color": [theme.muted if hidden else theme.ink for hidden in covered],
        },
        "hovertext": [sentences[token] for token in tokens],
        "hoverinfo": "text",
        "meta": {"role": "points", "head": head, "row": row, "n": len(tokens)},
    }
    from_box = boxes[tokens.index(row)]
    lines = [
        {
            "type": "path",
            "path": (_over if in_line else _beside)(from_box, boxes[tokens.index(key)], line_width),
            "line": {
                "color": theme.weights[-2] if theme.name == "dark" else theme.weights[-3],
                "width": WIDEST * min(float(view.weights[head, row, key]), 1.0),
            },
            "layer": "below",
            "name": str(key),  # the position it leads to
        }
        for key in drawn_arcs(view, head, row)
    ]
    outlines = [
        {
            "type": "path",
            "path": rounded(*box),
            "fillcolor": theme.background,
            "line": {"color": theme.query, "width": 3} if token == row else {"color": theme.line, "width": 1},
            "layer": "below",
        }
        for token, box in zip(tokens, boxes, strict=True)
    ]
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    layout = theme.layout(
        language,
        height=height + 2 * theme.margin,
        shapes=lines + outlines,
        xaxis={**bare, "range": [-2, line_width + 2], "constraintoward": "left"},
        yaxis={**bare, "range": [height + 2, -2], "constraintoward": "top", "scaleanchor": "x"},
    )
    return Plot([bars], layout)


Box = tuple[float, float, float, float]  # left, top, width, height


def _over(start: Box, end: Box, _line_width: int) -> str:
    """Return a curve above the line of words, higher the farther it goes; a loop where it ends where it began."""
    here, there, top = start[0] + start[2] / 2, end[0] + end[2] / 2, start[1] + 4
    if start == end:
        return f"M{here - 10},{top}C{here - 44},{top - 80},{here + 44},{top - 80},{here + 10},{top}"
    rise = min(50 + 0.35 * abs(here - there), (ROOM - WIDEST / 2) / 0.75)
    return f"M{here},{top}C{here},{top - rise},{there},{top - rise},{there},{top}"


def _beside(start: Box, end: Box, line_width: int) -> str:
    """Return a curve at the right of the column of words; a loop where it ends where it began."""
    here, there, edge = start[1] + start[3] / 2, end[1] + end[3] / 2, start[0] + start[2] - 4
    if start == end:
        return f"M{edge},{here - 10}C{edge + 80},{here - 44},{edge + 80},{here + 44},{edge},{here + 10}"
    reach = min(50 + 0.35 * abs(here - there), (line_width - edge - WIDEST / 2) / 0.75)
    return f"M{edge},{here}C{edge + reach},{here},{edge + reach},{there},{edge},{there}"
