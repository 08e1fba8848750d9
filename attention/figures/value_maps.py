"""Maps of one head that are not all weights: each on a scale of its own, side by side, cell under cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import Mark, colour_bar, points_bar, strokes, thin_bar
from attention.figures.covers import Cover, covers
from attention.figures.labels import quoted
from attention.figures.panels import (
    HEADER_HEIGHT,
    MARKS_LIMIT,
    NUMBERS_LIMIT,
    focus_outline,
    has_sentences,
    key_axis,
    query_axis,
    rows_height,
    spacing,
)
from attention.figures.plot import Plot, figure
from attention.figures.sentences import cover_text, share, signed
from attention.figures.theme import Theme, blend, ink_on
from attention.texts import Language, number, text
from attention.trace import Floats
from attention.views import WeightsView

Kind = Literal["share", "length", "points"]
GAP = 0.08  # share of the width between two maps
LEAST_POINTS = 0.05  # a scale of differences never ends before five points: rounding must not look like news
NARROW_HEADER_HEIGHT = 150  # on a phone the key labels stand upright
BARS_HEIGHT = 60  # pixels of the colour bar under a map
LABEL_ROOM = 36  # pixels right of the last map, into which a slanted label leans
NOTHING = "—"


class Taken(IntEnum):
    """Why a cell holds no number though its query may look there."""

    NO = 0
    HIDDEN = 1  # the reader hid this key
    EMPTY = 2  # nothing is left in this row


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """One map and how it is read."""

    part: str  # its name for clicks
    title: str  # safe for plotly
    values: Floats  # [query, key]
    kind: Kind  # from 0 to 1; from 0 to its own largest; centred on 0
    sentence: str  # the text of a cell, with {query}, {key} and {value}
    scale: str  # what its colour bar is called
    taken: NDArray[np.uint8] | None = None  # [query, key], values of `Taken`


@figure
def value_maps(
    view: WeightsView,
    head: int,
    panels: Sequence[Panel],
    *,
    language: Language,
    theme: Theme,
    focus_row: int | None = None,
    narrow: bool = False,
) -> Plot:
    """Return one to three maps side by side, or one under another when `narrow`.

    `view` says what is absent in `head` (masked, struck out, 0/0), which is absent in every map. Cells carry their
    number where there is room for it: up to two maps of few positions.
    """
    rows, header = rows_height(view), NARROW_HEADER_HEIGHT if narrow else HEADER_HEIGHT
    block = rows + header + BARS_HEIGHT
    whole = len(panels) * block if narrow else block
    written = len(view.labels) <= NUMBERS_LIMIT and (narrow or len(panels) <= 2)
    width = (1 - GAP * (len(panels) - 1)) / len(panels)
    traces, shapes, axes_of_parts = [], [], dict[str, Any]()
    for place, panel in enumerate(panels):
        axes = "" if place == 0 else str(place + 1)
        left = 0.0 if narrow else place * (width + GAP)
        top = 1 - place * block / (whole - header) if narrow else 1.0
        bottom = max(top - rows / (whole - header), 0.0) if narrow else 0.0
        absent = _absent(view, head, panel)
        values = np.where(absent > 0, np.nan, panel.values).astype(np.float32)
        bar = _bar(panel, values, language, theme) | {"x": left, "xanchor": "left", "y": bottom}
        traces += _traces(view, head, panel, values, absent, bar, axes, language, theme)
        if written:
            traces.append(_numbers(panel, values, absent, language, theme) | {"xaxis": f"x{axes}", "yaxis": f"y{axes}"})
        shapes += [*_marks(view, absent, theme, axes), *focus_outline(view, focus_row, theme, axes=axes)]
        keys = key_axis(view, panel.title, language, theme) | {"anchor": f"y{axes}"}
        queries = query_axis(view, language, theme, focus_row) | {"anchor": f"x{axes}"}
        if narrow:
            queries["domain"] = [bottom, top]
        else:
            keys["domain"] = [left, min(left + width, 1.0)]
            queries |= {} if place == 0 else {"showticklabels": False, "title": None}
        axes_of_parts |= {f"xaxis{axes}": keys, f"yaxis{axes}": queries}
    return Plot(traces, theme.layout(language, height=whole, margin_right=LABEL_ROOM, shapes=shapes, **axes_of_parts))


def _absent(view: WeightsView, head: int, panel: Panel) -> NDArray[np.uint8]:
    """Return why a cell holds no number: a `Cover`, or beyond them what was taken; struck-out cells hold their 0."""
    covered = covers(view)[head]
    taken = np.zeros_like(covered) if panel.taken is None else panel.taken
    found = np.where((taken > 0) & (covered != Cover.MASKED), len(Cover) - 1 + taken, covered)
    lost = (found == Cover.NONE) & ~np.isfinite(panel.values)
    return np.where(lost, len(Cover) - 1 + Taken.EMPTY, found).astype(np.uint8)


def _limit(panel: Panel, values: Floats) -> float:
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    if panel.kind == "points":
        return max(largest, LEAST_POINTS)
    return 1.0 if panel.kind == "share" else largest or 1.0


def _bar(panel: Panel, values: Floats, language: Language, theme: Theme) -> dict[str, Any]:
    limit = _limit(panel, values)
    if panel.kind == "share":
        bar = colour_bar(theme, language)
        return bar | {"title": bar["title"] | {"text": panel.scale}}
    if panel.kind == "points":
        return points_bar(limit, theme, language)
    return thin_bar(panel.scale, 130, theme) | {"tickvals": [0.0, limit], "ticktext": ["0", number(limit, language)]}


def _colour(panel: Panel, value: float, limit: float, theme: Theme) -> str:
    if panel.kind == "points":
        return blend(theme.difference, (value / limit + 1) / 2)
    if panel.kind == "share":
        return theme.weight_colour(value)
    return blend(_lengths(theme), (max(value, 0.0) / limit) ** 0.5)


def _lengths(theme: Theme) -> tuple[str, ...]:
    return (theme.background, theme.value)


def _traces(
    view: WeightsView,
    head: int,
    panel: Panel,
    values: Floats,
    absent: NDArray[np.uint8],
    bar: dict[str, Any],
    axes: str,
    language: Language,
    theme: Theme,
) -> list[dict[str, Any]]:
    place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"} | spacing(view)
    limit = _limit(panel, values)
    scales = {
        "share": theme.weight_scale(),
        "points": theme.difference_scale(),
        "length": [((step / 32) ** 2, blend(_lengths(theme), step / 32)) for step in range(33)],
    }
    hover = (
        {"hovertext": _sentences(view, panel, values, absent, language), "hoverinfo": "text"}
        if has_sentences(view)
        else _short_hover(panel, language)
    )
    cells = {
        "type": "heatmap",
        "z": values,
        "zmin": -limit if panel.kind == "points" else 0,
        "zmax": limit,
        "colorscale": scales[panel.kind],
        "colorbar": bar,
        "meta": {"role": "cells", "head": head, "n": len(view.labels), "part": panel.part},
        **hover,
        **place,
    }
    return [cells, _covering(absent, language, theme) | place] if absent.any() else [cells]


def _covering(absent: NDArray[np.uint8], language: Language, theme: Theme) -> dict[str, Any]:
    """Return the cover over cells without a number; `meta` has what is read aloud there if cells have no sentences."""
    colours = ["rgba(0,0,0,0)", theme.masked, theme.dropped, theme.dropped, theme.masked, theme.masked]
    pair = text("figures.looks_at", language, query="“%{y}”", key="“%{x}”")
    n = len(colours)
    return {
        "type": "heatmap",
        "z": absent,
        "zmin": -0.5,
        "zmax": n - 0.5,
        "colorscale": [(edge / n, colours[i]) for i in range(n) for edge in (i, i + 1)],
        "showscale": False,
        "hoverinfo": "skip",
        "meta": {
            "role": "covers",
            "sentences": [f"{pair}: {_why(i, language)}" if i else None for i in range(n)],
        },
    }


def _why(absent: int, language: Language) -> str:
    if absent < len(Cover):
        return cover_text(Cover(absent), language)
    return text(f"figures.cell_{Taken(absent - len(Cover) + 1).name.lower()}", language)


def _short_hover(panel: Panel, language: Language) -> dict[str, Any]:
    z = "%{z:.2f}" if panel.kind == "length" else "%{z:.1%}"
    said = text(panel.sentence, language, query="“%{y}”", key="“%{x}”", value=z)
    return {"hovertemplate": f"{said}<extra></extra>", "hoverongaps": False}


def _sentences(
    view: WeightsView, panel: Panel, values: Floats, absent: NDArray[np.uint8], language: Language
) -> list[list[str]]:
    names = quoted(view.labels, language)
    return [
        [
            f"{text('figures.looks_at', language, query=query, key=key)}: {_why(why, language)}"
            if why
            else text(panel.sentence, language, query=query, key=key, value=_value(panel, value, language))
            for key, value, why in zip(names, row, absent_row, strict=True)
        ]
        for query, row, absent_row in zip(names, values.tolist(), absent.tolist(), strict=True)
    ]


def _value(panel: Panel, value: float, language: Language) -> str:
    if panel.kind == "points":
        return text("figures.points", language, points=signed(value, language, 1))
    return share(value, language) if panel.kind == "share" else number(value, language)


def _numbers(
    panel: Panel, values: Floats, absent: NDArray[np.uint8], language: Language, theme: Theme
) -> dict[str, Any]:
    """Return each number in its cell, black or white by its colour, and a dash where nothing is left."""
    shown = (absent == 0) | (absent >= len(Cover))
    rows, columns = np.nonzero(shown)
    limit = _limit(panel, values)
    cells = values[rows, columns].tolist()
    return {
        "type": "scatter",
        "mode": "text",
        "x": columns,
        "y": rows,
        "text": [NOTHING if np.isnan(value) else _in_a_cell(panel, value, language) for value in cells],
        "textfont": {
            "size": theme.size - 2,
            "color": [theme.ink if np.isnan(value) else ink_on(_colour(panel, value, limit, theme)) for value in cells],
        },
        "hoverinfo": "skip",
    }


def _in_a_cell(panel: Panel, value: float, language: Language) -> str:
    if panel.kind == "share":
        return "&lt;1" if 0 < value < 0.005 else number(100 * value, language, 0)
    if panel.kind == "points":
        return "0" if abs(value) < 0.005 else signed(value, language)
    return "&lt;" + number(0.1, language, 1) if 0 < value < 0.05 else number(value, language, 1)


def _marks(view: WeightsView, absent: NDArray[np.uint8], theme: Theme, axes: str) -> list[dict[str, Any]]:
    if len(view.labels) > MARKS_LIMIT:
        return []
    where: dict[Mark, NDArray[np.bool_]] = {"hatch": absent == Cover.MASKED, "cross": absent == Cover.DROPPED}
    return strokes(where, theme, axes=axes)
