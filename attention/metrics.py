"""What can be measured on a view: arrays in, numbers out. Each measure says its unit and its limits."""

from __future__ import annotations

import numpy as np

from attention.trace import Floats, ModelTrace
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
    changes = [
        relative_changes(old.output[0, :n], new.output[0, :n])
        for old, new in zip(before.layers, after.layers, strict=True)
    ]
    return np.asarray(np.max(changes, axis=0))


def relative_changes(before: Floats, after: Floats) -> Floats:
    """Return ‖after − before‖ ÷ ‖before‖ of each vector of [position, d_model]; infinite for a change from zeros."""
    moved = np.linalg.norm(after.astype(np.float64) - before, axis=-1)
    length = np.linalg.norm(before.astype(np.float64), axis=-1)
    return np.asarray(np.divide(moved, length, out=np.where(moved > 0, np.inf, 0.0), where=length > 0))


def cosines(one: Floats, other: Floats) -> Floats:
    """Return the cosine of the angle between each two vectors of [stage, d_model], in float64, from −1 to 1.

    1 where they point the same way, whatever their lengths; 0 where one of them is zero.
    """
    products = (one.astype(np.float64) * other).sum(axis=-1)
    lengths = np.linalg.norm(one.astype(np.float64), axis=-1) * np.linalg.norm(other.astype(np.float64), axis=-1)
    return np.asarray(np.clip(np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0), -1, 1))
