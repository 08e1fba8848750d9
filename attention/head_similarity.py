"""How alike heads are on one sentence: the Jensen–Shannon divergence of their rows, and an order that shows groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from attention.head_measures import LEAST_CHOICE, entropy, row_shares
from attention.trace import Floats
from attention.views import Cell, WeightsView

Pair = tuple[int, int]


def head_divergences(view: WeightsView) -> Floats:
    """Return how far apart each two heads are, [head, head], in bits: 0 alike, 1 never on the same key.

    The Jensen–Shannon divergence H((p + q)/2) − (H(p) + H(q))/2 of two heads' rows, before dropout, as its mean over
    the rows with at least two allowed keys. Rows that are 0/0 in either head are left out; NaN where none remain.
    Source: Lin 1991; Clark et al. 2019 compare heads by it.
    """
    choosing = (view.cells[0] != Cell.MASKED).sum(axis=-1) >= LEAST_CHOICE
    shares = row_shares(view.before_dropout)[:, choosing]  # [head, row, key]
    bits = entropy(shares)
    found = np.full((len(shares), len(shares)), np.nan)
    for head, own in enumerate(shares):
        rows = entropy((own + shares) / 2) - (bits[head] + bits) / 2  # [head, row]
        counted = np.isfinite(rows)
        n = counted.sum(axis=-1)
        total = np.where(counted, np.clip(rows, 0.0, 1.0), 0.0).sum(axis=-1)  # rounding can lead just beyond
        np.divide(total, n, out=found[head], where=n > 0)
    return found


def order_heads(divergences: Floats) -> list[int]:
    """Return the heads in an order that puts like beside like.

    Average linkage on the square root, which is a distance (Endres & Schindelin 2003), its leaves turned so that
    neighbours are as near as they can be (Bar-Joseph et al. 2001). In reading order where some pair has no divergence.
    """
    n = len(divergences)
    if n <= LEAST_CHOICE or not np.isfinite(divergences).all():
        return list(range(n))
    from scipy.cluster.hierarchy import leaves_list, linkage

    above = np.triu_indices(n, k=1)  # pair by pair, as SciPy condenses a matrix
    tree = linkage(np.sqrt(divergences[above]), method="average", optimal_ordering=True)
    return [int(head) for head in leaves_list(tree)]


def extreme_pairs(divergences: Floats) -> tuple[Pair, Pair] | None:
    """Return the most and the least alike pair of heads, the first of equals; None where no pair has a divergence."""
    pairs = [pair for pair in combinations(range(len(divergences)), 2) if np.isfinite(divergences[pair])]
    if not pairs:
        return None
    return min(pairs, key=lambda pair: float(divergences[pair])), max(pairs, key=lambda pair: float(divergences[pair]))
