"""Measures of heads: worked by hand where it can be, bounded everywhere, and computed a second time by SciPy."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy

from attention.head_measures import (
    MEASURES,
    SHARES,
    Measure,
    measure_heads,
    measure_rows,
    rank_heads,
    row_shares,
)
from attention.head_similarity import extreme_pairs, head_divergences, order_heads
from attention.trace import Booleans, Floats
from attention.views import Cell, WeightsView
from tests.figures.samples import sample_view, with_undefined_row

ALL = np.ones((4, 4), dtype=bool)
CAUSAL = np.tril(ALL)


def measured(weights: Floats, allowed: Booleans) -> dict[Measure, list[float]]:
    return {name: values.tolist() for name, values in measure_rows(row_shares(weights), allowed).items()}


def view_of(weights: Floats, *, causal: bool = True) -> WeightsView:
    """Return a view of [head, query, key] weights."""
    n = weights.shape[-1]
    allowed = np.tril(np.ones((n, n), dtype=bool)) if causal else np.ones((n, n), dtype=bool)
    return WeightsView(
        labels=tuple(f"t{i}" for i in range(n)),
        before_dropout=weights,
        weights=weights,
        cells=np.broadcast_to(np.where(allowed, Cell.SEEN, Cell.MASKED), weights.shape).copy(),
        undefined=weights.sum(axis=-1) == 0,
        grouped=False,
    )


# ---- worked by hand --------------------------------------------------------------------------------------------------


def test_a_uniform_row_over_four_keys_has_two_bits_and_four_tokens() -> None:
    found = measured(np.full((4, 4), 0.25), ALL)
    assert found["entropy"] == [2, 2, 2, 2]
    assert found["entropy_share"] == [1, 1, 1, 1]
    assert found["effective"] == [4, 4, 4, 4]
    assert found["distance"] == [1.5, 1, 1, 1.5]  # (0 + 1 + 2 + 3)/4 and (1 + 0 + 1 + 2)/4
    assert found["first"] == found["itself"] == found["maximum"] == [0.25] * 4
    np.testing.assert_equal(found["previous"], [np.nan, 0.25, 0.25, 0.25])


def test_a_row_with_all_on_one_key_has_no_entropy_and_one_token() -> None:
    found = measured(np.eye(4)[[0, 0, 1, 0]], ALL)
    assert found["entropy"] == found["entropy_share"] == [0, 0, 0, 0]
    assert found["effective"] == found["maximum"] == [1, 1, 1, 1]
    assert found["distance"] == [0, 1, 1, 3]
    assert found["first"] == [1, 1, 0, 1]
    assert found["itself"] == [1, 0, 0, 0]
    np.testing.assert_equal(found["previous"], [np.nan, 1, 1, 0])


def test_causal_uniform_rows_have_the_most_entropy_that_the_mask_allows() -> None:
    found = measured(CAUSAL / CAUSAL.sum(axis=-1, keepdims=True), CAUSAL)
    np.testing.assert_allclose(found["entropy"], [0, 1, np.log2(3), 2])
    np.testing.assert_allclose(found["entropy_share"], [np.nan, 1, 1, 1])  # one allowed key: 0 of 0 bits
    np.testing.assert_allclose(found["effective"], [1, 2, 3, 4])
    np.testing.assert_allclose(found["distance"], [0, 0.5, 1, 1.5])
    np.testing.assert_allclose(found["maximum"], [1, 1 / 2, 1 / 3, 1 / 4])


def test_three_quarters_and_a_quarter_have_0811_bits() -> None:
    weights = np.array([[0.75, 0.25], [0.25, 0.75]])
    bits = measured(weights, np.ones((2, 2), dtype=bool))["entropy"]
    np.testing.assert_allclose(bits, 0.25 * 2 + 0.75 * np.log2(4 / 3))


def test_shares_of_a_row_sum_to_one_and_a_row_of_zeros_has_none() -> None:
    np.testing.assert_array_equal(row_shares(np.array([[1.0, 3.0], [0.0, 0.0]])), [[0.25, 0.75], [np.nan, np.nan]])


def test_the_mean_leaves_out_the_row_that_has_no_choice() -> None:
    found = measure_heads(view_of((CAUSAL / CAUSAL.sum(axis=-1, keepdims=True))[None]))
    assert {name: counts.tolist() for name, counts in found.counted.items()} == {name: [3] for name in MEASURES}
    np.testing.assert_allclose(found.means["entropy"], (1 + np.log2(3) + 2) / 3)
    np.testing.assert_allclose(found.means["effective"], 3)
    np.testing.assert_allclose(found.means["first"], (1 / 2 + 1 / 3 + 1 / 4) / 3)


def test_one_token_has_no_choice_and_so_no_mean() -> None:
    found = measure_heads(view_of(np.ones((2, 1, 1))))
    assert all(counts.tolist() == [0, 0] for counts in found.counted.values())
    assert all(np.isnan(values).all() for values in found.means.values())
    assert found.rows["entropy"].tolist() == [[0], [0]]
    assert np.isnan(found.rows["entropy_share"]).all()


def test_the_entropy_of_a_certain_row_is_never_minus_zero() -> None:
    assert not np.signbit(measured(np.eye(4), ALL)["entropy"]).any()


# ---- rows that do not spend one whole --------------------------------------------------------------------------------


def test_a_row_that_spends_less_is_measured_as_it_shares_out_the_rest() -> None:
    whole, half = sample_view(), sample_view()
    late = replace(half, before_dropout=half.before_dropout / 2, weights=half.weights / 2)
    for name in MEASURES:
        np.testing.assert_allclose(measure_heads(late).rows[name], measure_heads(whole).rows[name])


def test_dropout_does_not_enter_a_measure() -> None:
    for name in MEASURES:
        kept, dropped = measure_heads(sample_view()), measure_heads(sample_view(dropout=0.5))
        np.testing.assert_array_equal(kept.rows[name], dropped.rows[name])


def test_a_row_that_is_zero_over_zero_has_no_measures_and_the_mean_goes_on_without_it() -> None:
    view = sample_view()
    found = measure_heads(with_undefined_row(view, 1, 4))
    for name in MEASURES:
        assert np.isnan(found.rows[name][1, 4])
        others = [row for row in range(1, 7) if row != 4]
        np.testing.assert_allclose(found.means[name][1], measure_heads(view).rows[name][1, others].mean())
        assert found.counted[name][1] == len(others)


def test_without_the_mask_the_first_row_has_a_choice_but_no_previous_position() -> None:
    found = measure_heads(view_of(np.full((1, 4, 4), 0.25), causal=False))
    assert found.counted["entropy"].tolist() == [4]
    assert found.counted["previous"].tolist() == [3]


# ---- true of any weights ---------------------------------------------------------------------------------------------


@st.composite
def any_view(draw: st.DrawFn) -> WeightsView:
    heads, n, causal = draw(st.integers(1, 4)), draw(st.integers(1, 7)), draw(st.booleans())
    weights = draw(arrays(np.float64, (heads, n, n), elements=st.sampled_from([0.0, 1e-30, 1e-6, 0.1, 0.5, 1.0, 7.0])))
    weights = np.tril(weights) if causal else weights
    total = weights.sum(axis=-1, keepdims=True)
    return view_of(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0), causal=causal)


@given(any_view())
def test_every_measure_stays_within_its_bounds(view: WeightsView) -> None:
    n, n_allowed = len(view.labels), (view.cells[0] != Cell.MASKED).sum(axis=-1)
    most = {"entropy": np.log2(n_allowed), "effective": n_allowed, "distance": n - 1}
    found = measure_heads(view)
    for name in MEASURES:
        values, limit = found.rows[name], most.get(name, 1.0)
        assert np.all(np.isnan(values) | ((values >= (name == "effective")) & (values <= limit * (1 + 1e-12) + 1e-12)))
        assert np.all(np.isnan(found.means[name]) | (found.means[name] <= np.max(limit) * (1 + 1e-12) + 1e-12))
        spends = ~view.undefined
        assert np.isfinite(values[spends]).all() or name in ("entropy_share", "previous")
    assert set(SHARES) | set(most) == set(MEASURES)
    assert np.all(np.isnan(found.rows["effective"]) | (found.rows["effective"] * found.rows["maximum"] >= 1 - 1e-9))


@given(any_view())
def test_scipy_finds_the_same_entropy(view: WeightsView) -> None:
    bits = measure_heads(view).rows["entropy"]
    for head, row in np.ndindex(bits.shape):
        if not view.undefined[head, row]:
            assert bits[head, row] == pytest.approx(scipy_entropy(view.weights[head, row], base=2), abs=1e-12)


@given(any_view())
def test_scipy_finds_the_same_divergence(view: WeightsView) -> None:
    found = head_divergences(view)
    choosing = np.flatnonzero((view.cells[0] != Cell.MASKED).sum(axis=-1) >= 2)
    for one, other in np.ndindex(found.shape):
        rows = [row for row in choosing if not (view.undefined[one, row] or view.undefined[other, row])]
        again = [jensenshannon(view.weights[one, row], view.weights[other, row], base=2) ** 2 for row in rows]
        expected = np.mean(np.nan_to_num(again)) if rows else np.nan  # SciPy's root of a rounding below 0 is NaN
        np.testing.assert_allclose(found[one, other], expected, atol=1e-9)


@given(any_view())
def test_divergences_are_symmetric_bounded_and_zero_for_a_head_and_itself(view: WeightsView) -> None:
    found = head_divergences(view)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.all(np.isnan(found) | ((found >= 0) & (found <= 1)))
    assert np.nan_to_num(np.diagonal(found)).max(initial=0) < 1e-12
    assert sorted(order_heads(found)) == list(range(view.n_heads))


@given(any_view())
def test_the_ranking_by_a_cell_falls_and_leaves_out_only_rows_without_numbers(view: WeightsView) -> None:
    n = len(view.labels)
    for row, column in np.ndindex(n, n):
        ranked = rank_heads(view, row, column)
        if view.cells[0, row, column] == Cell.MASKED:
            assert ranked == []
            continue
        assert set(ranked) == set(np.flatnonzero(~view.undefined[:, row]))
        keys = [(-view.weights[head, row, column], head) for head in ranked]
        assert keys == sorted(keys)


# ---- similarity, by hand ---------------------------------------------------------------------------------------------


def test_heads_that_never_share_a_key_are_one_bit_apart() -> None:
    before = np.eye(4)[[0, 0, 1, 2]]
    itself = np.eye(4)
    found = head_divergences(view_of(np.stack([before, itself])))
    np.testing.assert_allclose(found, [[0, 1], [1, 0]])


def test_certain_against_evenly_split_is_0311_bits() -> None:
    certain, split = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    expected = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) - 0.5  # H(¾, ¼) − (0 + 1)/2; the first row has no choice
    assert head_divergences(view_of(np.stack([certain, split])))[0, 1] == pytest.approx(expected)
    assert expected == pytest.approx(0.3113, abs=1e-4)


def test_like_heads_end_up_side_by_side() -> None:
    one, other = sample_view(heads=1, seed=1), sample_view(heads=1, seed=2)
    weights = np.concatenate([one.weights, other.weights, one.weights, other.weights, one.weights])
    order = order_heads(head_divergences(view_of(weights)))
    groups = [head % 2 for head in order]
    assert sum(a != b for a, b in pairwise(groups)) == 1


def groups(distances: Floats) -> list[set[int]]:
    """Return every group that average linkage makes on the way to one: the two nearest by mean distance, joined."""
    made = [{head} for head in range(len(distances))]
    found = []
    while len(made) > 1:
        one, other = min(combinations(made, 2), key=lambda two: distances[np.ix_(list(two[0]), list(two[1]))].mean())
        made = [group for group in made if group not in (one, other)] + [one | other]
        found.append(made[-1])
    return found


def test_the_groups_that_stay_together_are_those_of_the_square_root() -> None:
    for seed in range(20):
        upper = np.triu(np.random.default_rng(seed).uniform(0.01, 1, (7, 7)), k=1)
        divergences = upper + upper.T
        order = order_heads(divergences)
        for group in groups(np.sqrt(divergences)):
            places = [order.index(head) for head in group]
            assert max(places) - min(places) == len(group) - 1


def test_neighbours_are_as_near_as_the_tree_allows() -> None:
    for seed in range(5):
        roots = np.sqrt(head_divergences(sample_view(heads=8, seed=seed)))
        unturned = leaves_list(linkage(roots[np.triu_indices(8, k=1)], method="average"))
        walks = [roots[order[:-1], order[1:]].sum() for order in (np.array(order_heads(roots**2)), unturned)]
        assert walks[0] <= walks[1] + 1e-12


def test_the_extreme_pairs_are_the_smallest_and_the_largest_divergence() -> None:
    found = head_divergences(sample_view(heads=5))
    pairs = extreme_pairs(found)
    assert pairs is not None
    above = found[np.triu_indices(5, k=1)]
    assert (found[pairs[0]], found[pairs[1]]) == (above.min(), above.max())


def test_one_head_or_one_token_has_nothing_to_compare() -> None:
    assert extreme_pairs(head_divergences(sample_view(heads=1))) is None
    one_token = head_divergences(view_of(np.ones((3, 1, 1))))
    assert np.isnan(one_token).all()
    assert extreme_pairs(one_token) is None
    assert order_heads(one_token) == [0, 1, 2]
