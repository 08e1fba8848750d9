"""What a weight is worth, against cases worked by hand, the layer's own output, and bounds that always hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats

from attention.config import AttentionConfig
from attention.importance import (
    added_lengths,
    change_without,
    control_sets,
    map_changes,
    rollout,
    without_first,
)
from attention.lesson_model.source import lesson_output_matrix, trace_lesson
from attention.metrics import head_contributions
from attention.modules import MultiHeadAttention
from attention.sources import random_output_matrix, trace_attention, trace_random
from attention.tokens import tokenize
from attention.trace import AttentionTrace, Floats
from tests.figures.samples import sample_view, with_row

COURSE = "O gato que estava no telhado miou"


def one_head(value: Floats, weights: Floats) -> AttentionTrace:
    """Return a traced layer of one head with these values [key, d_head] and weights [query, key]."""
    layer = trace_random(tokenize("a b"), AttentionConfig(n_heads=1, d_model=2, causal=False)).layers[0]
    assert layer.weights.shape == (1, 1, 2, 2)
    return replace(layer, value=value[None, None], dropped_weights=weights[None, None])


def added_vectors(layer: AttentionTrace, w_output: Floats, head: int) -> Floats:
    """Return α · v · Wo of one head key by key, [query, key, d_model], as the formula is written."""
    d_head = layer.value.shape[-1]
    through = w_output[:, head * d_head : (head + 1) * d_head].astype(np.float64)
    return np.array(
        [
            [a * (through @ v) for a, v in zip(row, layer.value[0, head], strict=True)]
            for row in layer.dropped_weights[0, head].astype(np.float64)
        ]
    )


def test_two_tokens_and_one_head_by_hand() -> None:
    value = np.array([[3.0, 4.0], [1.0, 0.0]])  # lengths 5 and 1
    weights = np.array([[1.0, 0.0], [0.25, 0.75]])
    w_output = np.array([[0.0, 2.0], [1.0, 0.0]])  # output = (2 · second, first): (8, 3) and (0, 1)
    layer = one_head(value, weights)
    vectors = added_vectors(layer, w_output, 0)
    np.testing.assert_allclose(vectors, np.array([[[8.0, 3.0], [0.0, 0.0]], [[2.0, 0.75], [0.0, 0.75]]]))
    lengths = np.asarray(added_lengths(layer, w_output)[0], dtype=np.float64)
    np.testing.assert_allclose(lengths, np.array([[np.sqrt(73), 0], [0.25 * np.sqrt(73), 0.75]]))
    assert lengths[1].argmax() == 0  # the smaller weight, the larger contribution
    assert weights[1].argmax() == 1


@pytest.mark.parametrize("config", [AttentionConfig(), AttentionConfig(dropout=0.5), AttentionConfig(causal=False)])
def test_what_the_keys_add_sums_to_the_heads_part_of_the_output(config: AttentionConfig) -> None:
    cases = [(trace_random(tokenize(COURSE), config).layers[0], random_output_matrix(config))]
    cases += [(layer, lesson_output_matrix(i)) for i, layer in enumerate(trace_lesson(COURSE, config).layers)]
    for layer, w_output in cases:
        parts = head_contributions(layer.context[0], w_output)
        for head in range(len(parts)):
            vectors = added_vectors(layer, w_output, head)
            np.testing.assert_allclose(vectors.sum(axis=1), parts[head], atol=1e-4)
            np.testing.assert_allclose(
                np.linalg.norm(vectors, axis=-1), added_lengths(layer, w_output)[head], atol=1e-6
            )


@torch.inference_mode()
def test_a_bias_of_the_values_is_part_of_what_a_key_adds() -> None:
    attention = MultiHeadAttention(8, 2, bias=True)
    torch.nn.init.ones_(attention.w_query_key_value.bias)
    embeddings = torch.zeros(1, 3, 8)  # every value is its bias
    layer = trace_attention(attention, embeddings, AttentionConfig(n_heads=2, d_model=8))
    w_output = attention.w_output.weight.numpy()
    together = sum(added_vectors(layer, w_output, head).sum(axis=1) for head in range(2))
    np.testing.assert_allclose(together + attention.w_output.bias.numpy(), layer.output[0], atol=1e-5)
    assert added_lengths(layer, w_output).max() > 0


def test_without_the_first_token_rows_are_shared_out_again_by_hand() -> None:
    view = with_row(sample_view(("a", "b", "c"), heads=1), 0, 2, [0.6, 0.1, 0.3])
    hidden = without_first(view)
    np.testing.assert_allclose(hidden.weights[0, 2], [0.0, 0.25, 0.75])
    np.testing.assert_array_equal(hidden.weights[0, 1], [0.0, 1.0, 0.0])
    assert hidden.undefined[0].tolist() == [True, False, False]  # the first row has nothing left
    assert (hidden.weights[0, 0] == 0).all()
    only = without_first(with_row(view, 0, 2, [1.0, 0.0, 0.0]))
    assert only.undefined[0].tolist() == [True, False, True]


@given(st.integers(1, 8), st.booleans(), st.integers(0, 50), st.sampled_from([0.0, 0.5, 0.9]))
def test_without_the_first_token_every_row_sums_to_one_or_has_nothing(
    n: int,
    causal: bool,  # noqa: FBT001 - drawn by hypothesis
    seed: int,
    dropout: float,
) -> None:
    view = sample_view(tuple("abcdefgh"[:n]), heads=2, causal=causal, dropout=dropout, seed=seed)
    hidden = without_first(view)
    sums = hidden.weights.sum(axis=-1)
    np.testing.assert_allclose(sums[~hidden.undefined], 1.0)
    assert (sums[hidden.undefined] == 0).all()
    assert (hidden.weights[..., 0] == 0).all()


def test_rollout_of_two_layers_by_hand() -> None:
    first = np.array([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])  # two heads; their mean row 2 is (½, ½)
    second = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    # layer 1: rows (1, 0) and (¼, ¾); layer 2: rows (1, 0) and (½, ½); the second times the first:
    np.testing.assert_allclose(rollout([first, second]), [[1.0, 0.0], [0.5 + 0.125, 0.375]])
    np.testing.assert_allclose(rollout([first]), [[1.0, 0.0], [0.25, 0.75]])


def test_rollout_puts_the_later_layer_on_the_left_by_hand() -> None:
    first = np.array([[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]])  # the second position takes from the first
    second = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]])  # then the third from the second
    # ½A + ½I: of the first layer row 2 is (½, ½, 0), of the second row 3 is (0, ½, ½), the others stay on themselves
    np.testing.assert_allclose(rollout([first, second]), np.array([[4, 0, 0], [2, 2, 0], [1, 1, 2]]) / 4)
    # the other way round the third takes from the second before the second has anything of the first
    np.testing.assert_allclose(rollout([second, first]), np.array([[2, 0, 0], [1, 1, 0], [0, 1, 1]]) / 2)


def test_rollout_is_the_residual_and_the_head_where_nothing_is_mixed() -> None:
    np.testing.assert_array_equal(rollout([np.eye(3)[None]] * 4), np.eye(3))
    np.testing.assert_array_equal(rollout([np.zeros((1, 3, 3))]), np.eye(3))  # a row of zeros stays on itself


@pytest.mark.parametrize(
    "config",
    [
        AttentionConfig(),
        AttentionConfig(causal=False),
        AttentionConfig(dropout=0.9),
        AttentionConfig(mask_mode="zero_after"),
        AttentionConfig(scaled=False, mask_mode="renormalise"),
    ],
)
def test_every_row_of_a_rollout_sums_to_one(config: AttentionConfig) -> None:
    for trace in (trace_lesson(COURSE, config), trace_random(tokenize(COURSE), config)):
        reached = rollout([layer.dropped_weights[0] for layer in trace.layers])
        np.testing.assert_allclose(reached.sum(axis=-1), 1.0)
        assert (reached >= 0).all()
        if config.causal:
            assert (np.triu(reached, 1) == 0).all()


def test_controls_are_as_many_heads_of_the_same_layers_and_none_of_the_chosen() -> None:
    assert control_sets([(1, 0)], 4) == (((1, 1),), ((1, 2),), ((1, 3),))
    assert control_sets([(1, 0), (1, 3)], 4) == (((1, 1), (1, 2)),)
    assert len(control_sets([(0, 0), (1, 3)], 4)) == 9
    assert control_sets([(1, 0), (1, 1), (1, 2)], 4) == ()  # one head is left, and three are asked for
    assert control_sets([], 4) == ()
    every = [(layer, head) for layer in range(2) for head in range(4)]
    for size in range(1, 5):
        for off in combinations(every, size):
            for control in control_sets(off, 4):
                assert not set(control) & set(off)
                assert sorted(layer for layer, _ in control) == sorted(layer for layer, _ in off)


def test_an_output_without_some_heads_by_hand() -> None:
    parts = np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])  # together (3, 4), of length 5
    assert change_without(parts, [0]) == pytest.approx((3 / 5, 4 / 5))
    assert change_without(parts, [2]) == pytest.approx((0.0, 1.0))
    assert change_without(parts, [0, 1, 2]) == (1.0, 0.0)
    assert change_without(parts, [])[0] == 0.0


def test_how_much_of_a_map_moved_by_hand() -> None:
    before, after = np.array([[[1.0, 0.0], [0.5, 0.5]]]), np.array([[[1.0, 0.0], [0.0, 1.0]]])
    assert map_changes(before, after).tolist() == [0.25]  # half of one of two rows
    assert map_changes(before, before).tolist() == [0.0]


ROWS = arrays(np.float64, (2, 3, 4, 5), elements=floats(0, 1)).filter(lambda rows: bool((rows.sum(axis=-1) > 0).all()))


@given(ROWS)
def test_what_a_head_moves_lies_between_nothing_and_the_whole_of_its_rows(rows: Floats) -> None:
    before, after = (each.astype(np.float32) for each in rows / rows.sum(axis=-1, keepdims=True))
    moved = map_changes(before, after)
    assert ((moved >= 0) & (moved <= 1 + 1e-6)).all()
    np.testing.assert_allclose(moved, map_changes(after, before), atol=1e-7)


@given(arrays(np.float32, (3, 4), elements=floats(-8, 8, width=32)), st.sets(st.integers(0, 2), min_size=1))
def test_a_change_is_never_less_than_nothing_and_a_cosine_never_beyond_one(parts: Floats, heads: set[int]) -> None:
    change, cosine = change_without(parts, sorted(heads))
    assert change >= 0
    assert np.isnan(cosine) or abs(cosine) <= 1 + 1e-6


@given(arrays(np.float32, (3, 6), elements=floats(-8, 8, width=32)))
def test_what_a_value_adds_is_at_most_its_weight_times_the_longest_value_times_the_matrix_s_stretch(
    values: Floats,
) -> None:
    layer = trace_random(tokenize("a b c"), AttentionConfig(n_heads=1, d_model=6, causal=False)).layers[0]
    w_output = random_output_matrix(AttentionConfig(n_heads=1, d_model=6))
    lengths = added_lengths(replace(layer, value=values[None, None]), w_output)
    stretch = float(np.linalg.norm(w_output, ord=2))
    most = layer.dropped_weights[0] * np.linalg.norm(values, axis=-1) * stretch
    assert (lengths >= 0).all()
    assert (lengths <= most + 1e-4).all()
