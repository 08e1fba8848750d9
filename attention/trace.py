"""What flows from a source of numbers to every screen: computed once, drawn many times.

`AttentionTrace` is one attention layer with every number it went through; `ModelTrace` is all the layers of one
model for one text. Nothing here needs torch, so that a screen can show a stored trace without waiting for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attention.tokens import Tokens

Floats = NDArray[np.floating[Any]]
Booleans = NDArray[np.bool_]
Provenance = Literal["random", "lesson"]
"""Where numbers come from.

- `random`: seeded weights nobody trained; the numbers are real, they mean nothing.
- `lesson`: the small model of `attention.lesson_model`, trained by us; what it does is measured.
"""


@dataclass(frozen=True, eq=False, slots=True)
class AttentionTrace:
    """One layer of attention, step by step, as read-only NumPy arrays.

    Every field is always there: without a mask `mask` is all True, without dropout
    `dropped_weights` equals `weights`, one head is an axis of length 1. `mask` and `kept` say True where
    a query may look and where dropout spared a weight.

    torch computes and NumPy shows: a figure, a table or a download needs numbers, not gradients, and a
    NumPy array can be made truly read-only.
    """

    embeddings: Floats  # [batch, position, d_model], positions already added
    query: Floats  # [batch, head, position, d_head]
    key: Floats  # [batch, head, position, d_head]
    value: Floats  # [batch, head, position, d_head]
    scores: Floats  # [batch, head, query, key]
    scaled_scores: Floats  # [batch, head, query, key]
    mask: Booleans  # [query, key], True = may look
    masked_scores: Floats  # [batch, head, query, key], what the softmax was given: -inf where it was masked first
    weights: Floats  # [batch, head, query, key], what was used before dropout
    undefined: Booleans  # [batch, head, query], True = the row was divided by a sum of 0: it is 0/0, stored as zeros
    kept: Booleans  # [batch, head, query, key], True = dropout spared it
    dropped_weights: Floats  # [batch, head, query, key], after dropout
    context: Floats  # [batch, head, query, d_head]
    output: Floats  # [batch, query, d_model]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)


@dataclass(frozen=True, eq=False, slots=True)
class HeadMatrices:
    """The learned matrices of one head, [d_model, d_head]: an input vector times each gives query, key and value.

    Where `rotated`, query and key are then turned by their position, before they meet.
    """

    query: Floats
    key: Floats
    value: Floats
    rotated: bool


@dataclass(frozen=True, eq=False, slots=True)
class ModelTrace:
    """What one model did with one text: a trace for each layer, and the next-token logits if it has them."""

    tokens: Tokens
    provenance: Provenance
    layers: tuple[AttentionTrace, ...]
    logits: Floats | None = None  # [batch, position, vocabulary]


@dataclass(frozen=True, eq=False, slots=True)
class HeadWeights:
    """The weights of one head and what became of them; fields as in `AttentionTrace`, the axis of heads of length 1."""

    mask: Booleans  # [query, key]
    weights: Floats  # [batch, 1, query, key]
    undefined: Booleans  # [batch, 1, query]
    kept: Booleans  # [batch, 1, query, key]
    dropped_weights: Floats  # [batch, 1, query, key]


@dataclass(frozen=True, eq=False, slots=True)
class QueriesKeys:
    """All it takes to compute any head's weights of one layer, [batch, head, position, d_head]: n numbers, not n²."""

    query: Floats
    key: Floats

    @property
    def n_heads(self) -> int:
        """How many heads the layer has."""
        return int(self.query.shape[1])


@dataclass(frozen=True, eq=False, slots=True)
class LongTrace:
    """What one model did with a text too long to keep the weights of every head: they are computed as they are shown.

    A stage of 12 heads and 1,024 tokens has 50 MB, and `AttentionTrace` keeps five of them.
    """

    tokens: Tokens
    provenance: Provenance
    layers: tuple[QueriesKeys, ...]
    logits: Floats | None = None  # [batch, position, vocabulary]
