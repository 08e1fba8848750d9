"""Figures: data first, options by name, a `go.Figure` back; no Streamlit, no torch.

How to read a figure from outside (the live figure does). Heatmaps one can walk through carry
`meta = {"role": "cells", …}`; for the plotted cell `z[i][j]`:

- `heads_mosaic`: `{"heads", "columns", "n", "gap"}`. With `pitch = n + gap`, `row, column = i % pitch, j % pitch` and
  `head = i // pitch * columns + j // pitch`; the cell is a gap if `row >= n`, `column >= n` or `head >= heads`.
- `head_map`: `{"head", "n"}`; `row, column = i, j`.
- `comparison`: three such traces, also with `"part"`: "before", "after" or "difference".

`row_bars` and `sentence_colours` hold one bar trace with `meta = {"role": "points", "head", "row", "n"}`,
a point a column; `training_curves` marks its first share's markers the same way, a point a checkpoint.

`hovertext` (`[i][j]`, or `[column]` for bars) holds the sentence of a cell: its only markup is `<br>`, and `&amp;`,
`&lt;`, `&gt;` and `&#36;` stand for the characters plotly would act on. Above 6,000 cells a figure has none, and plotly
builds a shorter hover itself. A heatmap with `meta = {"role": "covers", "sentences"}` lies over a map whose cells do
not all hold a number: its z is a `Cover`, and `sentences[z]` the template of what is read aloud there. Heads are
counted from 0 in data and from 1 in words.
"""

from plotly.graph_objects import Figure

from attention.figures.change_bars import change_bars
from attention.figures.comparison import comparison
from attention.figures.contribution_bars import contribution_bars
from attention.figures.head_map import head_map
from attention.figures.heads_mosaic import heads_mosaic
from attention.figures.mask_map import mask_map
from attention.figures.next_tokens import next_tokens
from attention.figures.row_bars import row_bars
from attention.figures.sentence_colours import plain_tokens, sentence_colours
from attention.figures.theme import DARK, LIGHT, Theme, ThemeName, theme_named
from attention.figures.training_curves import training_curves

__all__ = [
    "DARK",
    "LIGHT",
    "Figure",
    "Theme",
    "ThemeName",
    "change_bars",
    "comparison",
    "contribution_bars",
    "head_map",
    "heads_mosaic",
    "mask_map",
    "next_tokens",
    "plain_tokens",
    "row_bars",
    "sentence_colours",
    "theme_named",
    "training_curves",
]
