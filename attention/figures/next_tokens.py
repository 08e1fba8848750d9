"""What comes next: the model's likeliest tokens as bars."""

from __future__ import annotations

from collections.abc import Sequence

from attention.figures.labels import escape, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import share
from attention.figures.theme import Theme
from attention.texts import Language, text


@figure
def next_tokens(labels: Sequence[str], probabilities: Sequence[float], *, language: Language, theme: Theme) -> Plot:
    """Return one bar a token, likeliest on top, its length the probability."""
    positions = list(range(len(labels)))
    bars = {
        "type": "bar",
        "x": list(probabilities),
        "y": positions,
        "orientation": "h",
        "marker": {"color": theme.context, "line": {"width": 0}},
        "text": [share(probability, language) for probability in probabilities],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [
            text("figures.comes_next", language, token=f"“{escape(label)}”", share=share(probability, language))
            for label, probability in zip(labels, probabilities, strict=True)
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": len(labels)},
    }
    bare = {"zeroline": False, "fixedrange": True, "automargin": True, "showgrid": False}
    layout = theme.layout(
        language,
        height=30 * len(labels) + 50,
        xaxis={**bare, "range": [0, 1.15], "showticklabels": False},
        yaxis={
            **bare,
            "range": [len(labels) - 0.5, -0.5],
            "tickvals": positions,
            "ticktext": [escape(shorten(label)) for label in labels],
        },
    )
    return Plot([bars], layout)
