"""What can be measured on a view: arrays in, numbers out. Each measure says its unit and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from attention.trace import AttentionTrace, Floats, ModelTrace
from attention.views import Cell, WeightsView

SUM_TOLERANCE = 5e-3  # a row's sum within this of 1 reads 100% on the screen


def strongest_keys(view: WeightsView, head: int, row: int, n: int) -> list[int]:
    """Return up to `n` positions the row gives most weight, strongest first; at equal weight, in the text's order.

    Masked and struck-out positions are left out: their zero is not a weight the row gave.
    """
    seen = np.flatnonzero(np.isin(view.cells[head, row], (Cell.SEEN, Cell.MIXED)))
    order = np.argsort(-view.weights[head, row, seen], kind="stable")
    return [int(position) for position in seen[order[:n]]]


def row_spends_one(view: WeightsView, head: int, row: int) -> bool:
    """Tell whether the row's weights sum to 1, as far as a whole percentage shows."""
    return abs(float(view.row_sums[head, row]) - 1.0) < SUM_TOLERANCE


def difference(before: WeightsView, after: WeightsView, head: int) -> Floats:
    """Return after − before, [query, key], of views with the same positions.

    NaN where neither may look, where either has no such position, and where a row is not defined on either side. A
    weight that one side forbids counts as the 0 that was used.
    """
    masked = (before.cells[head] == Cell.MASKED) & (after.cells[head] == Cell.MASKED)
    absent = (before.cells[head] == Cell.ABSENT) | (after.cells[head] == Cell.ABSENT)
    undefined = before.undefined[head] | after.undefined[head]
    change = after.weights[head].astype(np.float64) - before.weights[head]
    return np.where(masked | absent | undefined[:, None], np.nan, change)


def largest_change(before: WeightsView, after: WeightsView, head: int) -> tuple[int, int]:
    """Return row and column of the cell whose weight changed most, up or down; the first of equals.

    A row that is 0/0 on either side has no change; it is returned only if there is no other.
    """
    undefined = before.undefined[head] | after.undefined[head]
    change = np.where(undefined[:, None], -1.0, np.abs(after.weights[head] - before.weights[head]))
    row, column = np.unravel_index(int(change.argmax()), change.shape)
    return int(row), int(column)


def first_difference(before: ModelTrace, after: ModelTrace) -> int:
    """Return the first position whose token differs; where one text begins the other, the length of the shorter."""
    pairs = zip(before.tokens.ids, after.tokens.ids, strict=False)
    shorter = min(len(before.tokens), len(after.tokens))
    return next((position for position, (one, other) in enumerate(pairs) if one != other), shorter)


def output_changes(before: ModelTrace, after: ModelTrace, n: int) -> Floats:
    """Return how much attention's output changed at each of the first `n` positions: ‖after − before‖ ÷ ‖before‖.

    The largest over the layers, [position], 0 where nothing changed; a change from a vector of zeros is infinite.
    """
    changes = [
        relative_changes(old.output[0, :n], new.output[0, :n])
        for old, new in zip(before.layers, after.layers, strict=True)
    ]
    return np.asarray(np.max(changes, axis=0))


def relative_changes(before: Floats, after: Floats) -> Floats:
    """Return ‖after − before‖ ÷ ‖before‖ of each vector of [position, width]; infinite for a change from zeros."""
    return relative_lengths(after.astype(np.float64) - before, before)


def relative_lengths(added: Floats, before: Floats) -> Floats:
    """Return how long what is added is beside what it is added to: ‖added‖ ÷ ‖before‖, [position].

    Both are [position, width]. Beside a vector of zeros it is infinite, and 0 where nothing is added either.
    """
    lengths = np.linalg.norm(added.astype(np.float64), axis=-1)
    beside = np.linalg.norm(before.astype(np.float64), axis=-1)
    return np.asarray(np.divide(lengths, beside, out=np.where(lengths > 0, np.inf, 0.0), where=beside > 0))


def cosines(one: Floats, other: Floats) -> Floats:
    """Return the cosine between each two vectors of [position, width]: 1 same way, 0 at right angles, −1 against.

    It does not depend on their lengths. A vector of zeros points nowhere: its cosine is 0.
    """
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    products = (one * other).sum(axis=-1)
    ratios = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.asarray(np.clip(ratios, -1.0, 1.0))  # rounding can lead just beyond


def head_contributions(context: Floats, w_output: Floats) -> Floats:
    """Return what each head adds to the output, [head, position, d_model]: its slice of Wo times its context.

    `context` is [head, position, d_head], `w_output` [d_model out, d_model in] without a bias. The contributions of all
    heads add up to the output.
    """
    n_heads, _, d_head = context.shape
    slices = w_output.astype(np.float64).reshape(-1, n_heads, d_head)  # [out, head, d_head]
    return np.asarray(np.einsum("hpd,ohd->hpo", context.astype(np.float64), slices))


def share_of_output(contributions: Floats) -> Floats:
    """Return how long each head's contribution is beside the whole output, [head, position]: ‖part‖ ÷ ‖sum‖.

    That is also how much the output changes, relative to itself, when the head is switched off. Parts point in
    different ways, so these shares do not add up to 1. Infinite where the parts cancel out, 0 for a part of zeros.
    """
    parts = np.linalg.norm(contributions, axis=-1)
    whole = np.broadcast_to(np.linalg.norm(contributions.sum(axis=0), axis=-1), parts.shape)
    return np.asarray(np.divide(parts, whole, out=np.where(parts > 0, np.inf, 0.0), where=whole > 0))


class Cost(NamedTuple):
    """What one layer of attention costs for a sentence; biases, divisions and sums of rows are left out."""

    parameters: int  # of Wq, Wk, Wv and Wo
    multiply_adds: int
    exponentials: int


def layer_cost(n_positions: int, d_model: int, n_heads: int) -> Cost:
    """Count a layer: four matrices, query · key, weights · value, one exponential a cell and head (no mask)."""
    d_head = d_model // n_heads
    matrices = 4 * d_model * d_model
    products = n_heads * n_positions * n_positions * d_head  # query · key; weights · value cost as much
    return Cost(matrices, n_positions * matrices + 2 * products, n_heads * n_positions * n_positions)


def contributions(layer: AttentionTrace) -> Floats:
    """Return what each key really brings to each query: its weight times the length of its value, α‖v‖.

    [head, query, key], in the units of the values; weights after dropout. Before Wo, which mixes the heads. Source:
    Kobayashi et al. 2020, who show that a large weight on a short vector brings little.
    """
    lengths = np.linalg.norm(layer.value[0].astype(np.float64), axis=-1)  # [head, key]
    return np.asarray(layer.dropped_weights[0] * lengths[:, None, :])


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row in which the key of largest weight is not the one that brings most; both parts are of that row."""

    head: int
    row: int
    top: int  # largest weight
    other: int  # largest contribution


def weight_against_contribution(layer: AttentionTrace, head: int, row: int) -> Disagreement | None:
    """Return where the largest weight is not the largest contribution: this row, or else the layer's clearest one.

    The clearest is where the other key brings most in proportion. None if they agree in every row of the layer.
    """
    weights, brought = layer.dropped_weights[0], contributions(layer)
    if (own := _disagreement(weights, brought, head, row)) is not None:
        return own
    tops, others = weights.argmax(axis=-1), brought.argmax(axis=-1)  # [head, query]
    at_top = np.take_along_axis(brought, tops[..., None], axis=-1)[..., 0]
    less = np.take_along_axis(weights, others[..., None], axis=-1)[..., 0] < weights.max(axis=-1)
    gains = np.where(less & (at_top > 0), brought.max(axis=-1) / np.where(at_top > 0, at_top, 1.0), 0.0)
    clearest_head, clearest_row = np.unravel_index(int(gains.argmax()), gains.shape)
    return _disagreement(weights, brought, int(clearest_head), int(clearest_row))


def _disagreement(weights: Floats, brought: Floats, head: int, row: int) -> Disagreement | None:
    top, other = int(weights[head, row].argmax()), int(brought[head, row].argmax())
    differ = weights[head, row, other] < weights[head, row, top] and brought[head, row, other] > brought[head, row, top]
    return Disagreement(head, row, top, other) if differ else None
