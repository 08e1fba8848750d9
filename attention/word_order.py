"""Does attention notice the order of the words? The same tokens twice, in two orders, compared token by token."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from attention.config import AttentionConfig
from attention.metrics import relative_changes
from attention.sources import trace_random
from attention.tokens import Tokens
from attention.trace import Floats


@dataclass(frozen=True, eq=False, slots=True)
class Shuffled:
    """One shuffle: `order[i]` is where the token now at place i stood before."""

    order: tuple[int, ...]
    changes: Floats  # [position], in the first order: ‖after − before‖ ÷ ‖before‖ of each token's output
    largest_error: float  # the largest |after − before| of any component


def shuffled_order(n: int, seed: int) -> tuple[int, ...]:
    """Return the numbers from 0 to n − 1 in an order drawn with `seed`; never as they were, where n > 1."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(n)
    while n > 1 and (order == np.arange(n)).all():
        order = generator.permutation(n)
    return tuple(order.tolist())


def shuffle_words(tokens: Tokens, seed: int, config: AttentionConfig) -> Shuffled:
    """Return what shuffling the tokens does to each one's output, in a layer of random weights.

    The layer is `trace_random`'s under `config`. Without positions and without a mask the outputs are only permuted,
    up to rounding; the causal mask alone gives the order away.
    """
    order = shuffled_order(len(tokens), seed)
    moved = replace(tokens, ids=tuple(tokens.ids[place] for place in order))
    before = trace_random(tokens, config).layers[0].output[0][list(order)]
    after = trace_random(moved, config).layers[0].output[0]
    back = np.argsort(order)
    return Shuffled(order, relative_changes(before, after)[back], float(np.abs(after - before).max()))
