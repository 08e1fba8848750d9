"""A network of nothing but attention: layers of the core's own heads, each adding to what came in."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from attention.induction.settings import ALPHABET, D_MODEL, TrainingSettings
from attention.modules import RotaryAttention
from attention.steps import attend, causal_mask, merge_heads


class InductionNetwork(nn.Module):
    """Embeddings, attention layers with a layer norm before each, and the logits of the next token."""

    def __init__(self, n_layers: int, n_heads: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(ALPHABET), D_MODEL)
        self.norms = nn.ModuleList(nn.LayerNorm(D_MODEL) for _ in range(n_layers))
        self.layers = nn.ModuleList(RotaryAttention(D_MODEL, n_heads) for _ in range(n_layers))
        self.last_norm = nn.LayerNorm(D_MODEL)
        self.next_token = nn.Linear(D_MODEL, len(ALPHABET), bias=False)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Map ids [batch, position] to logits [batch, position, token] and weights [layer, batch, head, query, key]."""
        stream, weights, mask = self.embedding(ids), [], causal_mask(ids.shape[1])
        for norm, layer in zip(self.norms, self.layers, strict=True):
            attended = attend(*layer.heads(norm(stream)), mask=mask)
            stream = stream + layer.w_output(merge_heads(attended.context))
            weights.append(attended.weights)
        return self.next_token(self.last_norm(stream)), torch.stack(weights)


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
