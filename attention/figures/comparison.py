"""Before, after and their difference: the same head under two settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from attention.figures.cells import colour_bar, short_hover
from attention.figures.difference import difference_marks, difference_title, difference_traces
from attention.figures.panels import (
    HEADER_HEIGHT,
    SUMS_WIDTH,
    focus_outline,
    has_sentences,
    head_marks,
    head_traces,
    key_axis,
    query_axis,
    rows_height,
    squeezes,
)
from attention.figures.plot import Plot, figure
from attention.figures.sentences import cell_sentences
from attention.figures.theme import Theme
from attention.metrics import difference
from attention.texts import Language, text
from attention.views import WeightsView

NARROW_HEADER_HEIGHT = 150  # on a phone the key labels stand upright
AXES = ("", "2", "3")  # before, after, difference
BARS_HEIGHT = 60  # pixels of the colour bars below


@figure
def comparison(
    before: WeightsView,
    after: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    narrow: bool = False,
    names: tuple[str, str] | None = None,
    flipped: bool = False,
) -> Plot:
    """Return one head before, after, and after − before, side by side, or one under another when `narrow`.

    Both views have the same positions. Before and after share the scale from 0 to 100%; the difference is centred on
    0 with limits as far on either side. A weight the mask forbids counts as the 0 that was used. `names` are written
    over the two sides instead of “before” and “after”. When `flipped`, `before` is a table turned over its diagonal:
    its columns look, its rows are looked at, and its axes and sentences say so.
    """
    both = comparisons(
        before, after, head, language=language, theme=theme, focus_row=focus_row, names=names, flipped=flipped
    )
    return both[narrow]


def comparisons(
    before: WeightsView,
    after: WeightsView,
    head: int,
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    names: tuple[str, str] | None = None,
    flipped: bool = False,
) -> tuple[Plot, Plot]:
    """Return `comparison` as it is and `narrow`: drawn together, what both say of the cells is said once."""
    meta = {"role": "cells", "head": head, "n": len(before.labels)}
    bar = colour_bar(theme, language) | {"x": 0, "xanchor": "left"}
    change = difference(before, after, head)
    parts = ((AXES[0], before, "before", bar), (AXES[1], after, "after", None))
    traces = [
        trace
        for axes, view, part, shown in parts
        for trace in head_traces(
            view, head, language=language, theme=theme, meta=meta | {"part": part}, axes=axes, colorbar=shown
        )
    ]
    if flipped:
        traces[0] |= _turned_hover(before, head, language)
    traces += difference_traces(
        before, after, head, change, axes=AXES[2], meta=meta | {"part": "difference"}, language=language, theme=theme
    )
    shapes = [
        *head_marks(before, head, theme),
        *head_marks(after, head, theme, axes=AXES[1]),
        *difference_marks(before, after, head, change, theme, axes=AXES[2]),
        *(line for axes in AXES for line in focus_outline(before, focus_row, theme, axes=axes)),
    ]
    sides = names or (text("figures.before", language), text("figures.after", language))
    titles = (*sides, difference_title(text("figures.difference", language), change))
    wide, narrow = (
        _layout(before, titles, language, theme, focus_row, narrow=narrow, flipped=flipped) | {"shapes": shapes}
        for narrow in (False, True)
    )
    lower = traces[0] | {"colorbar": bar | {"ypad": 14 + BARS_HEIGHT}}
    return Plot(traces, wide), Plot([lower, *traces[1:]], narrow)


def _layout(
    view: WeightsView,
    titles: Sequence[str],
    language: Language,
    theme: Theme,
    focus_row: int | None,
    *,
    narrow: bool,
    flipped: bool,
) -> dict[str, Any]:
    """Return where the three maps stand, and what is written beside them."""
    rows, header = rows_height(view), NARROW_HEADER_HEIGHT if narrow else HEADER_HEIGHT
    axes_of_parts: dict[str, Any] = {}
    for place, (axes, title) in enumerate(zip(AXES, titles, strict=True)):
        looked_at, looks = key_axis(view, title, language, theme), query_axis(view, language, theme, focus_row)
        if flipped and place == 0:
            looked_at["title"]["text"] = f"<b>{title}</b><br>{_coloured('figures.looks', theme.query, language)}"
            looks["title"]["text"] = _coloured("figures.looked_at", theme.key, language)
        keys, queries = looked_at | {"anchor": f"y{axes}"}, looks | {"anchor": f"x{axes}"}
        if narrow:
            whole = 3 * rows + 2 * header
            top = 1 - place * (rows + header) / whole
            queries["domain"] = [max(top - rows / whole, 0), top]
        else:
            width = 0.24 if flipped else 0.28  # beside the sums there is then room for who looks
            keys["domain"] = [place * (1 - width) / 2, place * (1 - width) / 2 + width]
            named = place == 0 or (flipped and place == 1)  # rows that are not those of the map beside them say so
            queries |= ({} if place == 0 else {"showticklabels": False}) | ({} if named else {"title": None})
        axes_of_parts |= {f"xaxis{axes}": keys, f"yaxis{axes}": queries}
    return theme.layout(
        language,
        height=3 * (rows + header) + 2 * BARS_HEIGHT if narrow else rows + header + BARS_HEIGHT,
        margin_right=SUMS_WIDTH if narrow else theme.margin,
        **({} if narrow else {"meta": squeezes(view, header + BARS_HEIGHT)}),
        **axes_of_parts,
    )


def _coloured(key: str, colour: str, language: Language) -> str:
    return f'<span style="color:{colour}">{text(key, language)}</span>'


def _turned_hover(view: WeightsView, head: int, language: Language) -> dict[str, Any]:
    """Return the sentences of a flipped table, [key, query], as `head_traces` has them of one that is not."""
    if not has_sentences(view):
        return short_hover("figures.weight", language, turned=True)
    turned = replace(
        view,
        before_dropout=view.before_dropout.swapaxes(1, 2),
        weights=view.weights.swapaxes(1, 2),
        cells=view.cells.swapaxes(1, 2),
    )
    return {"hovertext": [list(row) for row in zip(*cell_sentences(turned, head, language), strict=True)]}
