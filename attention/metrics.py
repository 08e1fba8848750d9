"""What can be measured on a view: arrays in, numbers out. Each measure says its unit and its limits."""

from __future__ import annotations

from dataclasses import dataclass

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
    changes = []
    for old, new in zip(before.layers, after.layers, strict=True):
        moved = np.linalg.norm(new.output[0, :n].astype(np.float64) - old.output[0, :n], axis=-1)
        length = np.linalg.norm(old.output[0, :n].astype(np.float64), axis=-1)
        changes.append(np.divide(moved, length, out=np.where(moved > 0, np.inf, 0.0), where=length > 0))
    return np.asarray(np.max(changes, axis=0))


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
