"""The race between an LSTM and attention: time against length, and what grows with the number of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, count, number, text

HEIGHT = 380
LONGEST = 4096  # tokens, where the curves of growth end


def milliseconds(value: float, language: Language) -> str:
    """Write a time in milliseconds with three digits that count, or all of those before the point."""
    return number(value, language, max(0, 2 - int(np.floor(np.log10(value)))) if value > 0 else 2)


@figure
def race_lines(
    lengths: Sequence[int],
    lstm: Sequence[float],
    attention: Sequence[float],
    *,
    last_length: int,
    language: Language,
    theme: Theme,
) -> Plot:
    """Return two lines, milliseconds against tokens, both axes logarithmic; points can be walked.

    `last_length` is where the axis ends while a race is still going on.
    """
    colours = contestants(theme)
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": text(f"why_it_changed.{name}", language),
            "x": list(lengths),
            "y": list(times),
            "line": {"color": colours[name], "width": 3, "dash": dash},
            "marker": {"color": colours[name], "size": 9, "symbol": symbol},
            "hovertext": [
                text(
                    "why_it_changed.took",
                    language,
                    who=text(f"why_it_changed.{name}", language),
                    n=count(length, language),
                    ms=milliseconds(time, language),
                )
                for length, time in zip(lengths, times, strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "part": name, "n": len(lengths)},
        }
        for name, times, dash, symbol in (("lstm", lstm, "dash", "square"), ("attention", attention, "solid", "circle"))
    ]
    reach = [*lstm, *attention]
    low, high = (float(np.log10(min(reach))) - 0.2, float(np.log10(max(reach))) + 0.2) if reach else (-2.0, 2.0)
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    axes = _axes(last_length, language, theme)
    axes["yaxis"] |= {
        "range": [low, high],
        "tickvals": [10.0**decade for decade in decades],
        "ticktext": [f"{number(10.0**decade, language, max(0, -decade))} ms" for decade in decades],
    }
    axes["xaxis"]["range"] = [np.log10(12), np.log10(last_length * 1.3)]
    return Plot(lines, theme.layout(language, height=HEIGHT, showlegend=True, legend=_legend(), **axes))


@figure
def growth_lines(n: int, *, language: Language, theme: Theme) -> Plot:
    """Return how 1, n and n² grow, both axes logarithmic, the values at `n` marked and written."""
    lengths = np.unique(np.geomspace(1, LONGEST, 40).round().astype(int))
    colours = contestants(theme)
    kinds = (
        ("one", 0, colours["attention"], "dot"),
        ("n", 1, colours["lstm"], "dash"),
        ("square", 2, colours["attention"], "solid"),
    )
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": text(f"why_it_changed.grows_{name}", language),
            "x": lengths,
            "y": lengths.astype(float) ** power,
            "line": {"color": colour, "width": 3, "dash": dash},
            "hoverinfo": "skip",
        }
        for name, power, colour, dash in kinds
    ]
    marks = {
        "type": "scatter",
        "mode": "markers+text",
        "showlegend": False,
        "x": [n] * len(kinds),
        "y": [float(n) ** power for _, power, _, _ in kinds],
        "marker": {"size": 11, "color": [colour for _, _, colour, _ in kinds]},
        "text": ["", *(f"<b>{count(n**power, language)}</b>" for power in (1, 2))] if n > 3 else None,  # 1 stays 1
        "textposition": ["top right", "bottom center" if n > 512 else "bottom right", "top left"],
        "cliponaxis": False,
        "hovertext": [
            text(f"why_it_changed.at_{name}", language, n=count(n, language), value=count(n**power, language))
            for name, power, _, _ in kinds
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(kinds)},
    }
    axes = _axes(LONGEST, language, theme)
    axes["xaxis"] |= {"range": [-0.1, np.log10(LONGEST) + 0.1], "tickvals": [1, 4, 16, 64, 256, 1024, 4096]}
    axes["xaxis"]["ticktext"] = [count(length, language) for length in axes["xaxis"]["tickvals"]]
    axes["yaxis"] |= {
        "range": [-0.4, 2 * np.log10(LONGEST) + 0.5],
        "tickvals": [1, 100, 10**4, 10**6],
        "ticktext": [count(value, language) for value in (1, 100, 10**4, 10**6)],
    }
    layout = theme.layout(language, height=HEIGHT, showlegend=True, legend=_legend(), **axes)
    return Plot([*lines, marks], layout)


def contestants(theme: Theme) -> dict[str, str]:
    """Return the colour of each that is compared."""
    return {"lstm": theme.difference[-2], "attention": theme.weights[-2]}


def _axes(last_length: int, language: Language, theme: Theme) -> dict[str, Any]:
    bare = {"type": "log", "zeroline": False, "fixedrange": True, "automargin": True, "gridcolor": theme.line}
    ticks = [length for length in (16, 64, 256, 1024, 4096) if length <= last_length]
    title = {"text": text("why_it_changed.tokens_axis", language), "standoff": 4, "font": {"size": theme.size}}
    return {
        "xaxis": bare | {"tickvals": ticks, "ticktext": [count(length, language) for length in ticks], "title": title},
        "yaxis": dict(bare),
    }


def _legend() -> dict[str, Any]:
    return {
        "orientation": "h",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "itemclick": False,
        "itemdoubleclick": False,
    }
