"""Each step against its formula, and `attend` against torch's own attention."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor
from torch.nn.functional import scaled_dot_product_attention

from attention.errors import AttentionError
from attention.steps import (
    Attended,
    attend,
    causal_mask,
    dot_scores,
    draw_kept,
    drop_weights,
    mask_scores,
    merge_heads,
    renormalise_rows,
    sinusoidal_positions,
    softmax_rows,
    split_heads,
    weights_and_context,
    zero_masked,
)

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-6}
STEPS = Attended.__slots__


@st.composite
def attention_inputs(draw: st.DrawFn, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw query, key and value of variance 1 and a mask that lets every query look somewhere."""
    batch, n_heads = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    n_query, n_key = draw(st.integers(1, 17)), draw(st.integers(1, 17))
    d_head, d_value = draw(st.integers(1, 64)), draw(st.integers(1, 64))
    generator = Generator().manual_seed(draw(st.integers(0, 2**31)))
    query = torch.randn(batch, n_heads, n_query, d_head, dtype=dtype, generator=generator)
    key = torch.randn(batch, n_heads, n_key, d_head, dtype=dtype, generator=generator)
    value = torch.randn(batch, n_heads, n_key, d_value, dtype=dtype, generator=generator)
    mask_shape = draw(st.sampled_from([(n_query, n_key), (batch, 1, n_query, n_key), (n_heads, 1, n_key), (n_key,)]))
    mask = torch.rand(mask_shape, generator=generator) < draw(st.floats(0, 1))
    somewhere = torch.randint(n_key, (*mask_shape[:-1], 1), generator=generator) == torch.arange(n_key)
    return query, key, value, mask | somewhere


def random_heads(*shape: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return query, key and value of one shape."""
    generator = Generator().manual_seed(seed)
    return (
        torch.randn(shape, generator=generator),
        torch.randn(shape, generator=generator),
        torch.randn(shape, generator=generator),
    )


# --- Agreement with torch ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@given(data=st.data())
def test_attend_agrees_with_torch(dtype: torch.dtype, data: st.DataObject) -> None:
    query, key, value, a_mask = data.draw(attention_inputs(dtype))
    mask = data.draw(st.sampled_from([None, a_mask]))
    scale = data.draw(st.none() | st.floats(-1, 1).map(lambda factor: factor / math.sqrt(query.shape[-1])))
    torchs_mask = (
        None if mask is None else mask.expand(*query.shape[:3], key.shape[2])
    )  # torch takes no mask of one axis
    expected = scaled_dot_product_attention(query, key, value, attn_mask=torchs_mask, scale=scale)
    context = attend(query, key, value, mask=mask, scale=scale).context
    torch.testing.assert_close(context, expected, atol=TOLERANCE[dtype], rtol=0)


@pytest.mark.parametrize("n_positions", [1, 2, 31])
def test_causal_attention_agrees_with_torch(n_positions: int) -> None:
    query, key, value = random_heads(2, 3, n_positions, 16)
    expected = scaled_dot_product_attention(query, key, value, is_causal=True)
    context = attend(query, key, value, mask=causal_mask(n_positions)).context
    torch.testing.assert_close(context, expected, atol=1e-6, rtol=0)


def test_gradients_agree_with_torch() -> None:
    query, key, value = inputs = [tensor.double().requires_grad_() for tensor in random_heads(1, 2, 5, 4)]
    expected = torch.autograd.grad(
        scaled_dot_product_attention(query, key, value, is_causal=True).square().sum(), inputs
    )
    gradients = torch.autograd.grad(attend(query, key, value, mask=causal_mask(5)).context.square().sum(), inputs)
    torch.testing.assert_close(gradients, expected, atol=1e-10, rtol=0)


@given(inputs=attention_inputs())
def test_every_step_follows_from_the_one_before(inputs: tuple[Tensor, Tensor, Tensor, Tensor]) -> None:
    query, key, value, mask = inputs
    steps = attend(query, key, value, mask=mask)
    torch.testing.assert_close(steps.scores, torch.einsum("bhqd,bhkd->bhqk", query, key))
    torch.testing.assert_close(steps.scaled_scores, steps.scores / math.sqrt(query.shape[-1]))
    torch.testing.assert_close(steps.masked_scores, steps.scaled_scores.masked_fill(~mask, -math.inf))
    exponentials = steps.masked_scores.exp()
    torch.testing.assert_close(steps.weights, exponentials / exponentials.sum(dim=-1, keepdim=True))
    torch.testing.assert_close(steps.context, torch.einsum("bhqk,bhkd->bhqd", steps.dropped_weights, value))
    assert torch.equal(steps.dropped_weights, steps.weights)


@given(inputs=attention_inputs())
def test_rows_sum_to_one_and_forbidden_weights_are_exactly_zero(inputs: tuple[Tensor, Tensor, Tensor, Tensor]) -> None:
    query, key, value, mask = inputs
    weights = attend(query, key, value, mask=mask).weights
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:-1], dtype=weights.dtype))
    assert (weights[~mask.expand(weights.shape)] == 0).all()
    assert (weights >= 0).all()


@given(inputs=attention_inputs(), scale=st.none() | st.floats(-1, 1), masked=st.booleans())
def test_the_cheap_path_equals_attend(
    inputs: tuple[Tensor, Tensor, Tensor, Tensor], scale: float | None, *, masked: bool
) -> None:
    query, key, value, a_mask = inputs
    mask = a_mask if masked else None
    weights, context = weights_and_context(query, key, value, mask=mask, scale=scale)
    steps = attend(query, key, value, mask=mask, scale=scale)
    torch.testing.assert_close(weights, steps.weights, atol=1e-10, rtol=0)
    torch.testing.assert_close(context, steps.context, atol=1e-10, rtol=0)


# --- By hand ----------------------------------------------------------------------------------------------------------


def test_two_keys_one_apart_get_one_and_e_over_their_sum() -> None:
    query = torch.tensor([[[[1.0]]]])
    key = torch.tensor([[[[0.0], [1.0]]]])
    value = torch.tensor([[[[10.0], [20.0]]]])
    steps = attend(query, key, value)
    expected = torch.tensor([1, math.e]) / (1 + math.e)
    torch.testing.assert_close(steps.weights[0, 0, 0], expected)
    torch.testing.assert_close(steps.context.item(), (10 + 20 * math.e) / (1 + math.e))


def test_the_default_scale_is_one_over_the_root_of_d_head() -> None:
    query = key = value = torch.ones(1, 1, 2, 16)
    steps = attend(query, key, value)
    assert (steps.scores == 16).all()
    assert (steps.scaled_scores == 4).all()


def test_scale_one_switches_the_scale_off() -> None:
    steps = attend(*random_heads(1, 2, 5, 8), scale=1.0)
    assert torch.equal(steps.scaled_scores, steps.scores)


def test_swapping_query_and_key_transposes_the_scores_but_not_the_weights() -> None:
    query, key, value = random_heads(1, 1, 4, 8)
    straight, swapped = attend(query, key, value), attend(key, query, value)
    torch.testing.assert_close(swapped.scores, straight.scores.mT)
    assert not torch.allclose(swapped.weights, straight.weights.mT, atol=1e-2)


def test_the_first_row_under_the_causal_mask_looks_only_at_itself() -> None:
    weights = attend(*random_heads(2, 3, 6, 8), mask=causal_mask(6)).weights
    assert torch.equal(weights[:, :, 0], torch.tensor([1.0, 0, 0, 0, 0, 0]).expand(2, 3, 6))


def test_the_causal_mask_allows_the_diagonal_and_what_stands_before_it() -> None:
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]


# --- Edges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("masked_rows", [[1], [0, 2], [0, 1, 2]])
def test_a_row_that_may_look_nowhere_gives_zeros(masked_rows: list[int]) -> None:
    mask = torch.ones(3, 3, dtype=torch.bool)
    mask[masked_rows] = False
    inputs = [tensor.requires_grad_() for tensor in random_heads(1, 2, 3, 4)]
    steps = attend(*inputs, mask=mask)
    assert (steps.weights[:, :, masked_rows] == 0).all()
    assert (steps.context[:, :, masked_rows] == 0).all()
    assert steps.context.isfinite().all()
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(steps.context.sum(), inputs))


def test_a_single_false_for_a_mask_lets_nobody_look() -> None:
    assert (attend(*random_heads(1, 1, 2, 4), mask=torch.tensor(data=False)).context == 0).all()


def test_a_head_that_may_look_nowhere_leaves_the_others_as_they_are() -> None:
    heads = random_heads(2, 3, 4, 8)
    mask = torch.tensor([True, False, True]).view(3, 1, 1)
    free, steps = attend(*heads), attend(*heads, mask=mask)
    assert (steps.weights[:, 1] == 0).all()
    assert (steps.context[:, 1] == 0).all()
    assert torch.equal(steps.weights[:, ::2], free.weights[:, ::2])
    assert torch.equal(steps.context[:, ::2], free.context[:, ::2])


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_broken_key_reaches_only_the_rows_that_may_look_at_it(broken: float) -> None:
    query, whole_key, value = random_heads(1, 2, 5, 8)
    key = torch.where(torch.arange(5).unsqueeze(1) == 3, broken, whole_key)
    steps, whole = attend(query, key, value, mask=causal_mask(5)), attend(query, whole_key, value, mask=causal_mask(5))
    assert (steps.masked_scores[..., :3, 3] == -math.inf).all()
    assert torch.equal(steps.context[:, :, :3], whole.context[:, :, :3])
    assert not steps.context[:, :, 3:].isfinite().any()


@pytest.mark.parametrize("scale", [1e4, -1e4])
@pytest.mark.parametrize("mask", [None, causal_mask(3)])
def test_scores_as_large_as_ten_thousand_stay_numbers(scale: float, mask: Tensor | None) -> None:
    query = torch.tensor([[[[1.0], [-1.0], [0.5]]]])
    steps = attend(query, query, query, mask=mask, scale=scale)
    assert steps.scaled_scores.abs().max() == 1e4
    assert steps.context.isfinite().all()
    torch.testing.assert_close(steps.weights.sum(dim=-1), torch.ones(1, 1, 3))


@given(n_positions=st.integers(2, 20), data=st.data())
def test_a_later_token_never_reaches_an_earlier_context(n_positions: int, data: st.DataObject) -> None:
    changed_from = data.draw(st.integers(1, n_positions - 1))
    heads = random_heads(1, 2, n_positions, 16)
    others = random_heads(1, 2, n_positions, 16, seed=1)
    changed = [
        torch.cat((a[:, :, :changed_from], b[:, :, changed_from:]), dim=2) for a, b in zip(heads, others, strict=True)
    ]
    shortened = [tensor[:, :, :changed_from] for tensor in heads]
    context = attend(*heads, mask=causal_mask(n_positions)).context[:, :, :changed_from]
    assert torch.equal(attend(*changed, mask=causal_mask(n_positions)).context[:, :, :changed_from], context)
    torch.testing.assert_close(attend(*shortened, mask=causal_mask(changed_from)).context, context, atol=1e-6, rtol=0)


# --- The mask done wrong ----------------------------------------------------------------------------------------------


@given(n_positions=st.integers(1, 20), seed=st.integers(0, 1000))
def test_zero_after_keeps_the_allowed_share_of_the_unmasked_softmax(n_positions: int, seed: int) -> None:
    scores = torch.randn(n_positions, n_positions, generator=Generator().manual_seed(seed), dtype=torch.float64)
    exponentials = scores.exp()
    share = torch.stack([row[: i + 1].sum() / row.sum() for i, row in enumerate(exponentials)])
    torch.testing.assert_close(zero_masked(softmax_rows(scores), causal_mask(n_positions)).sum(dim=-1), share)


@given(n_positions=st.integers(1, 20), seed=st.integers(0, 1000))
def test_renormalised_rows_equal_the_right_way(n_positions: int, seed: int) -> None:
    scores = torch.randn(n_positions, n_positions, generator=Generator().manual_seed(seed), dtype=torch.float64)
    mask = causal_mask(n_positions)
    renormalised = renormalise_rows(zero_masked(softmax_rows(scores), mask))
    torch.testing.assert_close(renormalised, softmax_rows(mask_scores(scores, mask)), atol=1e-12, rtol=0)


def test_an_underflowed_row_shows_why_the_mask_stands_before_the_softmax() -> None:
    scores, mask = torch.tensor([[0.0, 200.0], [0.0, 0.0]]), causal_mask(2)  # e^-200 is 0 in float32
    assert renormalise_rows(zero_masked(softmax_rows(scores), mask)).tolist() == [[0, 0], [0.5, 0.5]]
    assert softmax_rows(mask_scores(scores, mask)).tolist() == [[1, 0], [0.5, 0.5]]


# --- Dropout ----------------------------------------------------------------------------------------------------------


@given(dropout=st.floats(0.01, 0.99), seed=st.integers(0, 2**31))
def test_survivors_are_multiplied_and_the_others_struck_out(dropout: float, seed: int) -> None:
    query, key, value = random_heads(1, 3, 7, 8)
    steps = attend(query, key, value, dropout=dropout, generator=Generator().manual_seed(seed))
    kept = draw_kept(steps.weights, dropout, Generator().manual_seed(seed))
    torch.testing.assert_close(steps.dropped_weights[kept], steps.weights[kept] / (1 - dropout))
    assert (steps.dropped_weights[~kept] == 0).all()
    torch.testing.assert_close(steps.context, steps.dropped_weights @ value)


def test_the_same_seed_strikes_out_the_same_weights() -> None:
    heads = random_heads(1, 3, 7, 8)
    first, second, other = (
        attend(*heads, dropout=0.5, generator=Generator().manual_seed(seed)).dropped_weights for seed in (7, 7, 8)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_no_dropout_draws_nothing() -> None:
    generator = Generator().manual_seed(0)
    untouched = generator.get_state()
    steps = attend(*random_heads(1, 1, 4, 4), dropout=0.0, generator=generator)
    assert torch.equal(generator.get_state(), untouched)
    assert torch.equal(steps.dropped_weights, steps.weights)


def test_dropout_of_one_strikes_everything_out() -> None:
    steps = attend(*random_heads(1, 1, 4, 4), dropout=1.0)
    assert (steps.dropped_weights == 0).all()
    assert (steps.context == 0).all()


def test_a_row_can_lose_everything() -> None:
    weights = torch.full((1, 1, 200, 2), 0.5)
    dropped = drop_weights(weights, draw_kept(weights, 0.5, Generator().manual_seed(0)), 0.5)
    assert set(dropped.sum(dim=-1).flatten().tolist()) == {0.0, 1.0, 2.0}


def test_the_mean_of_many_draws_is_the_weight() -> None:
    n_draws, dropout = 20_000, 0.3
    weights = softmax_rows(torch.tensor([0.0, 1.0, 2.0])).expand(n_draws, 3)
    dropped = drop_weights(weights, draw_kept(weights, dropout, Generator().manual_seed(0)), dropout)
    standard_error = weights[0] * math.sqrt(dropout / (1 - dropout) / n_draws)  # of w·Bernoulli(1 - p)/(1 - p)
    assert ((dropped.mean(dim=0) - weights[0]).abs() < 4 * standard_error).all()


# --- Heads and positions ----------------------------------------------------------------------------------------------


def test_a_head_gets_its_own_slice_of_the_vector() -> None:
    vectors = torch.arange(2 * 3 * 8).view(2, 3, 8)
    heads = split_heads(vectors, 4)
    assert heads.shape == (2, 4, 3, 2)
    assert torch.equal(heads[1, 2, 0], vectors[1, 0, 4:6])


@given(batch=st.integers(1, 3), n_positions=st.integers(1, 9), n_heads=st.integers(1, 8), d_head=st.integers(1, 8))
def test_merging_undoes_splitting(batch: int, n_positions: int, n_heads: int, d_head: int) -> None:
    vectors = torch.randn(batch, n_positions, n_heads * d_head)
    assert torch.equal(merge_heads(split_heads(vectors, n_heads)), vectors)


@pytest.mark.parametrize(("n_positions", "d_model"), [(1, 1), (3, 5), (256, 96), (8, 64)])
def test_positions_are_the_sines_and_cosines_of_the_paper(n_positions: int, d_model: int) -> None:
    expected = [
        [
            math.sin(position / 10_000 ** (column / d_model))
            if column % 2 == 0
            else math.cos(position / 10_000 ** ((column - 1) / d_model))
            for column in range(d_model)
        ]
        for position in range(n_positions)
    ]
    torch.testing.assert_close(
        sinusoidal_positions(n_positions, d_model), torch.tensor(expected), atol=5e-5, rtol=0
    )  # 255 radians in float32 are known to 3e-5


def test_no_step_changes_its_arguments() -> None:
    scores, mask = torch.randn(2, 2), causal_mask(2)
    before = scores.clone()
    mask_scores(scores, mask), zero_masked(scores, mask), renormalise_rows(scores), dot_scores(scores, scores)
    drop_weights(scores, mask, 0.5)
    assert torch.equal(scores, before)
    assert torch.equal(mask, causal_mask(2))


# --- Mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "key", "value"),
    [
        ((1, 2, 3), (1, 2, 3), (1, 2, 3)),
        ((1, 1, 2, 3), (1, 1, 2, 4), (1, 1, 2, 3)),
        ((1, 1, 2, 3), (1, 1, 2, 3), (1, 1, 3, 3)),
        ((1, 2, 2, 3), (1, 1, 2, 3), (1, 1, 2, 3)),
        ((2, 1, 2, 3), (1, 1, 2, 3), (1, 1, 2, 3)),
    ],
)
def test_shapes_that_do_not_match_are_named(
    query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...]
) -> None:
    with pytest.raises(AttentionError, match=r"query, key and value") as caught:
        attend(torch.ones(query), torch.ones(key), torch.ones(value))
    assert caught.value.code == "shapes_do_not_match"
    assert caught.value.details == {"query": query, "key": key, "value": value}


def test_a_mask_of_numbers_is_refused_because_it_could_mean_either() -> None:
    with pytest.raises(AttentionError, match="boolean") as caught:
        attend(*random_heads(1, 1, 2, 3), mask=torch.ones(2, 2))
    assert caught.value.code == "mask_not_boolean"


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 1, 1, 2, 2), (2, 1, 2, 2)])
def test_a_mask_that_does_not_fit_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(AttentionError, match="broadcast") as caught:
        attend(*random_heads(1, 1, 2, 3), mask=torch.ones(shape, dtype=torch.bool))
    assert caught.value.code == "mask_does_not_fit"
    assert caught.value.details == {"mask": shape, "wanted": (1, 1, 2, 2)}


@pytest.mark.parametrize("dropout", [-0.1, 1.1, math.nan])
def test_dropout_is_a_probability(dropout: float) -> None:
    with pytest.raises(AttentionError, match="from 0 to 1") as caught:
        attend(*random_heads(1, 1, 2, 3), dropout=dropout)
    assert caught.value.code == "dropout_out_of_range"
