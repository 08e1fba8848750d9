"""The sources of numbers: each turns tokens into a `ModelTrace` and says where its numbers come from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from attention.config import AttentionConfig
from attention.modules import MultiHeadAttention, RotaryAttention
from attention.steps import (
    causal_mask,
    dot_scores,
    draw_kept,
    drop_weights,
    mask_scores,
    merge_heads,
    mix_values,
    renormalise_rows,
    scale_scores,
    sinusoidal_positions,
    softmax_rows,
    zero_masked,
)
from attention.tokens import Tokens
from attention.trace import AttentionTrace, Floats, HeadMatrices, HeadWeights, LongTrace, ModelTrace, QueriesKeys


@dataclass(frozen=True, eq=False, slots=True)
class _Weighed:
    """The steps from queries and keys to weights; [batch, head, query, key] unless it says otherwise."""

    scores: Tensor
    scaled_scores: Tensor
    mask: Tensor  # [query, key]
    masked_scores: Tensor
    weights: Tensor
    undefined: Tensor  # [batch, head, query]
    kept: Tensor
    dropped_weights: Tensor


def _weigh(query: Tensor, key: Tensor, config: AttentionConfig, generator: Generator) -> _Weighed:
    """Return every step from queries and keys, [batch, head, position, d_head], to weights after dropout."""
    n_positions, d_head = query.shape[-2:]
    mask = causal_mask(n_positions) if config.causal else torch.ones(n_positions, n_positions, dtype=torch.bool)
    masked_first = config.causal and config.mask_mode == "before_softmax"

    scores = dot_scores(query, key)
    scaled_scores = scale_scores(scores, 1.0 / math.sqrt(d_head)) if config.scaled else scores
    masked_scores = mask_scores(scaled_scores, mask) if masked_first else scaled_scores
    weights = softmax_rows(masked_scores)
    undefined = torch.zeros(weights.shape[:-1], dtype=torch.bool)
    if config.causal and not masked_first:
        weights = zero_masked(weights, mask)
        if config.mask_mode == "renormalise":
            undefined = weights.sum(dim=-1) == 0
            weights = renormalise_rows(weights)
    if config.active_dropout > 0.0:
        kept = draw_kept(weights, config.active_dropout, generator)
        dropped_weights = drop_weights(weights, kept, config.active_dropout)
    else:
        kept = torch.ones(weights.shape, dtype=torch.bool)
        dropped_weights = weights
    return _Weighed(scores, scaled_scores, mask, masked_scores, weights, undefined, kept, dropped_weights)


@torch.inference_mode()
def trace_attention(attention: MultiHeadAttention, embeddings: Tensor, config: AttentionConfig) -> AttentionTrace:
    """Run one layer on embeddings [batch, position, d_model] and keep every step.

    The numbers of heads and dimensions are the layer's own; of `config` only the switches count: mask and its
    mode, scale, dropout. Dropout acts on these weights with the layer's inputs held.
    """
    query, key, value = attention.heads(embeddings)
    steps = _weigh(query, key, config, Generator().manual_seed(config.dropout_seed))
    context = mix_values(steps.dropped_weights, value)
    output = attention.w_output(merge_heads(context))

    return AttentionTrace(
        embeddings=embeddings.clone().numpy(),  # the caller may write to its own
        query=query.numpy(),
        key=key.numpy(),
        value=value.numpy(),
        scores=steps.scores.numpy(),
        scaled_scores=steps.scaled_scores.numpy(),
        mask=steps.mask.numpy(),
        masked_scores=steps.masked_scores.numpy(),
        weights=steps.weights.numpy(),
        undefined=steps.undefined.numpy(),
        kept=steps.kept.numpy(),
        dropped_weights=steps.dropped_weights.numpy(),
        context=context.numpy(),
        output=output.numpy(),
    )


@torch.inference_mode()
def weigh_heads(layer: QueriesKeys, config: AttentionConfig, heads: Sequence[int]) -> Iterator[HeadWeights]:
    """Yield the weights of some heads of a layer, one head at a time, so that no two are in memory at once.

    They are those of `trace_attention` up to rounding, and with the same draw of dropout: the heads before one draw
    their share of the random numbers and let it go.
    """
    generator = Generator().manual_seed(config.dropout_seed)
    for head in range(max(heads, default=-1) + 1):
        if head in heads:
            query, key = (torch.tensor(part[:, head : head + 1]) for part in (layer.query, layer.key))
            steps = _weigh(query, key, config, generator)
            yield HeadWeights(
                mask=steps.mask.numpy(),
                weights=steps.weights.numpy(),
                undefined=steps.undefined.numpy(),
                kept=steps.kept.numpy(),
                dropped_weights=steps.dropped_weights.numpy(),
            )
        elif config.active_dropout > 0.0:
            n_positions = layer.query.shape[-2]
            torch.rand((n_positions, n_positions), generator=generator)


def trace_random(tokens: Tokens, config: AttentionConfig) -> ModelTrace:
    """Trace one layer of seeded random weights: every number is real, none of them means anything.

    The same seed gives the same vectors on every machine: they are drawn uniformly (exact in floating
    point, where a normal draw depends on the machine's mathematics library), with variance 1 for an embedding and
    1/d_model for a weight, so that query and key have variance near 1 too. A token's vector depends only on its
    id, so a repeated token has equal vectors, told apart by positions alone.
    """
    layer = trace_attention(random_attention(config), _enter(tokens, config), config)
    return ModelTrace(tokens=tokens, provenance="random", layers=(layer,))


@torch.inference_mode()
def outline_random(tokens: Tokens, config: AttentionConfig) -> LongTrace:
    """Return what the weights of `trace_random` are computed from, for a text too long to keep them all."""
    query, key, _ = random_attention(config).heads(_enter(tokens, config))
    return LongTrace(tokens=tokens, provenance="random", layers=(QueriesKeys(query.numpy(), key.numpy()),))


def _enter(tokens: Tokens, config: AttentionConfig) -> Tensor:
    """Return the random source's input vectors, [batch, position, d_model]."""
    embeddings = embed_random(tokens, config)
    if config.positions:
        embeddings = embeddings + sinusoidal_positions(len(tokens), config.d_model)
    return embeddings.unsqueeze(0)


def embed_random(tokens: Tokens, config: AttentionConfig) -> Tensor:
    """Return the drawn vector of each token, [position, d_model], before positions are added."""
    return torch.stack([_uniform((config.d_model,), 1.0, config.seed, "token", id_) for id_ in tokens.ids])


def random_attention(config: AttentionConfig) -> MultiHeadAttention:
    """Return a multi-head layer with the seeded random weights of `config`, without touching torch's own draws."""
    with torch.device("meta"):
        attention = MultiHeadAttention(config.d_model, config.n_heads)
    weights = {
        name: _uniform(tuple(weight.shape), 1.0 / config.d_model, config.seed, name)
        for name, weight in attention.state_dict().items()
    }
    attention.load_state_dict(weights, assign=True)
    return attention


def random_output_matrix(config: AttentionConfig) -> Floats:
    """Return Wo of the random layer, [d_model out, d_model in]; the columns of a head stand side by side."""
    return random_attention(config).w_output.weight.detach().numpy()


def head_matrices(attention: MultiHeadAttention, head: int) -> HeadMatrices:
    """Return the slices of Wq, Wk and Wv that make the query, key and value of `head`, [d_model, d_head]."""
    query, key, value = (
        matrix.detach().chunk(attention.n_heads)[head].T.numpy()
        for matrix in (attention.w_query, attention.w_key, attention.w_value)
    )
    return HeadMatrices(query, key, value, rotated=isinstance(attention, RotaryAttention))


def random_matrices(config: AttentionConfig, head: int) -> HeadMatrices:
    """Return the matrices of one head of the random source."""
    return head_matrices(random_attention(config), head)


def _uniform(shape: tuple[int, ...], variance: float, *name: object) -> Tensor:
    """Draw uniformly around 0 with the given variance; what is drawn depends on `name` alone."""
    seed = int.from_bytes(hashlib.blake2b("/".join(map(str, name)).encode(), digest_size=4).digest(), "big")
    half_width = math.sqrt(3.0 * variance)
    return (2.0 * torch.rand(shape, generator=Generator().manual_seed(seed)) - 1.0) * half_width
