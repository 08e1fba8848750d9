"""Views for the figures' tests, made by hand in NumPy: any labels, any mask, any dropout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from attention.views import Cell, WeightsView

COURSE = ("O", "gato", "que", "estava", "no", "telhado", "miou")


def sample_view(
    labels: tuple[str, ...] = COURSE, *, heads: int = 3, causal: bool = True, dropout: float = 0.0, seed: int = 0
) -> WeightsView:
    """Return the softmax of random scores, [head, query, key]."""
    random = np.random.default_rng(seed)
    n = len(labels)
    allowed = np.tril(np.ones((n, n), dtype=bool)) if causal else np.ones((n, n), dtype=bool)
    exponentials = np.where(allowed, np.exp(random.normal(scale=2, size=(heads, n, n))), 0)
    weights = exponentials / exponentials.sum(axis=-1, keepdims=True)
    kept = random.random(weights.shape) >= dropout
    return WeightsView(
        labels=labels,
        before_dropout=weights,
        weights=weights * kept / (1 - dropout),
        cells=np.where(~allowed, Cell.MASKED, np.where(kept, Cell.SEEN, Cell.DROPPED)),
        undefined=np.zeros((heads, n), dtype=bool),
        grouped=False,
    )


def with_row(view: WeightsView, head: int, row: int, weights: list[float]) -> WeightsView:
    """Return the view with the first weights of one row replaced."""
    changed = view.weights.copy()
    changed[head, row, : len(weights)] = weights
    return replace(view, weights=changed)


def with_undefined_row(view: WeightsView, head: int, row: int) -> WeightsView:
    """Return the view with one row 0/0."""
    changed = {name: getattr(view, name).copy() for name in ("before_dropout", "weights", "undefined")}
    changed["before_dropout"][head, row] = changed["weights"][head, row] = 0
    changed["undefined"][head, row] = True
    return replace(view, **changed)


def with_mixed_diagonal(view: WeightsView) -> WeightsView:
    """Return the view as if grouped into words of several tokens each."""
    cells = view.cells.copy()
    cells[:, np.arange(len(view.labels)), np.arange(len(view.labels))] = Cell.MIXED
    return replace(view, cells=cells, grouped=True)


def cells_of(figure: go.Figure, part: str | None = None) -> go.Heatmap:
    """Return the heatmap one can walk through, of `part` where a figure has several."""
    found = [trace for trace in figure.data if (trace.meta or {}).get("role") == "cells"]
    (trace,) = [trace for trace in found if part is None or trace.meta["part"] == part]
    return trace
