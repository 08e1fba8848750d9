"""What a weight is worth: what each key really adds, what is left without the first token, what flows through layers.

Arrays in, numbers out. A weight says where a row looks; none of these says alone why a model answers as it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Literal, get_args

import numpy as np

from attention.head_measures import row_shares
from attention.metrics import cosines, relative_changes
from attention.trace import AttentionTrace, Floats
from attention.views import WeightsView

Filling = Literal["zero", "mean"]
"""What a head gives once it is off: zeros, or its mean context over training sentences at every position."""
FILLINGS: tuple[Filling, ...] = get_args(Filling)


def added_lengths(layer: AttentionTrace, w_output: Floats) -> Floats:
    """Return how much each key adds to each query's output, ‖α · v · Wo‖: [head, query, key].

    `w_output` is [d_model out, d_model in]; a head has its own slice of its columns. The value carries its bias if
    there is one; a bias of Wo is no key's. In the units of the output, after dropout. The lengths of keys or heads do
    not add up to the length of what they bring together: vectors that point different ways cancel in part. Source:
    Kobayashi et al. 2020, section 3.
    """
    lengths = np.linalg.norm(_carried(layer, w_output), axis=-1)  # [head, key]
    return np.asarray(layer.dropped_weights[0] * lengths[:, None, :])


def _carried(layer: AttentionTrace, w_output: Floats) -> Floats:
    """Return each value through its head's slice of Wo, [head, key, d_model]."""
    n_heads, _, d_head = layer.value.shape[1:]
    slices = w_output.astype(np.float64).reshape(-1, n_heads, d_head)  # [out, head, d_head]
    return np.asarray(np.einsum("hkd,ohd->hko", layer.value[0].astype(np.float64), slices))


def without_first(view: WeightsView) -> WeightsView:
    """Return the view with its first column's weights taken away and every row divided by what is left.

    It is not what a model computes. A row with nothing left is marked undefined and stays a row of zeros.
    """
    left = view.weights.astype(np.float64).copy()
    left[..., 0] = 0.0
    shares = row_shares(left)
    nothing = np.isnan(shares[..., 0])
    shares = np.where(np.isnan(shares), 0.0, shares)
    return replace(view, before_dropout=shares, weights=shares.copy(), undefined=nothing)


def rollout(layers: Sequence[Floats]) -> Floats:
    """Return how much of each position is reached through all layers, [query, key]; every row sums to 1.

    `layers` holds weights [head, query, key], first layer first. Each layer is the mean of its heads, half of it
    replaced by the position itself (½A + ½I, for the residual connection), its rows divided by their sums; layers are
    multiplied, the later on the left. A row of zeros stays on itself. Values, Wo and perceptrons are left out. Source:
    Abnar and Zuidema 2020, section 3.
    """
    reached = np.eye(layers[0].shape[-1])
    for weights in layers:
        mixed = 0.5 * weights.astype(np.float64).mean(axis=0) + 0.5 * np.eye(weights.shape[-1])
        reached = (mixed / mixed.sum(axis=-1, keepdims=True)) @ reached
    return np.asarray(reached)


def change_without(parts: Floats, heads: Sequence[int]) -> tuple[float, float]:
    """Return what becomes of an output without some heads: ‖after − before‖ ÷ ‖before‖, and the cosine of the two.

    `parts` is [head, d_model], what each head adds. An output of zeros points nowhere: its cosine is 0.
    """
    staying = np.array([head not in heads for head in range(len(parts))])
    before, after = parts.sum(axis=0, keepdims=True), parts[staying].sum(axis=0, keepdims=True)
    return float(relative_changes(before, after)[0]), float(cosines(before, after)[0])


def map_changes(before: Floats, after: Floats) -> Floats:
    """Return how much of its weight each head moves elsewhere, [head]: half of Σ|after − before|, mean over the rows.

    Both are [head, query, key]; from 0 to 1 for rows that sum to 1 (the total variation distance).
    """
    moved = np.abs(after.astype(np.float64) - before).sum(axis=-1) / 2
    return np.asarray(moved.mean(axis=-1))


def control_sets(off: Iterable[tuple[int, int]], n_heads: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return every set with as many heads of the same layers as `off` has, none of them in `off`; often few, or none.

    Heads are (layer, head), counted from 0; `n_heads` is how many a layer has.
    """
    by_layer: dict[int, set[int]] = {}
    for layer, head in off:
        by_layer.setdefault(layer, set()).add(head)
    choices = [
        [tuple((layer, head) for head in chosen) for chosen in combinations(_others(heads, n_heads), len(heads))]
        for layer, heads in sorted(by_layer.items())
    ]
    return tuple(tuple(head for part in parts for head in part) for parts in product(*choices)) if choices else ()


def _others(heads: set[int], n_heads: int) -> list[int]:
    return [head for head in range(n_heads) if head not in heads]
