"""The sentence itself, coloured by where one of its tokens looks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import plotly.graph_objects as go

from attention.figures.cells import cover_colours
from attention.figures.covers import cover
from attention.figures.labels import escape, shorten
from attention.figures.sentences import BREAK, cell_sign, row_sentences
from attention.figures.theme import Theme, ink_on
from attention.texts import Language
from attention.views import WeightsView

LINE_WIDTH = 350  # pixels: a phone's
BOX_HEIGHT = 46
GAP = 6
PADDING = 10
ROUNDING = 8


def sentence_colours(
    view: WeightsView, head: int, row: int, *, language: Language, theme: Theme, line_width: int = LINE_WIDTH
) -> go.Figure:
    """Return the sentence as boxes coloured by the weights of `row`, its own token outlined, its shares underneath.

    Lines break before they are wider than `line_width` pixels. One unit of either axis is one pixel, as long as the
    figure finds that width; narrower, everything shrinks but the letters.
    """
    colours = [
        cover_colours(theme).get(cover(view, head, row, column), theme.weight_colour(weight))
        for column, weight in enumerate(view.weights[head, row].tolist())
    ]
    signs = [cell_sign(view, head, row, column, language) for column in range(len(colours))]
    labels = [shorten(label, 24) for label in view.labels]
    boxes = list(_boxes([_width(label, theme.title_size) for label in labels], line_width))
    lines = 1 + boxes[-1][1] // (BOX_HEIGHT + GAP)
    height = lines * (BOX_HEIGHT + GAP)
    words = {
        "type": "bar",
        "orientation": "h",
        "base": [left for left, _, _ in boxes],
        "x": [width for _, _, width in boxes],
        "y": [top + BOX_HEIGHT / 2 for _, top, _ in boxes],
        "width": BOX_HEIGHT,
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "text": [
            f"{escape(label)}{BREAK}<span style='font-size:{theme.size - 2}px'>{escape(sign)}</span>"
            for label, sign in zip(labels, signs, strict=True)
        ],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": theme.title_size, "color": [ink_on(colour) for colour in colours]},
        "hovertext": row_sentences(view, head, row, language),
        "hoverinfo": "text",
        "meta": {"role": "points", "head": head, "row": row, "n": len(labels)},
    }
    shapes = [
        {
            "type": "path",
            "path": _rounded(*box),
            "fillcolor": colour,
            "line": {"color": theme.query, "width": 3} if position == row else {"color": theme.line, "width": 1},
            "layer": "below",
        }
        for position, (box, colour) in enumerate(zip(boxes, colours, strict=True))
    ]
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    layout = theme.layout(
        language,
        height=height + 2 * theme.margin,
        shapes=shapes,
        xaxis={**bare, "range": [-2, line_width + 2], "constraintoward": "left"},
        yaxis={**bare, "range": [height, -2], "constraintoward": "top", "scaleanchor": "x"},
    )
    return go.Figure(words, layout)


def _width(label: str, size: int) -> float:
    """Estimate the pixels of a label: there is no browser here to ask."""
    ems = {"W": 1.1, "F": 1.1}
    return size * sum(
        0 if unicodedata.combining(character) else ems.get(unicodedata.east_asian_width(character), 0.6)
        for character in label
    )


def _boxes(widths: list[float], line_width: int) -> Iterator[tuple[int, int, int]]:
    """Yield left, top and width of each box, in pixels, breaking lines as a text does."""
    left = top = 0
    for text_width in widths:
        width = min(round(max(text_width, 36) + 2 * PADDING), line_width)
        if left and left + width > line_width:
            left, top = 0, top + BOX_HEIGHT + GAP
        yield left, top, width
        left += width + GAP


def _rounded(left: int, top: int, width: int) -> str:
    right, bottom, r = left + width, top + BOX_HEIGHT, ROUNDING
    return (
        f"M{left + r},{top}H{right - r}Q{right},{top},{right},{top + r}"
        f"V{bottom - r}Q{right},{bottom},{right - r},{bottom}"
        f"H{left + r}Q{left},{bottom},{left},{bottom - r}V{top + r}Q{left},{top},{left + r},{top}Z"
    )
