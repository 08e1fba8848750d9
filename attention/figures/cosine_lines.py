"""How alike two vectors are, stage by stage: one line a way of computing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attention.figures.labels import escape
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Floats

COSINE_DIGITS = 3


@dataclass(frozen=True, eq=False, slots=True)
class CosineLine:
    """One line: its `name`, its cosines a stage, and whether it is the one on the reader's switches."""

    name: str
    cosines: Floats  # [stage], from −1 to 1
    chosen: bool


@figure
def cosine_lines(stages: Sequence[str], lines: Sequence[CosineLine], *, language: Language, theme: Theme) -> Plot:
    """Return the cosines over the stages; the chosen line is whole and says its numbers, the others are dashed.

    The axis begins below the smallest cosine, never above 0.8: it shows a fall without hiding its size.
    """
    lowest = min(float(line.cosines.min()) for line in lines)
    bottom = min(0.8, np.floor(10 * lowest) / 10) - 0.03
    top = 1.0 + 0.16 * (1.0 - bottom)  # room for the numbers
    places = list(range(len(stages)))
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers+text" if line.chosen else "lines+markers",
            "x": places,
            "y": line.cosines,
            "name": escape(line.name),
            "line": {
                "color": theme.context if line.chosen else theme.muted,
                "width": 4 if line.chosen else 2,
                "dash": "solid" if line.chosen else "dash",
            },
            "marker": {"size": 11 if line.chosen else 7},
            "text": [f"<b>{number(float(cosine), language, COSINE_DIGITS)}</b>" for cosine in line.cosines],
            "textposition": _sides(line.cosines, min(float(other.cosines[-1]) for other in lines)),
            "textfont": {"size": theme.title_size, "color": theme.ink},
            "cliponaxis": False,
            "hovertext": [
                text(
                    "figures.cosine_at",
                    language,
                    stage=stage,
                    name=escape(line.name),
                    cosine=number(float(cosine), language, COSINE_DIGITS),
                )
                for stage, cosine in zip(stages, line.cosines, strict=True)
            ],
            "hoverinfo": "text",
            "meta": {"role": "points", "n": len(stages), "part": "chosen" if line.chosen else "other"},
        }
        for line in sorted(lines, key=lambda line: line.chosen)
    ]
    bare = {"zeroline": False, "fixedrange": True, "automargin": True}
    layout = theme.layout(
        language,
        height=300,
        xaxis=bare
        | {
            "range": [-0.15, len(stages) - 0.85],
            "tickvals": places,
            "ticktext": list(stages),
            "showgrid": False,
        },
        yaxis=bare
        | {
            "range": [bottom, top],
            "gridcolor": theme.line,
            "nticks": 6,
            "title": {"text": text("figures.cosine", language), "font": {"size": theme.size}},
        },
    )
    layout |= {
        "showlegend": len(lines) > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "reversed"},
        "margin": {"l": theme.margin, "r": 24, "t": theme.margin, "b": theme.margin},
    }
    return Plot(traces, layout)


def _sides(cosines: Floats, lowest: float) -> list[str]:
    """Return where each number stands: above its point; at the last one, where the line comes from above, below it.

    Where another line ends below, at `lowest`, the number would seem to be that line's: it stands to the right.
    """
    falls, above = bool(cosines[-1] < cosines[-2]), bool(cosines[-1] > lowest)
    last = "top left" if not falls else "middle right" if above else "bottom left"
    return ["top right", *["top center"] * (len(cosines) - 2), last]
