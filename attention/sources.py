"""Where numbers come from: each source turns tokens into a `ModelTrace` and says what its numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attention.tokens import Tokens
from attention.trace import AttentionTrace, Floats

Provenance = Literal["random"]
"""`random`: seeded weights nobody trained. The numbers are real; they mean nothing."""


@dataclass(frozen=True, eq=False, slots=True)
class ModelTrace:
    """What one model did with one text: a trace for each layer, and the next-token logits if it has them."""

    tokens: Tokens
    provenance: Provenance
    layers: tuple[AttentionTrace, ...]
    logits: Floats | None = None  # [batch, position, vocabulary]
