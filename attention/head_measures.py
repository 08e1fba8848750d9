"""What is measured of every head on one sentence: how widely it looks, how far, and at whom.

Every measure is taken of a row as it shares out what it spends: its weights before dropout, divided by their sum. In a
row that spends 100% the division changes nothing; after a mask applied too late it leaves how the rest is shared out.
A row that spends nothing (0/0) has no measures: they are NaN. Masked weights are zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from attention.trace import Booleans, Floats
from attention.views import Cell, WeightsView

Measure = Literal["entropy", "entropy_share", "effective", "distance", "first", "previous", "itself", "maximum"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
SHARES: tuple[Measure, ...] = ("entropy_share", "first", "previous", "itself", "maximum")
"""The measures between 0 and 1; `entropy` is in bits, `effective` counts positions, `distance` counts them apart."""
Counts = NDArray[np.int_]
LEAST_CHOICE = 2  # allowed keys from which a row has a choice


@dataclass(frozen=True, eq=False, slots=True)
class HeadMeasures:
    """Every measure of every head: of each row, and its mean over the rows that have a choice."""

    rows: dict[Measure, Floats]  # [head, query], NaN where it is not defined
    means: dict[Measure, Floats]  # [head], NaN where no row counts
    counted: dict[Measure, Counts]  # [head], over how many rows each mean is taken


def measure_heads(view: WeightsView) -> HeadMeasures:
    """Measure every head of a view."""
    allowed = view.cells[0] != Cell.MASKED  # [query, key], the same for every head
    rows = measure_rows(row_shares(view.before_dropout), allowed)
    choosing = allowed.sum(axis=-1) >= LEAST_CHOICE
    means = {name: mean_over_rows(values, choosing) for name, values in rows.items()}
    counted = {name: (np.isfinite(values) & choosing).sum(axis=-1) for name, values in rows.items()}
    return HeadMeasures(rows, means, counted)


def row_shares(weights: Floats) -> Floats:
    """Return how each row of amounts ≥ 0 shares out what it spends, [..., key]: it sums to 1, or is NaN where 0/0."""
    weights = weights.astype(np.float64)
    total = weights.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.full_like(weights, np.nan), where=total > 0))


def measure_rows(shares: Floats, allowed: Booleans) -> dict[Measure, Floats]:
    """Return every measure of every row, [..., query], of `shares` [..., query, key] and `allowed` [query, key]."""
    n = shares.shape[-1]
    bits, positions = entropy(shares), np.arange(n)
    return {
        "entropy": bits,
        "entropy_share": share_of_maximum(bits, allowed.sum(axis=-1)),
        "effective": np.exp2(bits),
        "distance": (shares * np.abs(positions[:, None] - positions)).sum(axis=-1),
        "first": shares[..., 0],
        "previous": _previous(shares),
        "itself": shares.diagonal(axis1=-2, axis2=-1),
        "maximum": shares.max(axis=-1),
    }


def entropy(shares: Floats) -> Floats:
    """Return the entropy of each row in bits, H = −Σ a·log₂(a), with 0·log₂(0) = 0: [..., query].

    From 0, all on one key, to log₂(keys), all alike. Source: Shannon 1948.
    """
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(np.maximum(-(shares * logarithms).sum(axis=-1), 0.0) + 0.0)  # never −0


def share_of_maximum(bits: Floats, n_allowed: Floats) -> Floats:
    """Return an entropy as a share of the most its row could have, log₂(allowed keys); NaN for one allowed key."""
    most = np.broadcast_to(np.log2(np.maximum(n_allowed, 1)), bits.shape)
    return np.asarray(np.minimum(np.divide(bits, most, out=np.full_like(bits, np.nan), where=most > 0), 1.0))


def mean_over_rows(values: Floats, choosing: Booleans) -> Floats:
    """Return the mean of [..., query] over the rows that have a choice and a value, [...]; NaN if there are none.

    A row with one allowed key gives it everything, whatever the head: it says nothing of it.
    """
    counted = np.isfinite(values) & choosing
    n = counted.sum(axis=-1)
    total = np.where(counted, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0))


def rank_heads(view: WeightsView, row: int, column: int) -> list[int]:
    """Return the heads by the weight they give one cell, most first; at equal weight in reading order.

    The weights are those on the screen, after dropout. Heads whose row is 0/0 are left out; where the mask forbids
    the cell, all are.
    """
    if view.cells[0, row, column] == Cell.MASKED:
        return []
    order = np.argsort(-view.weights[:, row, column], kind="stable")
    return [int(head) for head in order if not view.undefined[head, row]]


def _previous(shares: Floats) -> Floats:
    """Return the share on the position just before, [..., query]; the first has none: NaN."""
    before = shares.diagonal(-1, axis1=-2, axis2=-1)
    return np.concatenate([np.full((*before.shape[:-1], 1), np.nan), before], axis=-1)
