"""How far a mean of random draws is from what it should return to, against how many were averaged; both axes log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK
from attention.figures.theme import Theme, channels
from attention.texts import Language, number, text
from attention.trace import Floats

HEIGHT = 360
TICKS = tuple(digit * 10.0**power for power in range(-4, 3) for digit in (1, 2, 5))
MARKERS = ("circle", "diamond")


class ErrorCurve(NamedTuple):
    """Several runs of one experiment. Errors are shares of 1, shown as percentage points."""

    name: str
    counts: Sequence[int]  # how many draws were averaged
    errors: Floats  # [run, count]
    expected: Floats | None = None  # [count], where there is a formula for it

    @property
    def middle(self) -> Floats:
        """Return the root mean square over the runs, [count]."""
        return np.asarray(np.sqrt(np.mean(np.square(self.errors), axis=0)))


@figure
def error_curves(curves: Sequence[ErrorCurve], *, language: Language, theme: Theme, chosen: int | None = None) -> Plot:
    """Return up to two curves, each a line through the root mean square of its runs in a band that holds all of them.

    An expected error is a dashed line: with both axes logarithmic, 1/√N is straight. `chosen` is a number of draws to
    mark. An error of 0 has no logarithm: it is drawn at the lower edge and said as what it is.
    """
    colours = (theme.weights[-2], theme.difference[-2])
    points = 100 * np.concatenate([curve.errors.ravel() for curve in curves])
    expected = [100 * curve.expected for curve in curves if curve.expected is not None]
    every = np.concatenate([points, *expected])
    positive = every[every > 0]
    low, high = (float(positive.min()), float(positive.max())) if positive.size else (0.1, 1.0)
    low, high = low / 1.3, high * 1.3
    traces: list[dict[str, Any]] = []
    for curve, colour, marker in zip(curves, colours, MARKERS, strict=False):
        traces += _band_and_line(curve, colour, marker, low, language)
    for curve in curves:
        if curve.expected is not None:
            traces.append(_expected(curve, low, language, theme))
    counts = sorted({count for curve in curves for count in curve.counts})
    ticks = [tick for tick in TICKS if low <= tick <= high]
    bare = {"type": "log", "zeroline": False, "fixedrange": True, "automargin": True, "gridcolor": theme.line}
    layout = theme.layout(
        language,
        height=HEIGHT + 26 * (len(curves) - 1),
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
        shapes=[] if chosen is None else [_marker(chosen, theme)],
        xaxis=bare
        | {
            "range": [np.log10(counts[0]) - 0.05, np.log10(counts[-1]) + 0.05],
            "tickvals": counts,
            "ticktext": [str(count) for count in counts],
            "tickangle": 0,
            "title": {"text": text("figures.draws_averaged", language), "standoff": 6, "font": {"size": theme.size}},
        },
        yaxis=bare
        | {
            "range": [np.log10(low), np.log10(high)],
            "tickvals": ticks,
            "ticktext": [_points(tick, language) for tick in ticks],
            "title": {"text": text("figures.error_points", language), "standoff": 6, "font": {"size": theme.size}},
        },
    )
    return Plot(traces, layout)


def _band_and_line(curve: ErrorCurve, colour: str, marker: str, low: float, language: Language) -> list[dict[str, Any]]:
    counts = list(curve.counts)
    bottom, top = (np.maximum(100 * edge(curve.errors, axis=0), low).tolist() for edge in (np.min, np.max))
    middle = 100 * curve.middle
    clear = ",".join(str(round(255 * channel)) for channel in channels(colour))
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": counts + counts[::-1],
            "y": top + bottom[::-1],
            "fill": "toself",
            "fillcolor": f"rgba({clear},0.2)",
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
            "meta": {"role": "band"},
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": curve.name,
            "x": counts,
            "y": np.maximum(middle, low).tolist(),
            "line": {"color": colour, "width": 2.5},
            "marker": {"color": colour, "size": 8, "symbol": marker},
            "hovertext": [
                curve.name
                + BREAK
                + text(
                    "figures.error_at_one" if count == 1 else "figures.error_at",
                    language,
                    n=count,
                    points=_points(value, language),
                )
                for count, value in zip(counts, middle.tolist(), strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "part": marker, "n": len(counts)},
        },
    ]


def _expected(curve: ErrorCurve, low: float, language: Language, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": text("figures.error_expected", language),
        "x": list(curve.counts),
        "y": np.maximum(100 * np.asarray(curve.expected), low).tolist(),
        "line": {"color": theme.muted, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
        "meta": {"role": "expected"},
    }


def _marker(chosen: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": chosen,
        "x1": chosen,
        "y0": 0,
        "y1": 1,
        "line": {"color": theme.query, "width": 1.5},
    }


def _points(value: float, language: Language) -> str:
    """Write percentage points with two digits that count, and no more than are needed."""
    digits = 0 if value >= 10 or value == 0 else int(np.clip(1 - np.floor(np.log10(value)), 1, 6))
    written = number(value, language, digits)
    return written.rstrip("0").rstrip(",.") if "," in written or "." in written else written
