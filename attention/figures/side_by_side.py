"""A, B and their difference: any two heads, whose sentences may differ, on one scale."""

from __future__ import annotations

from typing import Any

from attention.alignment import By
from attention.figures.cells import colour_bar, outline
from attention.figures.difference import difference_marks, difference_title, difference_traces
from attention.figures.pairs import Pair, pair, pair_names
from attention.figures.panels import (
    HEADER_HEIGHT,
    KEY_LABELS,
    QUERY_LABELS,
    SUMS_WIDTH,
    focus_outline,
    head_marks,
    head_traces,
    key_axis,
    longer_labels,
    query_axis,
    rows_height,
    squeezes,
)
from attention.figures.plot import Plot, figure
from attention.figures.sentences import A_B
from attention.figures.theme import Theme
from attention.texts import Language
from attention.views import WeightsView

AXES = ("", "2", "3")  # A, B, B − A
BARS_HEIGHT = 60  # pixels of the colour bars below
NARROW_HEADER_HEIGHT = 150  # on a phone the key labels stand upright
LONGEST = 20  # characters of a label on the common axis
MINUS = "\N{MINUS SIGN}"
SAME_LABELS, OWN_LABELS = (0.28, 0.36), (0.22, 0.39)  # how wide a map is and how far apart, as shares of the figure

Place = tuple[int | None, int | None]  # a row and a column, where there are such


@figure
def side_by_side(
    a: WeightsView,
    b: WeightsView,
    *,
    heads: tuple[int, int],
    by: By,
    names: tuple[str, str],
    language: Language,
    theme: Theme,
    focus: tuple[int, int] | None = None,
    narrow: bool = False,
) -> Plot:
    """Return one head of `a`, one of `b`, and B − A, side by side, or one under another when `narrow`.

    A and B share the scale from 0 to 100%; the difference is centred on 0 with limits as far on either side and stands
    on the common axis of both sentences, see `attention.alignment`. What one side does not have is absent there, never
    zero; a weight the mask forbids counts as the 0 that was used. `focus` is a row and a column of the common axis:
    outlined in all three. `names` are written over A and B.
    """
    both = sides_by_side(a, b, heads=heads, by=by, names=names, language=language, theme=theme, focus=focus)
    return both[narrow]


def sides_by_side(
    a: WeightsView,
    b: WeightsView,
    *,
    heads: tuple[int, int],
    by: By,
    names: tuple[str, str],
    language: Language,
    theme: Theme,
    focus: tuple[int, int] | None = None,
) -> tuple[Plot, Plot]:
    """Return `side_by_side` as it is and `narrow`: drawn together, what both say of the cells is said once."""
    found = pair(a, b, heads, by)
    titles = (*names, difference_title(f"B {MINUS} A", found.change))
    views = (a, b, found.placed[0])
    bar = colour_bar(theme, language) | {"x": 0, "xanchor": "left"}
    traces = [
        trace
        for side, shown in ((0, bar), (1, None))
        for trace in head_traces(
            views[side],
            heads[side],
            language=language,
            theme=theme,
            meta=_meta(side, views[side]) | {"head": heads[side]},
            axes=AXES[side],
            colorbar=shown,
        )
    ]
    traces += difference_traces(
        *found.placed,
        0,
        found.change,
        axes=AXES[2],
        meta=_meta(2, views[2]),
        language=language,
        theme=theme,
        sides=A_B,
        names=pair_names(found, language, safe=True),
    )
    shapes = [
        *(mark for side in (0, 1) for mark in head_marks(views[side], heads[side], theme, axes=AXES[side])),
        *difference_marks(*found.placed, 0, found.change, theme, axes=AXES[2]),
        *(line for part in range(3) for line in _outlines(views[part], _place(found, part, focus), part, theme)),
    ]
    wide, narrow = (
        _layout(views, titles, focus, found, language, theme, narrow=narrow) | {"shapes": shapes}
        for narrow in (False, True)
    )
    lower = traces[0] | {"colorbar": bar | {"ypad": 14 + BARS_HEIGHT}}
    return Plot(traces, wide), Plot([lower, *traces[1:]], narrow)


def _meta(part: int, view: WeightsView) -> dict[str, Any]:
    return {"role": "cells", "n": len(view.labels), "part": (*A_B, "difference")[part]}


def _place(found: Pair, part: int, focus: tuple[int, int] | None) -> Place:
    """Return the cell in focus as one of the three maps counts it."""
    if focus is None:
        return None, None
    row, column = focus if part == 2 else tuple(found.alignment.pairs[place][part] for place in focus)
    return row, column


def _outlines(view: WeightsView, place: Place, part: int, theme: Theme) -> list[dict[str, Any]]:
    """Return the outlines of the row and of the cell in focus."""
    row, column = place
    lines = focus_outline(view, row, theme, axes=AXES[part])
    if row is not None and column is not None:
        lines.append(outline([(column, row, column, row)], theme.ink, width=3, axes=AXES[part]))
    return lines


def _layout(
    views: tuple[WeightsView, ...],
    titles: tuple[str, ...],
    focus: tuple[int, int] | None,
    found: Pair,
    language: Language,
    theme: Theme,
    *,
    narrow: bool,
) -> dict[str, Any]:
    """Return where the three maps stand, and what is written beside them."""
    rows = [rows_height(view) for view in views]
    header = NARROW_HEADER_HEIGHT if narrow else HEADER_HEIGHT
    whole = sum(rows) + 3 * header - header if narrow else max(rows)
    same = views[0].labels == views[1].labels
    width, pitch = SAME_LABELS if same else OWN_LABELS
    axes: dict[str, Any] = {}
    for part, (view, title) in enumerate(zip(views, titles, strict=True)):
        keys = key_axis(view, title, language, theme) | {"anchor": f"y{AXES[part]}"}
        queries = query_axis(view, language, theme, _place(found, part, focus)[0]) | {"anchor": f"x{AXES[part]}"}
        if narrow:
            top = 1 - (sum(rows[:part]) + part * header) / whole
            queries["domain"] = [max(top - rows[part] / whole, 0), top]
        else:
            keys["domain"] = [pitch * part, min(pitch * part + width, 1)]
            queries["domain"] = [1 - rows[part] / whole, 1]
            if part and same:
                queries |= {"showticklabels": False, "title": None}
            elif part:
                queries |= {"title": None}
        if part == 2 and not same:  # two words may stand at one place
            keys |= longer_labels(view, KEY_LABELS, LONGEST)
            queries |= longer_labels(view, QUERY_LABELS, LONGEST)
        axes |= {f"xaxis{AXES[part]}": keys, f"yaxis{AXES[part]}": queries}
    height = whole + header + (2 * BARS_HEIGHT if narrow else BARS_HEIGHT)
    layout = theme.layout(language, height=height, margin_right=SUMS_WIDTH if narrow else theme.margin, **axes)
    return layout if narrow else layout | {"meta": squeezes(max(views, key=rows_height), header + BARS_HEIGHT)}
