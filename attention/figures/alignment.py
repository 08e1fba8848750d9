"""Two sentences, one above the other, and a line from each word to the word that says the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention.figures.boxes import BOX_HEIGHT, box_width, rounded
from attention.figures.labels import escape, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK
from attention.figures.theme import Theme
from attention.texts import Language, text

GAP = 10
ROOM = 120  # pixels between the two rows
PITCH = BOX_HEIGHT + 12
LINE_WIDTH = 350  # pixels: a phone's


@figure
def alignment(
    source: Sequence[str],
    target: Sequence[str],
    links: Sequence[tuple[int, int]],
    *,
    notes: Sequence[str],
    language: Language,
    theme: Theme,
    line_width: int = LINE_WIDTH,
) -> Plot:
    """Return two rows of words with a curve for each pair in `links`: a place in `source`, a place in `target`.

    `notes` stand small under the words of `source`. Links that cross another one have the other colour. Two columns
    instead of two rows where the words are wider than `line_width` pixels.
    """
    widths = [
        [box_width(max(word, note, key=len), theme.title_size) for word, note in zip(source, notes, strict=True)],
        [box_width(word, theme.title_size) for word in target],
    ]
    totals = [sum(row) + GAP * (len(row) - 1) for row in widths]
    in_rows = max(totals) <= line_width
    if in_rows:
        upper, lower = (
            [
                (float(left + (max(totals) - total) / 2), top, float(width), float(BOX_HEIGHT))
                for left, width in zip(np.cumsum([0, *(w + GAP for w in row[:-1])]), row, strict=True)
            ]
            for row, total, top in zip(widths, totals, (0.0, float(BOX_HEIGHT + ROOM)), strict=True)
        )
        height = 2 * BOX_HEIGHT + ROOM
    else:
        left, right = (min(max(row), round(0.38 * line_width)) for row in widths)
        upper = [(0.0, float(PITCH * place), float(left), float(BOX_HEIGHT)) for place in range(len(source))]
        lower = [
            (float(line_width - right), float(PITCH * place), float(right), float(BOX_HEIGHT))
            for place in range(len(target))
        ]
        height = PITCH * max(len(source), len(target))
    boxes, words = upper + lower, [*source, *target]
    under = [*(f"{BREAK}<span style='font-size:{theme.size - 1}px'>{escape(note)}</span>" for note in notes)]
    safe = [[escape(word) for word in row] for row in (source, target)]
    spoken = {here: text("figures.aligned", language, one=safe[0][here], other=safe[1][there]) for here, there in links}
    hover = [spoken[place] for place in range(len(source))]
    hover += [spoken[here] for here, _ in sorted(links, key=lambda link: link[1])]
    bars = {
        "type": "bar",
        "orientation": "h",
        "base": [box[0] for box in boxes],
        "x": [box[2] for box in boxes],
        "y": [box[1] + box[3] / 2 for box in boxes],
        "width": BOX_HEIGHT,
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "text": [
            escape(shorten(word, 16)) + note for word, note in zip(words, [*under, *[""] * len(target)], strict=True)
        ],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": theme.title_size, "color": theme.ink},
        "hovertext": hover,
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(words)},
    }
    lines = [
        {
            "type": "path",
            "path": _curve(upper[here], lower[there], in_rows=in_rows),
            "line": {"color": theme.difference[-2] if _crosses(here, there, links) else theme.muted, "width": 3},
            "layer": "below",
            "name": f"{here} {there}",
        }
        for here, there in links
    ]
    outlines = [
        {
            "type": "path",
            "path": rounded(*box),
            "fillcolor": theme.background,
            "line": {"color": theme.line, "width": 1},
            "layer": "below",
        }
        for box in boxes
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


def _crosses(here: int, there: int, links: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the link crosses any other."""
    return any((here - one) * (there - other) < 0 for one, other in links)


def _curve(start: Box, end: Box, *, in_rows: bool) -> str:
    """Return the curve from the near edge of one box to that of the other."""
    if in_rows:
        here, there, top, bottom = start[0] + start[2] / 2, end[0] + end[2] / 2, start[1] + start[3], end[1]
        return f"M{here},{top}C{here},{top + ROOM / 2},{there},{bottom - ROOM / 2},{there},{bottom}"
    left, right, here, there = start[0] + start[2], end[0], start[1] + start[3] / 2, end[1] + end[3] / 2
    half = (right - left) / 2
    return f"M{left},{here}C{left + half},{here},{right - half},{there},{right},{there}"
