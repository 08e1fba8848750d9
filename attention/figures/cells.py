"""The parts every map of cells is made of: the weights, what is absent, the marks, the outlines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attention.figures.covers import Cover
from attention.figures.sentences import cover_text, signed
from attention.figures.theme import Theme
from attention.texts import Language, percent, text
from attention.trace import Floats
from attention.views import Cell, WeightsView

EDGE = 0.006  # share of an axis left free at its ends, where an outline would lose half its width
SENTENCE_CELLS = 6_000  # cells up to which each has its sentence; beyond, plotly builds a shorter one in the browser

Mark = Literal["hatch", "backhatch", "slant", "cross"]
_Line = tuple[tuple[float, float], ...]  # points as offsets from a cell's middle, a cell being 1 by 1
_SLANT: _Line = ((-0.2, 0.2), (0.2, -0.2))
_MARKS: dict[Mark, tuple[_Line, ...]] = {
    "hatch": (((-0.5, 0.5), (0.5, -0.5)),),  # meets its neighbours' lines
    "backhatch": (((-0.5, -0.5), (0.5, 0.5)),),
    "slant": (_SLANT,),
    "cross": (_SLANT, ((-0.2, -0.2), (0.2, 0.2))),
}


def shown_weights(view: WeightsView) -> Floats:
    """Return the weights, [head, query, key], with NaN wherever there is no number to show: masked or undefined."""
    closed = np.isin(view.cells, (Cell.MASKED, Cell.ABSENT))
    absent = closed | view.undefined[..., None] | ~np.isfinite(view.weights)
    return np.where(absent, np.nan, view.weights)


def as_bytes(shares: Floats) -> NDArray[np.uint8]:
    """Return weights as bytes, round(255 · weight), at most 1/510 away: NaN is 0, and what is above 1 is 1."""
    return np.rint(255 * np.clip(np.nan_to_num(shares), 0, 1)).astype(np.uint8)


def cover_colours(theme: Theme) -> dict[Cover, str]:
    """Return the colour of each cover."""
    return {
        Cover.MASKED: theme.masked,
        Cover.DROPPED: theme.dropped,
        Cover.UNDEFINED: theme.dropped,
        Cover.ABSENT: theme.background,
    }


def weights_map(z: NDArray[Any], theme: Theme, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return the heatmap of weights, colour limits always 0 and 1 (or 0 and 255 when `z` holds bytes)."""
    return {
        "type": "heatmap",
        "z": z,
        "zmin": 0,
        "zmax": 255 if z.dtype == np.uint8 else 1,
        "colorscale": theme.weight_scale(),
        **options,
    }


def short_hover(key: str, language: Language, prefix: str = "", *, turned: bool = False) -> dict[str, Any]:
    """Return the hover of a map too large for a sentence a cell: plotly fills it in from the ticks and the number.

    In a `turned` map the columns look.
    """
    query, looked_at = ("“%{x}”", "“%{y}”") if turned else ("“%{y}”", "“%{x}”")
    sentence = text(key, language, query=query, key=looked_at, share="%{z:.1%}")
    return {"hovertemplate": f"{prefix}{sentence}<extra></extra>", "hoverongaps": False}


def cover_map(
    covers: NDArray[np.uint8],
    language: Language,
    theme: Theme,
    **options: Any,  # noqa: ANN401 - plotly's own
) -> dict[str, Any]:
    """Return the cover over cells that hold no number, clear elsewhere; it takes no part in hover or clicks.

    Its `meta` has a template of what to read aloud at each `Cover`, where cells have no sentences.
    """
    pair = text("figures.looks_at", language, query="“%{y}”", key="“%{x}”")
    colours = {Cover.NONE: "rgba(0,0,0,0)", **cover_colours(theme)}
    return {
        "type": "heatmap",
        "z": covers,
        "zmin": -0.5,
        "zmax": len(Cover) - 0.5,
        "colorscale": [(edge / len(Cover), colours[cover]) for cover in Cover for edge in (cover, cover + 1)],
        "showscale": False,
        "hoverinfo": "skip",
        "meta": {
            "role": "covers",
            "sentences": [f"{pair}: {cover_text(cover, language)}" if cover else None for cover in Cover],
        },
        **options,
    }


def colour_bar(theme: Theme, language: Language, *, scale: int = 1) -> dict[str, Any]:
    """Return a thin bar under the figure that reads 0–100%, `scale` being the number drawn for 100%."""
    shares = (0.0, 0.25, 0.5, 1.0)
    return thin_bar(text("figures.share_of_attention", language), 170, theme) | {
        "tickvals": [scale * value for value in shares],
        "ticktext": [percent(value, language) for value in shares],
    }


def points_bar(limit: float, theme: Theme, language: Language) -> dict[str, Any]:
    """Return a thin bar for differences that reads from −limit to +limit in percentage points."""
    values = (-limit, 0.0, limit)
    return thin_bar(text("figures.points_of_difference", language), 130, theme) | {
        "tickvals": list(values),
        "ticktext": [signed(value, language) for value in values],
    }


def thin_bar(title: str, length: int, theme: Theme) -> dict[str, Any]:
    """Return a thin bar under a map, `length` pixels long, without its ticks."""
    small = {"size": theme.size, "color": theme.muted}
    return {
        "orientation": "h",
        "thickness": 10,
        "lenmode": "pixels",
        "len": length,
        "x": 1,
        "xanchor": "right",
        "y": 0,
        "yanchor": "top",
        "xpad": 18,
        "ypad": 14,
        "outlinewidth": 1,
        "outlinecolor": theme.line,
        "tickfont": small,
        "tickangle": 0,
        "title": {"text": title, "side": "top", "font": small},
    }


def strokes(where: dict[Mark, NDArray[np.bool_]], theme: Theme, *, axes: str = "") -> list[dict[str, Any]]:
    """Return the marks in the cells of a map, [row, column] being true where each mark stands.

    One shape a mark, however many cells. `axes` is "" for the first pair of axes, "2" for the second.
    """
    looks: dict[Mark, dict[str, Any]] = {
        "hatch": {"line": {"color": theme.hatch, "width": 1}},
        "backhatch": {"line": {"color": theme.hatch, "width": 1}},
        "slant": {"line": {"color": theme.muted, "width": 1}},
        "cross": {"line": {"color": theme.mark, "width": 1.5}},
    }
    return [
        {"type": "path", "path": _path(cells, _MARKS[mark]), "xref": f"x{axes}", "yref": f"y{axes}", **looks[mark]}
        for mark, cells in where.items()
        if cells.any()
    ]


def _path(cells: NDArray[np.bool_], mark: tuple[_Line, ...]) -> str:
    return "".join(
        "M" + "L".join(f"{x + dx:.2f},{y + dy:.2f}" for dx, dy in line)
        for y, x in np.argwhere(cells).tolist()
        for line in mark
    )


def outline(
    boxes: Iterable[tuple[float, float, float, float]], colour: str, *, width: float = 3, axes: str = ""
) -> dict[str, Any]:
    """Return one shape around the cells of every box: first column, first row, last column, last row."""
    return {
        "type": "path",
        "path": "".join(
            f"M{left - 0.5},{top - 0.5}H{right + 0.5}V{bottom + 0.5}H{left - 0.5}Z"
            for left, top, right, bottom in boxes
        ),
        "xref": f"x{axes}",
        "yref": f"y{axes}",
        "line": {"color": colour, "width": width},
    }
