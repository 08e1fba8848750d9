"""Weights by token and by word: the sums that must hold, and an independent loop over the pairs of pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import MASK_MODES, AttentionConfig
from attention.sources import trace_random
from attention.tokens import Tokens
from attention.trace import AttentionTrace
from attention.views import Cell, WeightsView, join_heads, view_tokens, view_words


def tokens_in_words(pieces_of_each_word: list[int]) -> Tokens:
    """Return made-up tokens, one word after the other, a word cut into the given number of pieces."""
    words = [word for word, n_pieces in enumerate(pieces_of_each_word) for _ in range(n_pieces)]
    return Tokens(
        text="-",
        encoding="made up",
        labels=tuple(f"t{position}" for position in range(len(words))),
        ids=tuple(range(len(words))),
        pieces=tuple(b"-" for _ in words),
        words=tuple(words),
        word_labels=tuple(f"w{word}" for word in range(len(pieces_of_each_word))),
    )


def trace_of(tokens: Tokens, config: AttentionConfig) -> AttentionTrace:
    """Return the one layer of random weights."""
    return trace_random(tokens, config).layers[0]


groupings = st.lists(st.integers(1, 4), min_size=1, max_size=6)
configs = st.builds(
    AttentionConfig,
    n_heads=st.just(2),
    d_model=st.just(8),
    causal=st.booleans(),
    mask_mode=st.sampled_from(MASK_MODES),
    dropout=st.sampled_from([0.0, 0.3, 0.8, 1.0]),
    dropout_seed=st.integers(0, 100),
    seed=st.integers(0, 100),
)


@given(groupings, configs)
def test_tokens_show_the_trace_itself(grouping: list[int], config: AttentionConfig) -> None:
    tokens = tokens_in_words(grouping)
    trace = trace_of(tokens, config)
    view = view_tokens(trace, tokens)
    assert view.labels == tokens.labels
    assert (view.n_heads, view.grouped) == (2, False)
    assert np.array_equal(view.before_dropout, trace.weights[0])
    assert np.array_equal(view.weights, trace.dropped_weights[0])
    for head, row, column in np.ndindex(view.cells.shape):
        seen = Cell.SEEN if trace.kept[0, head, row, column] else Cell.DROPPED
        assert view.cells[head, row, column] == (seen if trace.mask[row, column] else Cell.MASKED)


@given(groupings, configs)
def test_words_equal_a_loop_over_their_pieces(grouping: list[int], config: AttentionConfig) -> None:
    tokens = tokens_in_words(grouping)
    trace = trace_of(tokens, config)
    view = view_words(trace, tokens)
    assert (view.labels, view.grouped) == (tokens.word_labels, True)
    for head, row, column in np.ndindex(view.weights.shape):
        queries = [position for position, word in enumerate(tokens.words) if word == row]
        keys = [position for position, word in enumerate(tokens.words) if word == column]
        pairs = [(query, key) for query in queries for key in keys]
        allowed = [pair for pair in pairs if trace.mask[pair]]
        kept = [pair for pair in allowed if trace.kept[0, head][pair]]
        for shown, pieces in ((view.before_dropout, trace.weights), (view.weights, trace.dropped_weights)):
            mean_of_sums = np.mean([sum(float(pieces[0, head, query, key]) for key in keys) for query in queries])
            assert shown[head, row, column] == pytest.approx(mean_of_sums, abs=1e-12)
        if not allowed:
            expected = Cell.MASKED
        elif not kept:
            expected = Cell.DROPPED
        else:
            expected = Cell.SEEN if len(allowed) == len(pairs) else Cell.MIXED
        assert view.cells[head, row, column] == expected


@given(groupings, st.booleans(), st.integers(0, 100))
def test_undropped_rows_of_words_sum_to_one(grouping: list[int], causal: bool, seed: int) -> None:  # noqa: FBT001  # drawn
    tokens = tokens_in_words(grouping)
    trace = trace_of(tokens, AttentionConfig(n_heads=2, d_model=8, causal=causal, seed=seed))
    assert view_words(trace, tokens).row_sums == pytest.approx(1, abs=1e-6)


@given(groupings, configs)
def test_dropped_rows_of_words_keep_the_mean_of_their_pieces_sums(grouping: list[int], config: AttentionConfig) -> None:
    tokens = tokens_in_words(grouping)
    trace = trace_of(tokens, config)
    by_token, by_word = view_tokens(trace, tokens), view_words(trace, tokens)
    for word in range(len(grouping)):
        mean = by_token.row_sums[:, np.equal(tokens.words, word)].mean(axis=-1)
        assert by_word.row_sums[:, word] == pytest.approx(mean, abs=1e-5)


def test_words_of_one_token_are_the_tokens() -> None:
    tokens = tokens_in_words([1, 1, 1])
    trace = trace_of(tokens, AttentionConfig(n_heads=2, d_model=8, dropout=0.5))
    by_token, by_word = view_tokens(trace, tokens), view_words(trace, tokens)
    assert np.array_equal(by_word.weights, by_token.weights)
    assert np.array_equal(by_word.cells, by_token.cells)


def test_only_the_diagonal_of_a_word_in_pieces_is_mixed_under_the_causal_mask() -> None:
    tokens = tokens_in_words([1, 2])
    view = view_words(trace_of(tokens, AttentionConfig(n_heads=1, d_model=8)), tokens)
    assert view.cells[0].tolist() == [[Cell.SEEN, Cell.MASKED], [Cell.SEEN, Cell.MIXED]]


def test_a_word_is_struck_out_when_every_pair_it_may_see_is() -> None:
    tokens = tokens_in_words([2])
    trace = trace_of(tokens, AttentionConfig(n_heads=1, d_model=8))
    struck_out = replace(trace, kept=~trace.mask[None, None], dropped_weights=np.zeros_like(trace.weights))
    assert view_words(struck_out, tokens).cells.tolist() == [[[Cell.DROPPED]]]


def test_a_word_is_undefined_as_soon_as_one_of_its_pieces_is() -> None:
    tokens = tokens_in_words([1, 3, 1])
    trace = trace_of(tokens, AttentionConfig(n_heads=2, d_model=8))
    undefined = np.zeros_like(trace.undefined)
    undefined[0, 1, 2] = True
    view = view_words(replace(trace, undefined=undefined), tokens)
    assert view.undefined.tolist() == [[False, False, False], [False, True, False]]


@pytest.mark.parametrize("view_of", [view_tokens, view_words])
def test_a_view_cannot_be_written_to(view_of: Callable[[AttentionTrace, Tokens], WeightsView]) -> None:
    tokens = tokens_in_words([1, 2])
    view = view_of(trace_of(tokens, AttentionConfig(n_heads=1, d_model=8)), tokens)
    for array in (view.before_dropout, view.weights, view.cells, view.undefined):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_joined_views_hold_the_heads_of_each_in_turn() -> None:
    tokens = tokens_in_words([1, 2])
    views = [view_tokens(trace_of(tokens, AttentionConfig(n_heads=2, d_model=8, seed=seed)), tokens) for seed in (0, 1)]
    joined = join_heads(views)
    assert (joined.n_heads, joined.labels, joined.grouped) == (4, tokens.labels, False)
    for head in range(4):
        layer, own = divmod(head, 2)
        for name in ("before_dropout", "weights", "cells", "undefined"):
            assert np.array_equal(getattr(joined, name)[head], getattr(views[layer], name)[own])
