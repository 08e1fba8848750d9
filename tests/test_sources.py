"""The source of numbers: the same on every machine, every step consistent, each switch with its one effect."""

from __future__ import annotations

import hashlib
import math
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Generator

from attention.config import MASK_MODES, AttentionConfig
from attention.modules import MultiHeadAttention
from attention.sources import random_attention, trace_attention, trace_random
from attention.steps import causal_mask, sinusoidal_positions
from attention.tokens import Tokens
from attention.trace import AttentionTrace, Floats
from attention.views import view_tokens, view_words

SMALL = AttentionConfig(n_heads=2, d_model=16)
configs = st.builds(
    AttentionConfig,
    n_heads=st.sampled_from([1, 2, 4, 8, 16]),
    d_model=st.sampled_from([16, 48]),
    causal=st.booleans(),
    mask_mode=st.sampled_from(MASK_MODES),
    scaled=st.booleans(),
    positions=st.booleans(),
    dropout=st.sampled_from([0.0, 0.3, 1.0]),
    training=st.booleans(),
    dropout_seed=st.integers(0, 2**31 - 1),
    seed=st.integers(0, 2**31 - 1),
)
many_ids = st.lists(st.integers(0, 199_999), min_size=1, max_size=24).map(tuple)


def numbered(ids: tuple[int, ...]) -> Tokens:
    """Return made-up tokens with the given ids, each a word of its own."""
    labels = tuple(map(str, ids))
    return Tokens(
        text=" ".join(labels),
        encoding="made up",
        labels=labels,
        ids=ids,
        pieces=tuple(label.encode() for label in labels),
        words=tuple(range(len(ids))),
        word_labels=labels,
    )


def assert_close(actual: Floats, expected: Floats | float, tolerance: float) -> None:
    """Fail unless the numbers agree to `tolerance`, absolute near 0 and relative beyond 1."""
    np.testing.assert_allclose(actual, expected, atol=tolerance, rtol=tolerance)


def trace_of(ids: tuple[int, ...], config: AttentionConfig) -> AttentionTrace:
    """Return the one layer of random weights."""
    return trace_random(numbered(ids), config).layers[0]


# --- Random weights ---------------------------------------------------------------------------------------------------


def drawn_by_numpy(n_numbers: int, variance: float, name: str) -> NDArray[np.float32]:
    """Draw as `sources` promises to, without torch: the low 24 bits of each draw of the Mersenne twister."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    draws = np.random.RandomState(seed).randint(0, 2**32, n_numbers, dtype=np.uint32)
    uniform = ((draws & 0xFFFFFF) / 2**24).astype(np.float32)
    return (2 * uniform - 1) * np.float32(math.sqrt(3 * variance))


@given(id_=st.integers(0, 200_000), seed=st.integers(0, 2**31 - 1))
def test_a_token_has_the_same_vector_on_every_machine(id_: int, seed: int) -> None:
    trace = trace_of((id_,), replace(SMALL, seed=seed, positions=False))
    assert np.array_equal(trace.embeddings[0, 0], drawn_by_numpy(16, 1.0, f"{seed}/token/{id_}"))


def test_the_matrices_are_the_same_on_every_machine() -> None:
    attention = random_attention(replace(SMALL, seed=5))
    stacked = drawn_by_numpy(3 * 16 * 16, 1 / 16, "5/w_query_key_value.weight").reshape(48, 16)
    assert np.array_equal(attention.w_query_key_value.weight.detach().numpy(), stacked)
    assert np.array_equal(
        attention.w_output.weight.detach().numpy(), drawn_by_numpy(256, 1 / 16, "5/w_output.weight").reshape(16, 16)
    )


def test_query_and_key_have_variance_near_one() -> None:
    trace = trace_of(tuple(range(200)), AttentionConfig(positions=False))
    assert trace.embeddings.var() == pytest.approx(1, abs=0.05)
    assert trace.query.var() == pytest.approx(1, abs=0.1)
    assert trace.key.var() == pytest.approx(1, abs=0.1)


def test_tracing_leaves_torchs_own_draws_alone() -> None:
    before = torch.get_rng_state()
    trace_of((1, 2, 3), replace(SMALL, dropout=0.5))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_repeated_token_is_told_apart_by_its_position_only() -> None:
    without = trace_of((7, 8, 7), replace(SMALL, positions=False)).embeddings[0]
    assert np.array_equal(without[0], without[2])
    with_positions = trace_of((7, 8, 7), SMALL).embeddings[0]
    assert_close(with_positions, without + sinusoidal_positions(3, 16).numpy(), 1e-6)


def test_another_seed_gives_other_numbers() -> None:
    assert not np.array_equal(trace_of((1, 2), SMALL).query, trace_of((1, 2), replace(SMALL, seed=1)).query)


def test_the_trace_says_where_its_numbers_come_from() -> None:
    traced = trace_random(tokens := numbered((1, 2)), SMALL)
    assert (traced.provenance, traced.tokens, len(traced.layers), traced.logits) == ("random", tokens, 1, None)


# --- Every step -------------------------------------------------------------------------------------------------------


@given(ids=many_ids, config=configs)
def test_every_step_follows_from_the_one_before(ids: tuple[int, ...], config: AttentionConfig) -> None:
    trace = trace_of(ids, config)
    n, d_head = len(ids), config.d_head
    assert trace.query.shape == trace.key.shape == trace.value.shape == (1, config.n_heads, n, d_head)
    assert trace.weights.shape == trace.kept.shape == (1, config.n_heads, n, n)
    assert np.array_equal(trace.mask, np.tri(n, dtype=bool) if config.causal else np.ones((n, n), dtype=bool))

    assert_close(trace.scores, np.einsum("bhqd,bhkd->bhqk", trace.query, trace.key), 1e-5)
    assert_close(trace.scaled_scores, trace.scores / (math.sqrt(d_head) if config.scaled else 1), 1e-5)
    masked_first = config.mask_mode == "before_softmax"
    given_to_softmax = np.where(trace.mask, trace.scaled_scores, -np.inf) if masked_first else trace.scaled_scores
    assert np.array_equal(trace.masked_scores, given_to_softmax)

    exponentials = np.exp(trace.masked_scores - trace.masked_scores.max(axis=-1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=-1, keepdims=True) * trace.mask
    if config.mask_mode == "renormalise":
        total = weights.sum(axis=-1, keepdims=True)
        weights = np.divide(weights, total, where=total > 0, out=np.zeros_like(weights))
    assert_close(trace.weights, weights, 1e-5)

    p = config.active_dropout
    survivors = trace.kept / (1 - p) if p < 1 else np.zeros_like(trace.weights)
    assert_close(trace.dropped_weights, trace.weights * survivors, 1e-5)
    assert_close(trace.context, trace.dropped_weights @ trace.value, 1e-5)
    merged = np.concatenate(list(trace.context[0]), axis=-1)
    w_output = random_attention(config).w_output.weight.detach().numpy()
    assert_close(trace.output[0], merged @ w_output.T, 1e-5)


@given(ids=many_ids, config=configs)
def test_nothing_in_a_trace_is_ever_nan(ids: tuple[int, ...], config: AttentionConfig) -> None:
    trace = trace_of(ids, config)
    assert not [field.name for field in fields(trace) if np.isnan(getattr(trace, field.name)).any()]


@pytest.mark.parametrize("bias", [False, True])
def test_the_trace_ends_where_the_module_does(bias: bool) -> None:  # noqa: FBT001  # a parameter of the test
    attention = MultiHeadAttention(16, 4, bias=bias).eval()
    embeddings = torch.randn(3, 7, 16)
    trace = trace_attention(attention, embeddings, AttentionConfig())
    assert_close(trace.output, attention(embeddings).detach().numpy(), 1e-6)
    assert trace.embeddings.shape == (3, 7, 16)


def test_a_trace_in_training_drops_what_the_module_drops() -> None:
    attention = MultiHeadAttention(16, 4, dropout=0.5).train()
    embeddings = torch.randn(1, 7, 16)
    trace = trace_attention(attention, embeddings, AttentionConfig(dropout=0.5, dropout_seed=3))
    output = attention(embeddings, generator=Generator().manual_seed(3))
    assert_close(trace.output, output.detach().numpy(), 1e-6)


# --- The switches -----------------------------------------------------------------------------------------------------


@given(ids=many_ids, config=configs)
def test_rows_sum_to_one_in_the_right_mode(ids: tuple[int, ...], config: AttentionConfig) -> None:
    weights = trace_of(ids, replace(config, mask_mode="before_softmax")).weights
    assert_close(weights.sum(axis=-1), 1, 1e-5)


@given(ids=many_ids, seed=st.integers(0, 1000))
def test_zeroing_after_the_softmax_leaves_the_allowed_share(ids: tuple[int, ...], seed: int) -> None:
    wrong = trace_of(ids, replace(SMALL, seed=seed, mask_mode="zero_after")).weights
    unmasked = trace_of(ids, replace(SMALL, seed=seed, causal=False)).weights
    assert_close(wrong, np.tril(unmasked), 1e-6)
    assert_close(wrong.sum(axis=-1), np.tril(unmasked).sum(axis=-1), 1e-6)


@given(ids=many_ids, seed=st.integers(0, 1000))
def test_renormalising_equals_the_right_way(ids: tuple[int, ...], seed: int) -> None:
    renormalised = trace_of(ids, replace(SMALL, seed=seed, mask_mode="renormalise")).weights
    assert_close(renormalised, trace_of(ids, replace(SMALL, seed=seed)).weights, 1e-6)


@pytest.mark.parametrize("mask_mode", ["zero_after", "renormalise"])
def test_a_row_whose_allowed_weights_underflow_is_zeros_and_only_a_division_leaves_it_undefined(mask_mode: str) -> None:
    attention = MultiHeadAttention(2, 1)
    attention.load_state_dict({"w_query_key_value.weight": torch.eye(2).repeat(3, 1), "w_output.weight": torch.eye(2)})
    embeddings = torch.tensor([[[20.0, 0.0], [40.0, 0.0]]])  # the first query scores 400 with itself, 800 with the next
    config = AttentionConfig(mask_mode=mask_mode, scaled=False)  # type: ignore[arg-type]  # a literal of the parameters
    trace = trace_attention(attention, embeddings, config)
    assert trace.weights[0, 0].tolist() == [[0, 0], [0, 1]]
    assert not [field.name for field in fields(trace) if np.isnan(getattr(trace, field.name)).any()]
    tokens, divided = numbered((1, 2)), mask_mode == "renormalise"
    assert view_tokens(trace, tokens).undefined.tolist() == [[divided, False]]
    one_word = replace(tokens, words=(0, 0), word_labels=("12",))
    assert view_words(trace, one_word).undefined.tolist() == [[divided]]
    right = trace_attention(attention, embeddings, replace(config, mask_mode="before_softmax"))
    assert not view_tokens(right, tokens).undefined.any()


@given(ids=st.lists(st.integers(0, 199_999), min_size=2, max_size=24).map(tuple), data=st.data())
def test_under_the_causal_mask_a_later_token_never_reaches_an_earlier_context(
    ids: tuple[int, ...], data: st.DataObject
) -> None:
    changed_from = data.draw(st.integers(1, len(ids) - 1))
    changed = ids[:changed_from] + tuple(id_ + 1 for id_ in ids[changed_from:])
    context = trace_of(ids, SMALL).context[:, :, :changed_from]
    assert np.array_equal(trace_of(changed, SMALL).context[:, :, :changed_from], context)
    assert_close(trace_of(ids[:changed_from], SMALL).context, context, 1e-6)


def test_the_first_row_under_the_causal_mask_looks_only_at_itself() -> None:
    for mask_mode in ("before_softmax", "renormalise"):
        weights = trace_of((1, 2, 3), replace(SMALL, mask_mode=mask_mode)).weights
        assert_close(weights[0, :, 0], np.array([[1.0, 0, 0]] * 2), 1e-6)


@given(ids=st.permutations([3, 1, 4, 1, 5, 9]))
def test_without_positions_and_mask_shuffling_the_tokens_shuffles_the_outputs(ids: list[int]) -> None:
    blind = replace(SMALL, positions=False, causal=False)
    order = np.argsort(ids, kind="stable")
    shuffled, sorted_ = trace_of(tuple(ids), blind), trace_of(tuple(sorted(ids)), blind)
    assert_close(shuffled.output[:, order], sorted_.output, 1e-5)


@pytest.mark.parametrize("sighted", [replace(SMALL, causal=False), replace(SMALL, positions=False)])
def test_positions_alone_or_the_mask_alone_tell_the_order(sighted: AttentionConfig) -> None:
    there, back = trace_of((1, 2, 3), sighted).output, trace_of((3, 2, 1), sighted).output
    assert np.abs(there - back[:, ::-1]).max() > 0.1


def test_scale_off_leaves_the_scores_alone() -> None:
    off, on = trace_of((1, 2, 3), replace(SMALL, scaled=False)), trace_of((1, 2, 3), SMALL)
    assert np.array_equal(off.scaled_scores, on.scores)
    assert_close(on.scaled_scores, on.scores / math.sqrt(8), 1e-6)


# --- Dropout ----------------------------------------------------------------------------------------------------------


def test_dropout_leaves_everything_before_it_alone() -> None:
    still, dropped = trace_of((1, 2, 3), SMALL), trace_of((1, 2, 3), replace(SMALL, dropout=0.5))
    for name in ("embeddings", "query", "key", "value", "scores", "scaled_scores", "masked_scores", "weights"):
        assert np.array_equal(getattr(still, name), getattr(dropped, name))
    assert not np.array_equal(still.dropped_weights, dropped.dropped_weights)
    assert not np.array_equal(still.output, dropped.output)


def test_the_dropout_seed_decides_what_is_struck_out() -> None:
    first, again, other = (
        trace_of((1, 2, 3, 4), replace(SMALL, dropout=0.5, dropout_seed=seed)).kept for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("config", [replace(SMALL, dropout=0.0), replace(SMALL, dropout=0.9, training=False)])
def test_without_dropout_or_at_inference_nothing_is_struck_out(config: AttentionConfig) -> None:
    trace = trace_of((1, 2, 3), config)
    assert trace.kept.all()
    assert np.array_equal(trace.dropped_weights, trace.weights)


def test_dropout_of_one_strikes_everything_out() -> None:
    trace = trace_of((1, 2, 3), replace(SMALL, dropout=1.0))
    assert not trace.kept.any()
    assert (trace.dropped_weights == 0).all()
    assert (trace.output == 0).all()


# --- A trace never changes --------------------------------------------------------------------------------------------


def test_a_trace_cannot_be_written_to() -> None:
    trace = trace_of((1, 2, 3), SMALL)
    with pytest.raises(FrozenInstanceError):
        trace.weights = trace.scores  # type: ignore[misc]  # wrong on purpose
    for field in fields(trace):
        with pytest.raises(ValueError, match="read-only"):
            getattr(trace, field.name)[...] = 0


def test_a_trace_does_not_follow_the_embeddings_it_was_given() -> None:
    embeddings = torch.ones(1, 2, 16, requires_grad=True)
    trace = trace_attention(random_attention(SMALL), embeddings, SMALL)
    with torch.no_grad():
        embeddings.mul_(0)
    assert (trace.embeddings == 1).all()


def test_a_mask_given_to_one_trace_is_not_the_mask_of_another() -> None:
    masks = [trace_of((1, 2, 3), SMALL).mask for _ in range(2)]
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[0], causal_mask(3).numpy())
