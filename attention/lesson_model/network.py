"""The lesson model: a decoder of two layers, built from the core's own attention.

Each layer adds to every position what its heads bring (attention) and what the position makes of it (a
multi-layer perceptron), both after a layer norm (pre-LN). Positions enter by rotating query and key before their
product (RoPE, Su et al. 2021). Two things are read at the end: the next token, and whether each word fits its sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import gelu

from attention.modules import RotaryAttention
from attention.steps import attend, causal_mask, merge_heads

Head = tuple[int, int]  # layer, head; both counted from 0
ROTARY_BASE = 100.0


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network. `vocabulary` counts its ids."""

    vocabulary: int
    d_model: int = 96
    n_heads: int = 4
    n_layers: int = 2


class Layer(nn.Module):
    """One layer: attention, then a perceptron four times as wide, each adding to what came in."""

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(d_model)
        self.attention = RotaryAttention(d_model, n_heads, base=ROTARY_BASE)
        self.mlp_norm = nn.LayerNorm(d_model)
        self.mlp_in = nn.Linear(d_model, 4 * d_model)
        self.mlp_out = nn.Linear(4 * d_model, d_model)

    def think(self, stream: Tensor) -> Tensor:
        """Add to each position [batch, position, d_model] what the perceptron makes of it."""
        added: Tensor = self.mlp_out(gelu(self.mlp_in(self.mlp_norm(stream))))
        return stream + added


class Pass(NamedTuple):
    """What one run of the network gives; `LessonModel.next_token` and `.misfit` read `final`."""

    final: Tensor  # [batch, position, d_model]
    weights: tuple[Tensor, ...]  # a layer, [batch, head, query, key]


class LessonModel(nn.Module):
    """The network. The same weights serve with a causal mask and without."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.d_model)
        self.layers = nn.ModuleList(Layer(shape.d_model, shape.n_heads) for _ in range(shape.n_layers))
        self.norm = nn.LayerNorm(shape.d_model)
        self.judge = nn.Linear(shape.d_model, 1)

    def forward(
        self,
        ids: Tensor,
        *,
        causal: bool = True,
        lengths: Tensor | None = None,
        off: Iterable[Head] = (),
        first_dropout: float = 0.0,
        generator: Generator | None = None,
    ) -> Pass:
        """Run on ids [batch, position].

        `lengths` [batch] says where each text ends, if they differ; `off` names heads whose output is struck out;
        `first_dropout` strikes out weights of the first layer, in training only.
        """
        n_positions = ids.shape[-1]
        mask = causal_mask(n_positions) if causal else torch.ones(n_positions, n_positions, dtype=torch.bool)
        if lengths is not None:
            mask = mask & (torch.arange(n_positions) < lengths.unsqueeze(1))[:, None, None]
        working = torch.ones(self.shape.n_layers, self.shape.n_heads)
        for number, head in off:
            working[number, head] = 0.0
        stream, weights = self.embedding(ids), []
        for number, layer in enumerate(self.each_layer()):
            attended = attend(
                *layer.attention.heads(layer.attention_norm(stream)),
                mask=mask,
                dropout=0.0 if number else first_dropout,
                generator=generator,
            )
            context = attended.context * working[number, :, None, None]
            stream = layer.think(stream + layer.attention.w_output(merge_heads(context)))
            weights.append(attended.weights)
        return Pass(self.norm(stream), tuple(weights))

    def each_layer(self) -> tuple[Layer, ...]:
        """Return the layers, first to last."""
        return tuple(layer for layer in self.layers if isinstance(layer, Layer))

    def next_token(self, final: Tensor) -> Tensor:
        """Return the logits [..., vocabulary] of the next token: how alike `final` is to its embedding."""
        return final @ self.embedding.weight.T

    def misfit(self, final: Tensor) -> Tensor:
        """Return the logit [...] that the word ending here does not fit its sentence, from `final` [..., d_model]."""
        judged: Tensor = self.judge(final)
        return judged.squeeze(-1)


def random_model(shape: Shape, seed: int) -> LessonModel:
    """Return a network before training: matrices drawn with variance 1 / their inputs, embeddings with 0.01."""
    generator = Generator().manual_seed(seed)
    model = LessonModel(shape)
    weights = model.state_dict()
    for name, weight in weights.items():
        if weight.ndim == 2:
            spread = 0.1 if name == "embedding.weight" else weight.shape[1] ** -0.5
            weights[name] = torch.randn(weight.shape, generator=generator) * spread
        elif name.endswith("bias"):
            weights[name] = torch.zeros_like(weight)
    model.load_state_dict(weights)
    return model
