"""The mathematics of attention, one pure function a step; read it from top to bottom.

Scaled dot-product attention is that of "Attention Is All You Need" (Vaswani et al. 2017, section 3.2). Axes are
always `[batch, head, query, key]`: the row (query) looks, the column (key) is looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from attention.errors import AttentionError


def sinusoidal_positions(n_positions: int, d_model: int) -> Tensor:
    """Return the position vectors added to the embeddings, [position, d_model], values in [-1, 1].

    Even columns are sines, odd columns cosines, of wavelengths from 2π to 10,000·2π (Vaswani et al. 2017, 3.5).
    """
    position = torch.arange(n_positions).unsqueeze(1)
    frequency = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10_000.0) / d_model))
    angle = position * frequency  # [position, ⌈d_model / 2⌉]
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)[:, :d_model]


def rotate(vectors: Tensor, base: float = 10_000.0) -> Tensor:
    """Turn pair k of each vector [batch, head, position, d_head] by the angle position · base^(−2k/d_head).

    The dot product of two vectors so turned depends on how far apart they stand, not on where. Pair k is made of
    components k and k + d_head/2; d_head is even. Source: RoPE, Su et al. 2021, equation 34.
    """
    n_positions, d_head = vectors.shape[-2:]
    frequency = base ** (-torch.arange(0, d_head, 2, device=vectors.device, dtype=vectors.dtype) / d_head)
    position = torch.arange(n_positions, device=vectors.device, dtype=vectors.dtype)
    angle = position.unsqueeze(1) * frequency  # [position, d_head / 2]
    first, second = vectors.chunk(2, dim=-1)
    cos, sin = angle.cos(), angle.sin()
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)


def split_heads(vectors: Tensor, n_heads: int) -> Tensor:
    """Cut [batch, position, d_model] into [batch, head, position, d_head]: each head gets its own slice."""
    batch, n_positions, d_model = vectors.shape
    return vectors.view(batch, n_positions, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(vectors: Tensor) -> Tensor:
    """Put [batch, head, position, d_head] back together as [batch, position, d_model]."""
    return vectors.transpose(1, 2).flatten(2)


def dot_scores(query: Tensor, key: Tensor) -> Tensor:
    """Return how well each query matches each key: their dot products, [batch, head, query, key]."""
    return query @ key.mT


def scale_scores(scores: Tensor, scale: float) -> Tensor:
    """Multiply the scores by `scale`, 1/√d_head unless someone switched it off with 1.

    The dot product of two d_head-dimensional vectors of independent components of variance 1 has variance d_head;
    without this, softmax saturates as heads grow wide.
    """
    return scores * scale


def causal_mask(n_positions: int) -> Tensor:
    """Return the mask of a decoder, [query, key]: True (may look) on and below the diagonal."""
    return torch.ones(n_positions, n_positions, dtype=torch.bool).tril()


def mask_scores(scores: Tensor, mask: Tensor) -> Tensor:
    """Put -∞ where `mask` (broadcastable, True = may look) says no: after softmax that is a weight of exactly 0."""
    return torch.where(mask, scores, -math.inf)


def softmax_rows(scores: Tensor) -> Tensor:
    """Turn each row of scores into weights that are positive and sum to 1, over the key axis."""
    return torch.softmax(scores, dim=-1)


def zero_masked(weights: Tensor, mask: Tensor) -> Tensor:
    """Put 0 where `mask` says no, after the softmax: the wrong way, whose rows no longer sum to 1."""
    return torch.where(mask, weights, 0.0)


def renormalise_rows(weights: Tensor) -> Tensor:
    """Divide each row by its sum. A row of zeros is 0/0, has no answer, and stays a row of zeros."""
    total = weights.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, weights / total, 0.0)


def draw_kept(weights: Tensor, dropout: float, generator: Generator | None) -> Tensor:
    """Draw which weights survive dropout: True with probability 1 - `dropout`, the shape of `weights`."""
    return torch.rand(weights.shape, generator=generator, device=weights.device) >= dropout


def drop_weights(weights: Tensor, kept: Tensor, dropout: float) -> Tensor:
    """Strike out what was not `kept` and multiply survivors by 1/(1 - dropout), so that the expected value stays.

    Rows no longer sum to 1, and a row can lose everything (Srivastava et al. 2014; on attention as in Vaswani et al.).
    """
    return torch.where(kept, weights / (1.0 - dropout), 0.0) if dropout < 1.0 else torch.zeros_like(weights)


def mix_values(weights: Tensor, value: Tensor) -> Tensor:
    """Return the context vectors, [batch, head, query, d_head]: each row's mean of the values, by its weights."""
    return weights @ value


@dataclass(frozen=True, eq=False, slots=True)
class Attended:
    """What `attend` computed, every step of it; all but `context` are [batch, head, query, key]."""

    scores: Tensor
    scaled_scores: Tensor
    masked_scores: Tensor
    weights: Tensor
    dropped_weights: Tensor
    context: Tensor  # [batch, head, query, d_head]


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Tensor | None = None,
    scale: float | None = None,
    dropout: float = 0.0,
    generator: Generator | None = None,
) -> Attended:
    """Compute scaled dot-product attention the right way, and return every step.

    Args:
        query: [batch, head, query, d_head], who looks.
        key: [batch, head, key, d_head], who is looked at.
        value: [batch, head, key, d_value], what is carried.
        mask: Boolean, broadcastable to [batch, head, query, key], True = may look; None lets everyone look everywhere.
        scale: Factor of the scores; None means 1/√d_head.
        dropout: Probability, from 0 to 1, that a weight is struck out.
        generator: Where dropout draws from; None is torch's own.

    A row that may look nowhere has weights and context of zeros, never NaN.

    Raises AttentionError `shapes_do_not_match` (query, key and value do not fit together), `mask_not_boolean`,
    `mask_does_not_fit` and `dropout_out_of_range`.

    Source: Vaswani et al. 2017, equation 1. Agrees with `torch.nn.functional.scaled_dot_product_attention`.
    """
    _check(query, key, value, mask, dropout)
    scores = dot_scores(query, key)
    scaled_scores = scale_scores(scores, 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale)
    masked_scores = scaled_scores if mask is None else mask_scores(scaled_scores, mask)
    weights = softmax_rows(masked_scores)
    if mask is not None and math.isnan(weights.detach().sum()):  # softmax of nothing but -∞ is NaN
        looks_somewhere = mask.any(dim=-1, keepdim=True)
        finite_scores = torch.where(looks_somewhere, masked_scores, 0.0)
        weights = torch.where(looks_somewhere, softmax_rows(finite_scores), 0.0)
    dropped_weights = (
        drop_weights(weights, draw_kept(weights, dropout, generator), dropout) if dropout > 0.0 else weights
    )
    return Attended(scores, scaled_scores, masked_scores, weights, dropped_weights, mix_values(dropped_weights, value))


def weights_and_context(
    query: Tensor, key: Tensor, value: Tensor, *, mask: Tensor | None = None, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """Return only the weights and the context of `attend`, for a view that needs no other step.

    Cheaper because product, scale and mask are one pass over the scores instead of three. Shapes as in
    `attend`; every query must be allowed to look somewhere.
    """
    shape = (*query.shape[:-1], key.shape[-2])  # [batch, head, query, key]
    masking = query.new_zeros(()) if mask is None else torch.where(mask, 0.0, -math.inf).type_as(query)
    masked_scores = torch.baddbmm(
        masking.expand(shape).flatten(0, 1),
        query.flatten(0, 1),
        key.flatten(0, 1).mT,
        alpha=1.0 / math.sqrt(query.shape[-1]) if scale is None else scale,
    )
    weights = softmax_rows(masked_scores).view(shape)
    return weights, mix_values(weights, value)


def _check(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float) -> None:
    q, k, v = tuple(query.shape), tuple(key.shape), tuple(value.shape)
    if not (len(q) == len(k) == len(v) == 4 and q[:2] == k[:2] == v[:2] and q[3] == k[3] and k[2] == v[2]):
        raise AttentionError(
            "shapes_do_not_match",
            "query, key and value must be [batch, head, position, d] with the same batch and head, query and key of "
            f"the same d, key and value of the same length; they are {q}, {k} and {v}.",
            query=q,
            key=k,
            value=v,
        )
    if mask is not None and mask.dtype != torch.bool:
        raise AttentionError(
            "mask_not_boolean",
            f"mask must be boolean, True where a query may look, and it is {mask.dtype}; write mask.bool() if True "
            "means that.",
            dtype=str(mask.dtype),
        )
    if mask is not None and not _broadcasts(m := tuple(mask.shape), wanted := (*q[:3], k[2])):
        raise AttentionError(
            "mask_does_not_fit",
            f"mask must broadcast to [batch, head, query, key] = {wanted}, and it is {m}.",
            mask=m,
            wanted=wanted,
        )
    if not 0.0 <= dropout <= 1.0:
        raise AttentionError(
            "dropout_out_of_range",
            f"dropout must be a probability from 0 to 1, and it is {dropout}.",
            dropout=dropout,
        )


def _broadcasts(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    last = wanted[len(wanted) - len(shape) :]
    if shape == last:  # the usual case, six times as fast as asking axis by axis
        return True
    return len(shape) <= len(wanted) and all(have in (1, want) for have, want in zip(shape, last, strict=True))
