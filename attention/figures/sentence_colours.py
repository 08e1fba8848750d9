"""The sentence itself, coloured by where one of its tokens looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attention.figures.boxes import BOX_HEIGHT, box_width, rounded
from attention.figures.cells import cover_colours
from attention.figures.covers import cover
from attention.figures.labels import escape, quoted, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, cell_sign, row_sentences
from attention.figures.theme import Theme, ink_on
from attention.texts import Language
from attention.views import WeightsView

LINE_WIDTH = 350  # pixels: a phone's
GAP = 6


@figure
def sentence_colours(
    view: WeightsView,
    head: int,
    row: int,
    *,
    language: Language,
    theme: Theme,
    line_width: int = LINE_WIDTH,
    span: tuple[int, int] | None = None,
) -> Plot:
    """Return the sentence as boxes coloured by the weights of `row`, its own token outlined, its shares underneath.

    Lines break before they are wider than `line_width` pixels. One unit of either axis is one pixel, as long as the
    figure finds that width; narrower, everything shrinks but the letters. Of a long text only the positions of `span`
    are shown, from its first to before its last; point 0 is its first.
    """
    start, end = span or (0, len(view.labels))
    labels = [shorten(label, 24) for label in view.labels[start:end]]
    colours = [
        cover_colours(theme).get(cover(view, head, row, column), theme.weight_colour(weight))
        for column, weight in enumerate(view.weights[head, row, start:end].tolist(), start=start)
    ]
    signs = [cell_sign(view, head, row, column, language) for column in range(start, end)]
    words = [
        f"{escape(label)}{BREAK}<span style='font-size:{theme.size - 2}px'>{escape(sign)}</span>"
        for label, sign in zip(labels, signs, strict=True)
    ]
    return _strip(
        labels,
        words,
        colours,
        row_sentences(view, head, row, language)[start:end],
        outlined=row - start,
        meta={"head": head, "row": row},
        line_width=line_width,
        language=language,
        theme=theme,
    )


@figure
def plain_tokens(
    labels: Sequence[str],
    *,
    language: Language,
    theme: Theme,
    line_width: int = LINE_WIDTH,
    chosen: int | None = None,
) -> Plot:
    """Return the sentence as boxes without colours, to choose one from; the one `chosen` is outlined."""
    short = [shorten(label, 24) for label in labels]
    return _strip(
        short,
        [escape(label) for label in short],
        [theme.background] * len(short),
        quoted(tuple(labels), language),
        outlined=chosen,
        meta={},
        line_width=line_width,
        language=language,
        theme=theme,
    )


def _strip(
    labels: Sequence[str],
    words: Sequence[str],
    colours: Sequence[str],
    hover: Sequence[str],
    *,
    outlined: int | None,
    meta: dict[str, int],
    line_width: int,
    language: Language,
    theme: Theme,
) -> Plot:
    """Return one box a label, `words` in it on its colour, its sentence on hover."""
    boxes = list(_boxes([box_width(label, theme.title_size) for label in labels], line_width))
    lines = 1 + boxes[-1][1] // (BOX_HEIGHT + GAP)
    height = lines * (BOX_HEIGHT + GAP)
    bars = {
        "type": "bar",
        "orientation": "h",
        "base": [left for left, _, _ in boxes],
        "x": [width for _, _, width in boxes],
        "y": [top + BOX_HEIGHT / 2 for _, top, _ in boxes],
        "width": BOX_HEIGHT,
        "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "text": words,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": theme.title_size, "color": [ink_on(colour) for colour in colours]},
        "hovertext": hover,
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(labels)} | meta,
    }
    shapes = [
        {
            "type": "path",
            "path": rounded(*box),
            "fillcolor": colour,
            "line": {"color": theme.query, "width": 3} if position == outlined else {"color": theme.line, "width": 1},
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
    return Plot([bars], layout)


def _boxes(widths: list[int], line_width: int) -> Iterator[tuple[int, int, int]]:
    """Yield left, top and width of each box, in pixels, breaking lines as a text does."""
    left = top = 0
    for wanted in widths:
        width = min(wanted, line_width)
        if left and left + width > line_width:
            left, top = 0, top + BOX_HEIGHT + GAP
        yield left, top, width
        left += width + GAP
