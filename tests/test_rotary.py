"""Rotary positions: turned by complex numbers instead, and scores that know distances only."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from attention.errors import AttentionError
from attention.modules import MultiHeadAttention, RotaryAttention
from attention.steps import attend, causal_mask, dot_scores, rotate


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


def by_complex_numbers(vectors: Tensor, base: float) -> Tensor:
    """Multiply each pair, read as one complex number, by e^(i · position · frequency)."""
    n_positions, d_head = vectors.shape[-2:]
    half = d_head // 2
    pairs = torch.complex(vectors[..., :half], vectors[..., half:])
    angles = torch.tensor([[p * base ** (-2 * k / d_head) for k in range(half)] for p in range(n_positions)])
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.cat((turned.real, turned.imag), dim=-1)


@given(n_positions=st.integers(1, 20), half=st.integers(1, 16), base=st.floats(2, 100_000), seed=st.integers(0, 1000))
def test_rotating_is_multiplying_complex_numbers(n_positions: int, half: int, base: float, seed: int) -> None:
    vectors = drawn(2, 3, n_positions, 2 * half, seed=seed)
    expected = by_complex_numbers(vectors, base)
    torch.testing.assert_close(rotate(vectors, base), expected, atol=1e-5, rtol=1e-5)


def test_rotating_keeps_lengths_and_leaves_the_first_position_alone() -> None:
    vectors = drawn(1, 2, 9, 8)
    torch.testing.assert_close(rotate(vectors).norm(dim=-1), vectors.norm(dim=-1))
    assert torch.equal(rotate(vectors)[..., 0, :], vectors[..., 0, :])


def test_scores_depend_on_the_distance_only() -> None:
    query = drawn(1, 1, 1, 8).expand(1, 1, 12, 8)  # one vector at every position
    key = drawn(1, 1, 1, 8, seed=1).expand(1, 1, 12, 8)
    scores = dot_scores(rotate(query), rotate(key))[0, 0]
    for distance in range(-11, 12):
        along = scores.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand_as(along))
    assert not torch.allclose(scores[5, 4], scores[5, 3])


def test_rotary_attention_is_many_heads_with_query_and_key_rotated() -> None:
    rotary = RotaryAttention(8, 2, base=100.0).double()
    plain = MultiHeadAttention(8, 2).double()
    plain.load_state_dict(rotary.state_dict())
    embeddings = drawn(2, 5, 8)
    query, key, value = plain.heads(embeddings)
    ours = rotary.heads(embeddings)
    for got, expected in zip(ours, (rotate(query, 100.0), rotate(key, 100.0), value), strict=True):
        assert torch.equal(got, expected)
    context = attend(*ours, mask=causal_mask(5)).context.transpose(1, 2).flatten(2)
    torch.testing.assert_close(rotary(embeddings), context @ rotary.w_output.weight.T)


def test_heads_of_odd_width_are_refused() -> None:
    with pytest.raises(AttentionError, match="must be even") as caught:
        RotaryAttention(6, 2)
    assert caught.value.code == "odd_head_width"
