"""A network of nothing but attention: layers of the core's own heads, each adding to what came in."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from attention.induction.settings import ALPHABET, D_MODEL, TrainingSettings
from attention.modules import RotaryAttention
from attention.steps import attend, causal_mask, merge_heads


class Layer(nn.Module):
    """Attention over normalised vectors, added to the vectors themselves."""

    def __init__(self, n_heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(D_MODEL)
        self.attention = RotaryAttention(D_MODEL, n_heads)

    def forward(self, stream: Tensor) -> tuple[Tensor, Tensor]:
        """Map [batch, position, d_model] to the same shape, and give the weights [batch, head, query, key]."""
        attended = attend(*self.attention.heads(self.norm(stream)), mask=causal_mask(stream.shape[1]))
        return stream + self.attention.w_output(merge_heads(attended.context)), attended.weights


class InductionNetwork(nn.Module):
    """Embeddings, layers of attention, and the logits of the next token."""

    def __init__(self, n_layers: int, n_heads: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(ALPHABET), D_MODEL)
        self.layers = nn.ModuleList(Layer(n_heads) for _ in range(n_layers))
        self.norm = nn.LayerNorm(D_MODEL)
        self.next_token = nn.Linear(D_MODEL, len(ALPHABET), bias=False)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Map ids [batch, position] to logits [batch, position, token] and weights [layer, batch, head, query, key]."""
        stream, all_weights = self.embedding(ids), []
        for layer in self.layers:
            stream, weights = layer(stream)
            all_weights.append(weights)
        return self.next_token(self.norm(stream)), torch.stack(all_weights)


def random_network(settings: TrainingSettings, generator: Generator) -> InductionNetwork:
    """Return a network before training: embeddings of variance 1, each matrix of variance 1 / its inputs."""
    with torch.device("meta"):
        network = InductionNetwork(settings.n_layers, settings.n_heads)
    drawn = {name: _draw(name, tuple(weight.shape), generator) for name, weight in network.state_dict().items()}
    network.load_state_dict(drawn, assign=True)
    return network


def _draw(name: str, shape: tuple[int, ...], generator: Generator) -> Tensor:
    if len(shape) == 1:  # a layer norm's
        return torch.ones(shape) if name.endswith("weight") else torch.zeros(shape)
    spread = 1.0 if name == "embedding.weight" else shape[1] ** -0.5
    return torch.randn(shape, generator=generator) * spread
