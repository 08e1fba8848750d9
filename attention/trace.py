"""`AttentionTrace`: one attention layer with every number it went through, computed once and drawn many times."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Booleans = NDArray[np.bool_]


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
    masked_scores: Floats  # [batch, head, query, key], -inf where the mask forbids
    weights: Floats  # [batch, head, query, key], what was used before dropout
    kept: Booleans  # [batch, head, query, key], True = dropout spared it
    dropped_weights: Floats  # [batch, head, query, key], after dropout
    context: Floats  # [batch, head, query, d_head]
    output: Floats  # [batch, query, d_model]

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).flags.writeable = False
