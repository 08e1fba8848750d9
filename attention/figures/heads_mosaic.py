"""All heads at a glance: one heatmap on two axes, because axes are what makes a figure slow."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import (
    EDGE,
    SENTENCE_CELLS,
    as_bytes,
    colour_bar,
    cover_map,
    outline,
    short_hover,
    shown_weights,
    weights_map,
)
from attention.figures.covers import covers
from attention.figures.labels import escape, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK, cell_sentences, head_name
from attention.figures.theme import Theme
from attention.texts import Language, text
from attention.views import WeightsView, select_heads

LABELLED_POSITIONS = 9  # rows up to which their tokens are written beside the first column of heads
BYTE_CELLS = 60_000  # cells beyond which a weight travels as one byte
HEAD_HEIGHT = 150  # pixels one head's map is given
TITLE_HEIGHT = 24
LETTER = 7  # pixels of one in a token that is written upwards
_BARE = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "automargin": True}


@figure
def heads_mosaic(
    view: WeightsView,
    *,
    language: Language,
    theme: Theme,
    focus_head: int | None = None,
    focus_row: int | None = None,
    names: Sequence[str] | None = None,
    columns: int | None = None,
    second_head: int | None = None,
    only: Sequence[int] | None = None,
    head_height: int = HEAD_HEIGHT,
    key_labels: bool = False,
) -> Plot:
    """Return every head's map side by side, on one scale from 0 to 100%.

    The maps stand `columns` to a line, else in a near-square grid, with empty cells between them; `focus_head` is
    outlined and `focus_row` is marked in every head. `names` are written over the heads instead of their numbers.
    A weight above 1, which dropout can make, has the colour of 1. `second_head` is outlined with dashes. `only` some
    heads are shown, and then counted as they stand there. `head_height` is the pixels one map is given. With
    `key_labels` the tokens are written under the columns too, below the last line of heads.
    """
    view = view if only is None else select_heads(view, only)
    n_heads, n = view.n_heads, len(view.labels)
    columns = columns or _columns(n_heads)
    cell_height = min(head_height / n, 28)
    gap = ceil(TITLE_HEIGHT / cell_height)
    pitch = n + gap
    corners = [(head % columns * pitch, head // columns * pitch) for head in range(n_heads)]
    few, many = view.weights.size <= SENTENCE_CELLS, view.weights.size > BYTE_CELLS
    maps_height = cell_height * pitch * ceil(n_heads / columns)
    below = LETTER * max(len(shorten(label)) for label in view.labels) + 8 if key_labels else 0
    spacing = {"xgap": int(few), "ygap": int(few)}

    shares = _lay_out(shown_weights(view), columns, gap, np.nan)
    covered = _lay_out(covers(view), columns, gap, 0)
    hover = (
        {"hovertext": _sentences(view, names, columns, gap, language), "hoverinfo": "text"}
        if few
        else _short_sentence(n_heads, n, names, columns, gap, language, with_share=not many)
    )
    cells = weights_map(
        as_bytes(shares) if many else shares,
        theme,
        colorbar=colour_bar(theme, language, scale=255 if many else 1) | {"y": 0 - below / maps_height},
        meta={"role": "cells", "heads": n_heads, "columns": columns, "n": n, "gap": gap},
        **hover,
        **spacing,
    )
    cover = [cover_map(covered, language, theme, **spacing)] if covered.any() else []
    height, width = shares.shape
    layout = theme.layout(
        language,
        height=round(maps_height) + 80 + below,
        shapes=_focus(corners, n, focus_head, focus_row, theme, second_head),
        xaxis={
            **_BARE,
            **_ticks(view, 0 if few and not key_labels else width, pitch),
            "range": [-0.5 - EDGE * width, width - 0.5 + EDGE * width],
            "showticklabels": key_labels,
            "autotickangles": [0, -90],
        },
        yaxis={
            **_BARE,
            **_ticks(view, 0 if few and n > LABELLED_POSITIONS and not key_labels else height, pitch),
            "range": [height - 0.5 + EDGE * height, -0.5 - TITLE_HEIGHT / cell_height],
            "showticklabels": few,
        },
    )
    return Plot([cells, *cover, _titles(corners, names, columns, focus_head, language, theme)], layout)


def _focus(
    corners: list[tuple[int, int]],
    n: int,
    focus_head: int | None,
    focus_row: int | None,
    theme: Theme,
    second_head: int | None,
) -> list[dict[str, Any]]:
    """Return the outlines of the row in focus, in every head, of the head in focus and, in dashes, of the second."""
    last = n - 1
    shapes = []
    if focus_row is not None:
        rows = [(x, y + focus_row, x + last, y + focus_row) for x, y in corners]
        shapes.append(outline(rows, theme.query, width=1.5))
    if focus_head is not None:
        x, y = corners[focus_head]
        shapes.append(outline([(x, y, x + last, y + last)], theme.query))
    if second_head is not None:
        x, y = corners[second_head]
        dashed = outline([(x, y, x + last, y + last)], theme.ink)
        shapes.append(dashed | {"line": dashed["line"] | {"dash": "dash"}})
    return shapes


def _ticks(view: WeightsView, length: int, pitch: int) -> dict[str, Any]:
    """Return the tokens' labels once for every head along an axis of `length` cells: to be read, or for the hover."""
    labels = [escape(shorten(label)) for label in view.labels]
    starts = range(0, length, pitch)
    return {
        "tickvals": [start + position for start in starts for position in range(len(labels))],
        "ticktext": [label for _ in starts for label in labels],
    }


def _sentences(
    view: WeightsView, names: Sequence[str] | None, columns: int, gap: int, language: Language
) -> list[list[str]]:
    sentences = [
        [[name + BREAK + sentence for sentence in row] for row in rows]
        for head, name in enumerate(names or [head_name(head, language) for head in range(view.n_heads)])
        for rows in [cell_sentences(view, head, language)]
    ]
    sheet: list[list[str]] = _lay_out(np.array(sentences, dtype=object), columns, gap, "").tolist()
    return sheet


def _short_sentence(
    n_heads: int,
    n: int,
    names: Sequence[str] | None,
    columns: int,
    gap: int,
    language: Language,
    *,
    with_share: bool,
) -> dict[str, Any]:
    """Return a hover that plotly fills in from the ticks: head, who, at whom, and how much if exact."""
    if not with_share:
        return short_hover("figures.looks_at", language)
    written = np.array(names, dtype=object) if names else np.arange(1, n_heads + 1, dtype=np.uint16)
    heads = np.broadcast_to(written[:, None, None], (n_heads, n, n))
    prefix = ("%{customdata}" if names else text("figures.head", language, head="%{customdata}")) + BREAK
    return {
        "customdata": _lay_out(heads, columns, gap, "" if names else 0),
        **short_hover("figures.weight", language, prefix),
    }


def _titles(
    corners: list[tuple[int, int]],
    names: Sequence[str] | None,
    columns: int,
    focus_head: int | None,
    language: Language,
    theme: Theme,
) -> dict[str, Any]:
    names = names or [head_name(head, language) if columns <= 4 else str(head + 1) for head in range(len(corners))]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x - 0.5 for x, _ in corners],
        "y": [y - 0.5 for _, y in corners],
        "text": [f"<b>{name}</b>" if head == focus_head else name for head, name in enumerate(names)],
        "textposition": "top right",
        "textfont": {"color": [theme.query if head == focus_head else theme.ink for head in range(len(corners))]},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _columns(n_heads: int) -> int:
    """Return how many heads stand side by side: near the square root, and leaving no hole where it can."""
    least = ceil(sqrt(n_heads))
    return next((columns for columns in (least, least + 1) if n_heads % columns == 0), least)


def _lay_out(maps: NDArray[Any], columns: int, gap: int, empty: float | str) -> NDArray[Any]:
    """Return [head, n, n] maps on one sheet, `columns` side by side, `gap` cells of `empty` after each."""
    n_heads, n, _ = maps.shape
    rows = ceil(n_heads / columns)
    padded = np.pad(maps, ((0, rows * columns - n_heads), (0, gap), (0, gap)), constant_values=empty)
    sheet = padded.reshape(rows, columns, n + gap, n + gap).transpose(0, 2, 1, 3)
    return sheet.reshape(rows * (n + gap), columns * (n + gap))[:-gap, :-gap]
