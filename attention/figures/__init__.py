"""Figures: data first, options by name, a `go.Figure` back; no Streamlit, no torch.

Each is also at hand as a `Plot`, the same in plotly's own words before plotly has looked it over: `head_map.plot(…)`.

How to read a figure from outside (the live figure does). Heatmaps one can walk through carry
`meta = {"role": "cells", …}`; for the plotted cell `z[i][j]`:

- `heads_mosaic`: `{"heads", "columns", "n", "gap"}`. With `pitch = n + gap`, `row, column = i % pitch, j % pitch` and
  `head = i // pitch * columns + j // pitch`; the cell is a gap if `row >= n`, `column >= n` or `head >= heads`.
- `head_map`: `{"head", "n"}`; `row, column = i, j`.
- `long_head_map`: the same with `"bytes"`, z from 0 to 255, and in `"sentences"` what the browser says of a cell.
- `similarity_map`: `{"part": "similarity", "n"}`, no head; rows and columns are heads, in the order it was given.
- `value_maps`: such a trace a map, also with its `"part"`.
- `comparison`: three such traces, also with `"part"`: "before", "after" or "difference"; `side_by_side` the same with
  "a", "b" or "difference", each counting the positions of its own axis.

`value_strips`, `head_projections` and `head_slices` are walked too, but choose nothing: `meta = {"role": "grid"}`.

`row_bars` and `sentence_colours` hold one bar trace with `meta = {"role": "points", "head", "row", "n"}`,
a point a column; `training_curves` marks its first share's markers the same way, a point a checkpoint.
`block_diagram` holds a bar a part, in the order of `blocks.PARTS`; `head_bars` and `head_scatter` a bar or a
marker a head.

`hovertext` (`[i][j]`, or `[column]` for bars) holds the sentence of a cell: its only markup is `<br>`, and `&amp;`,
`&lt;`, `&gt;` and `&#36;` stand for the characters plotly would act on. Above 6,000 cells a figure has none, and plotly
builds a shorter hover itself. A heatmap with `meta = {"role": "covers", "sentences"}` lies over a map whose cells do
not all hold a number: its z is a `Cover`, and `sentences[z]` the template of what is read aloud there. Heads are
counted from 0 in data and from 1 in words.
"""

from plotly.graph_objects import Figure

from attention.figures.addition_bars import addition_bars
from attention.figures.alignment import alignment
from attention.figures.arcs import TINY, arcs, drawn_tokens, left_out
from attention.figures.block_diagram import block_diagram
from attention.figures.change_bars import change_bars
from attention.figures.comparison import comparison, comparisons
from attention.figures.context_plane import context_plane
from attention.figures.contribution_bars import contribution_bars
from attention.figures.cosine_lines import COSINE_DIGITS, CosineLine, cosine_lines
from attention.figures.dot_product_bars import dot_product_bars
from attention.figures.error_curves import ErrorCurve, error_curves
from attention.figures.head_bars import head_bars
from attention.figures.head_map import head_map
from attention.figures.head_projections import head_projections
from attention.figures.head_scatter import head_scatter
from attention.figures.head_slices import head_slices
from attention.figures.heads_mosaic import heads_mosaic
from attention.figures.lines import MOST_LINES, Lines, drawn_lines, lines
from attention.figures.lines import TINY as LEAST_LINE
from attention.figures.long_head_map import long_head_map
from attention.figures.mask_map import mask_map
from attention.figures.next_tokens import next_tokens
from attention.figures.pair_bars import pair_bars
from attention.figures.paired_bars import Series, paired_bars
from attention.figures.path_map import path_map
from attention.figures.plot import Plot
from attention.figures.race_lines import growth_lines, race_lines
from attention.figures.row_bars import row_bars
from attention.figures.saturation_curves import saturation_curves
from attention.figures.sentence_colours import plain_tokens, sentence_colours
from attention.figures.side_bars import side_bars
from attention.figures.side_by_side import side_by_side, sides_by_side
from attention.figures.similarity_map import similarity_map
from attention.figures.theme import DARK, LIGHT, Theme, ThemeName, theme_named
from attention.figures.training_curves import training_curves
from attention.figures.value_maps import Panel, Taken, value_maps
from attention.figures.vector_bars import vector_bars
from attention.figures.weighted_values import running_sum, value_strips

__all__ = [
    "COSINE_DIGITS",
    "DARK",
    "LEAST_LINE",
    "LIGHT",
    "MOST_LINES",
    "TINY",
    "CosineLine",
    "ErrorCurve",
    "Figure",
    "Lines",
    "Panel",
    "Plot",
    "Series",
    "Taken",
    "Theme",
    "ThemeName",
    "addition_bars",
    "alignment",
    "arcs",
    "block_diagram",
    "change_bars",
    "comparison",
    "comparisons",
    "context_plane",
    "contribution_bars",
    "cosine_lines",
    "dot_product_bars",
    "drawn_lines",
    "drawn_tokens",
    "error_curves",
    "growth_lines",
    "head_bars",
    "head_map",
    "head_projections",
    "head_scatter",
    "head_slices",
    "heads_mosaic",
    "left_out",
    "lines",
    "long_head_map",
    "mask_map",
    "next_tokens",
    "pair_bars",
    "paired_bars",
    "path_map",
    "plain_tokens",
    "race_lines",
    "row_bars",
    "running_sum",
    "saturation_curves",
    "sentence_colours",
    "side_bars",
    "side_by_side",
    "sides_by_side",
    "similarity_map",
    "theme_named",
    "training_curves",
    "value_maps",
    "value_strips",
    "vector_bars",
]
