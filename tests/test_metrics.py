"""Measures of a view, on weights written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attention.metrics import largest_change, row_spends_one, strongest_keys
from attention.views import Cell, WeightsView

S, M, D, X = Cell.SEEN, Cell.MASKED, Cell.DROPPED, Cell.MIXED


def view_of(rows: list[list[float]], cells: list[list[Cell]] | None = None) -> WeightsView:
    """Return a view of two heads: nothing but zeros, then the given rows."""
    weights = np.array([np.zeros_like(rows), rows])
    kinds = np.full(weights.shape, Cell.SEEN) if cells is None else np.array([cells, cells])
    return WeightsView(
        labels=tuple(map(str, range(len(rows)))),
        before_dropout=weights,
        weights=weights,
        cells=kinds,
        undefined=np.zeros(weights.shape[:2], dtype=bool),
        grouped=False,
    )


def test_the_strongest_keys_come_first_and_equals_in_the_texts_order() -> None:
    view = view_of([[0.1, 0.4, 0.1, 0.4]] * 4)
    assert strongest_keys(view, 1, 0, 3) == [1, 3, 0]
    assert strongest_keys(view, 1, 0, 9) == [1, 3, 0, 2]
    assert strongest_keys(view, 1, 0, 0) == []
    assert strongest_keys(view_of([[1 / 64] * 64] * 64), 1, 0, 64) == list(range(64))


def test_masked_and_struck_out_keys_are_never_strongest() -> None:
    view = view_of([[0.0, 0.0, 0.7, 0.3]] * 4, [[S, D, X, M]] * 4)
    assert strongest_keys(view, 1, 2, 4) == [2, 0]
    assert strongest_keys(view_of([[0.0, 0.0]] * 2, [[D, M]] * 2), 1, 0, 2) == []


@pytest.mark.parametrize(
    ("total", "spends_one"), [(1.0, True), (1.0049, True), (0.9951, True), (0.99, False), (1.01, False), (0, False)]
)
def test_a_row_spends_one_when_its_sum_reads_100_percent(total: float, spends_one: bool) -> None:  # noqa: FBT001  # expected
    assert row_spends_one(view_of([[total / 2, total / 2]] * 2), 1, 0) is spends_one


def test_the_largest_change_may_go_up_or_down_and_is_the_first_of_equals() -> None:
    before = view_of([[1.0, 0.0], [0.5, 0.5]])
    assert largest_change(before, view_of([[1.0, 0.0], [0.25, 0.75]]), 1) == (1, 0)
    assert largest_change(before, view_of([[0.9, 0.1], [0.75, 0.25]]), 1) == (1, 0)
    assert largest_change(before, view_of([[1.0, 0.0], [0.5, 0.9]]), 1) == (1, 1)
    assert largest_change(before, before, 1) == (0, 0)


def test_a_row_that_is_not_defined_has_not_changed() -> None:
    before, after = view_of([[1.0, 0.0], [0.5, 0.5]]), view_of([[0.0, 0.0], [0.25, 0.75]])
    undefined = replace(after, undefined=np.array([[False, False], [True, False]]))
    assert largest_change(before, undefined, 1) == largest_change(undefined, before, 1) == (1, 0)
