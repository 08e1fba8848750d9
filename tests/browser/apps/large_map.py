"""A page with a map too large for a sentence a cell, some of whose cells hold no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attention.figures import LIGHT, head_map
from attention.ui.live_figure import live_figure
from attention.views import Cell, WeightsView

N = 80
lower = np.tri(N, dtype=bool)[None]
weights = np.where(lower, 0.125, 0.0)
view = WeightsView(
    labels=tuple(f"t{position}" for position in range(1, N + 1)),
    before_dropout=weights,
    weights=weights,
    cells=np.where(lower, Cell.SEEN, Cell.MASKED),
    undefined=np.zeros((1, N), dtype=bool),
    grouped=False,
)
dropped, undefined = view.cells.copy(), view.undefined.copy()
dropped[0, 1, 0], undefined[0, 2] = Cell.DROPPED, True
odd = replace(view, cells=dropped, undefined=undefined, weights=np.where(dropped == Cell.DROPPED, 0.0, weights))
live_figure(head_map(odd, 0, language="pt-BR", theme=LIGHT), key="map", alt="Mapa", language="pt-BR")
