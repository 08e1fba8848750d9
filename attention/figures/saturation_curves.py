"""What width does to a dot product: scores spread and the softmax saturates, unless they are scaled."""

from __future__ import annotations

from typing import Any

import numpy as np

from attention.dot_products import WIDTHS, HeadSpread, Saturation
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme, blend
from attention.texts import Language, number, percent, text
from attention.trace import Floats

HEIGHT, NARROW_HEIGHT = 340, 600
TOP = 0.9  # of the height, under the headings


@figure
def saturation_curves(
    drawn: Saturation,
    own: HeadSpread | None,
    d_head: int,
    *,
    language: Language,
    theme: Theme,
    narrow: bool = False,
) -> Plot:
    """Return, over d_head from 1 to 256, the scores' standard deviation and the mean of the largest weight.

    Each with the scale and without, a band around each; `own` is what the head in focus has at its own `d_head`. One
    panel beside the other, or above it when `narrow`.
    """
    root = np.sqrt(WIDTHS)
    without, with_scale = theme.difference[-2], theme.weights[-2]
    names = tuple(text(f"figures.{key}", language) for key in ("unscaled", "scaled"))
    panels: tuple[tuple[str, tuple[Floats, Floats], str, float | None], ...] = (
        ("", (drawn.spread, drawn.spread / root), "spread", own.spread if own else None),
        ("2", (drawn.largest, drawn.largest_scaled), "largest", own.largest if own else None),
    )
    traces: list[dict[str, Any]] = []
    for axes, curves, key, value in panels:
        place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"}
        for curve, colour, name in zip(curves, (without, with_scale), names, strict=True):
            traces += [
                _band(curve, blend((theme.background, colour), 0.25)) | place,
                _line(curve, key, name, colour, language) | place | {"showlegend": not axes},
            ]
        if value is not None:
            traces.append(_own(value, d_head, key, language, theme) | place | {"showlegend": not axes})
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "gridcolor": theme.line}
    widths = bare | {
        "type": "log",
        "range": [-0.08, 2.48],
        "tickvals": list(WIDTHS),
        "ticktext": [str(width) for width in WIDTHS],
        "showgrid": False,
        "title": {"text": "d_head", "standoff": 4},
    }
    sides: list[tuple[list[float], list[float]]] = [([0, 0.46], [0, TOP]), ([0.54, 1], [0, TOP])]
    places = [([0.0, 1.0], [0.58, 0.95]), ([0.0, 1.0], [0.02, 0.39])] if narrow else sides
    layout = theme.layout(
        language,
        height=NARROW_HEIGHT if narrow else HEIGHT,
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.12 if narrow else -0.22,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        annotations=[
            _heading(text(f"figures.{key}_title", language), x[0], y[1], theme)
            for (x, y), (_, _, key, _) in zip(places, panels, strict=True)
        ],
        xaxis=widths | {"domain": places[0][0], "anchor": "y"},
        yaxis=bare | {"domain": places[0][1], "rangemode": "tozero", "nticks": 5},
        xaxis2=widths | {"domain": places[1][0], "anchor": "y2"},
        yaxis2=bare | {"domain": places[1][1], "range": [0, 1.05], "tickformat": ".0%", "nticks": 5, "anchor": "x2"},
    )
    return Plot(traces, layout)


def _band(curve: Floats, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*WIDTHS, *WIDTHS[::-1]],
        "y": [*curve[1].tolist(), *curve[2].tolist()[::-1]],
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _line(curve: Floats, key: str, name: str, colour: str, language: Language) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(WIDTHS),
        "y": curve[0].tolist(),
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 6},
        "hovertext": [
            text(f"figures.{key}_at", language, name=name, d_head=width, value=_written(key, float(value), language))
            for width, value in zip(WIDTHS, curve[0], strict=True)
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(WIDTHS)},
    }


def _own(value: float, d_head: int, key: str, language: Language, theme: Theme) -> dict[str, Any]:
    name = text("figures.this_head", language)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [d_head],
        "y": [value],
        "marker": {
            "symbol": "star",
            "size": 15,
            "color": theme.ink,
            "line": {"color": theme.background, "width": 1},
        },
        "hovertext": [
            text(f"figures.{key}_at", language, name=name, d_head=d_head, value=_written(key, value, language))
        ],
        "hoverinfo": "text",
    }


def _written(key: str, value: float, language: Language) -> str:
    return percent(value, language) if key == "largest" else number(value, language)


def _heading(words: str, x: float, y: float, theme: Theme) -> dict[str, Any]:
    return {
        "text": f"<b>{words}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": theme.size, "color": theme.ink},
    }
