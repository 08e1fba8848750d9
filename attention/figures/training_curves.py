"""Learning as curves: the loss above, shares from 0 to 100% below, and a line through the chosen step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.sentences import BREAK
from attention.figures.theme import Theme
from attention.texts import Language, count, number, percent, text

HEIGHT = 430
LOSS_PART = 0.34  # share of the height the loss is given
SHARES_PART = 0.52
DASHES = ("solid", "dash", "dot", "dashdot")


@figure
def training_curves(
    steps: Sequence[int],
    loss: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    chosen: int,
    *,
    language: Language,
    theme: Theme,
    last_step: int | None = None,
    born: tuple[int, int] | None = None,
) -> Plot:
    """Return the curves of one training, a point a measured step; `chosen` is the index of the one that is marked.

    `loss` may be NaN before the first step. `shares` are named curves of values from 0 to 1; the first is the main
    one, whose points can be walked and clicked. `last_step` is where the axis ends while a training is still going
    on; `born` are the two steps between which a head is born.
    """
    sentences = [_sentence(step, loss[i], shares, i, language) for i, step in enumerate(steps)]
    colours = (theme.ink, *[theme.weights[-2]] * len(shares))
    traces = [
        _curve(steps, loss, "", theme.ink, "solid", chosen) | {"yaxis": "y2", "showlegend": False},
        *(
            _curve(steps, values, name, colour, DASHES[i % len(DASHES)], chosen)
            for i, ((name, values), colour) in enumerate(zip(shares.items(), colours, strict=False))
        ),
    ]
    for trace in traces:
        trace |= {"hovertext": sentences, "hoverinfo": "text"}
    traces[1]["meta"] = {"role": "points", "n": len(steps)}
    end = max(last_step or steps[-1], 1)
    band, label = ([_band(born, theme)], [_band_label(born, end, language, theme)]) if born else ([], [])
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "gridcolor": theme.line}
    layout = theme.layout(
        language,
        height=HEIGHT,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
        shapes=[*band, _marker(steps[chosen], theme)],
        annotations=[
            _heading(text("figures.loss", language), 1, theme),
            _heading(text("figures.shares", language), SHARES_PART, theme),
            *label,
        ],
        xaxis={
            **bare,
            "range": [-0.02 * end, 1.02 * end],
            "anchor": "y",
            "showgrid": False,
            "nticks": 6,
            "tickformat": ",d",
            "title": {"text": text("figures.step", language), "standoff": 4, "font": {"size": theme.size}},
        },
        yaxis={**bare, "domain": [0, SHARES_PART - 0.06], "range": [-0.03, 1.06], "tickformat": ".0%", "nticks": 3},
        yaxis2={
            **bare,
            "domain": [1 - LOSS_PART, 0.94],
            "range": [-0.1, 1.08 * float(np.nanmax([*loss, 1]))],
            "nticks": 3,
            "anchor": "x",
        },
    )
    return Plot(traces, layout)


def _curve(
    steps: Sequence[int], values: Sequence[float], name: str, colour: str, dash: str, chosen: int
) -> dict[str, Any]:
    """Return one curve, its marker large at the chosen checkpoint and hidden elsewhere."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(steps),
        "y": [float(value) for value in values],
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "marker": {"color": colour, "size": np.where(np.arange(len(steps)) == chosen, 10, 1).tolist()},
    }


def _marker(step: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": step,
        "x1": step,
        "y0": 0,
        "y1": 0.94,
        "line": {"color": theme.query, "width": 1.5},
    }


def _band(born: tuple[int, int], theme: Theme) -> dict[str, Any]:
    start, end = born
    place = {"xref": "x", "yref": "paper", "x0": start, "x1": end, "y0": 0, "y1": 0.94}
    return {"type": "rect", **place, "line": {"width": 0}, "fillcolor": theme.line, "opacity": 0.6, "layer": "below"}


def _band_label(born: tuple[int, int], end: int, language: Language, theme: Theme) -> dict[str, Any]:
    """Return the words beside the band, where there is more room, and between the plots, where no curve passes."""
    on_the_left, words = sum(born) / 2 > end / 2, text("figures.born", language)
    return {
        "text": f"{words} →" if on_the_left else f"← {words}",
        "x": born[0] if on_the_left else born[1],
        "xanchor": "right" if on_the_left else "left",
        "xshift": -4 if on_the_left else 4,
        "yref": "paper",
        "y": (SHARES_PART + 1 - LOSS_PART) / 2,
        "yanchor": "middle",
        "showarrow": False,
        "bgcolor": theme.background,  # the line through the chosen step may pass behind
        "font": {"size": theme.size, "color": theme.ink},
    }


def _heading(words: str, top: float, theme: Theme) -> dict[str, Any]:
    return {
        "text": f"<b>{words}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": top,
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": theme.size, "color": theme.ink},
    }


def _sentence(step: int, loss: float, shares: Mapping[str, Sequence[float]], index: int, language: Language) -> str:
    """Return everything measured at one checkpoint, as the hover shows it and the live figure reads it."""
    lines = [f"{name}: {percent(float(values[index]), language)}" for name, values in shares.items()]
    key = "figures.at_first" if isnan(loss) else "figures.at_step"
    first = text(key, language, step=count(step, language), loss=number(loss, language))
    return BREAK.join([first, *lines])
