"""Query, key and their product: three vectors from one, scores term by term, swapped, and why they are scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attention.trace import AttentionTrace, Floats, HeadMatrices

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # of a head, at which saturation is drawn
MOST_KEYS = 64  # of a sentence that are compared with the draws
DRAWS = 20  # sets of vectors a width
BAND = (10, 90)  # percentiles of the draws between which the band lies


@dataclass(frozen=True, eq=False, slots=True)
class HeadVectors:
    """What one head makes of every input vector, [position, d_head], before any rotation by position."""

    query: Floats
    key: Floats
    value: Floats


def project_head(layer: AttentionTrace, matrices: HeadMatrices) -> HeadVectors:
    """Multiply the layer's input vectors by the three matrices of a head."""
    inputs = layer.embeddings[0].astype(np.float64)
    return HeadVectors(*(inputs @ matrix for matrix in (matrices.query, matrices.key, matrices.value)))


def softmax(scores: Floats) -> Floats:
    """Return the softmax over the last axis."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False, slots=True)
class SwappedHead:
    """One head without its mask as it is, and with query and key in each other's place; all [query, key]."""

    scores: Floats  # scaled if the head's are
    swapped_scores: Floats
    weights: Floats
    swapped_weights: Floats

    @property
    def scores_apart(self) -> float:
        """Return the largest difference between the swapped scores and the scores transposed: rounding's."""
        return float(np.abs(self.swapped_scores - self.scores.T).max())

    @property
    def weights_apart(self) -> float:
        """Return the largest difference between the swapped weights and the weights transposed."""
        return float(np.abs(self.swapped_weights - self.weights.T).max())


def swap_query_and_key(layer: AttentionTrace, head: int, *, scaled: bool) -> SwappedHead:
    """Compute a head's scores and weights without a mask, and again with its queries as keys and keys as queries."""
    query, key = (vectors[0, head].astype(np.float64) for vectors in (layer.query, layer.key))
    divisor = np.sqrt(query.shape[-1]) if scaled else 1.0
    scores, swapped = query @ key.T / divisor, key @ query.T / divisor
    return SwappedHead(scores, swapped, softmax(scores), softmax(swapped))


@dataclass(frozen=True, eq=False, slots=True)
class Saturation:
    """What scores and weights are for independent components of variance 1, at each of `WIDTHS`.

    `spread` is the scores' standard deviation without the scale (about 0, their expected value); with it, it is
    divided by √d_head. `largest` and `largest_scaled` are the mean over the rows of the largest softmax weight. The
    first of their three rows is the mean over the draws, the others the ends of the band; [3, width].
    """

    n_keys: int
    spread: Floats
    largest: Floats
    largest_scaled: Floats


def saturation(n_keys: int, seed: int = 0) -> Saturation:
    """Draw `DRAWS` sets of `n_keys` queries and keys a width, seeded, and measure their scores and weights."""
    random = np.random.default_rng(seed)
    spreads, larger, scaled = (np.empty((len(WIDTHS), DRAWS)) for _ in range(3))
    for i, d_head in enumerate(WIDTHS):
        for draw in range(DRAWS):
            query, key = random.standard_normal((2, n_keys, d_head))
            scores = query @ key.T
            spreads[i, draw] = (scores**2).mean()
            larger[i, draw] = mean_largest(scores)
            scaled[i, draw] = mean_largest(scores / np.sqrt(d_head))
    return Saturation(
        n_keys,
        np.stack([np.sqrt(spreads.mean(axis=1)), *np.sqrt(np.percentile(spreads, BAND, axis=1))]),
        _with_band(larger),
        _with_band(scaled),
    )


@dataclass(frozen=True, slots=True)
class HeadSpread:
    """A head's own scores, without a mask: their standard deviation, and the mean over rows of the largest weight."""

    spread: float
    largest: float


def head_spread(layer: AttentionTrace, head: int, *, scaled: bool) -> HeadSpread:
    """Measure the scores among the first `MOST_KEYS` positions, every row looking at all of them."""
    scores = swap_query_and_key(layer, head, scaled=scaled).scores[:MOST_KEYS, :MOST_KEYS]
    return HeadSpread(float(scores.std()), mean_largest(scores))


def mean_largest(scores: Floats) -> float:
    """Return the mean over the rows [query, key] of the largest softmax weight."""
    return float(softmax(scores).max(axis=-1).mean())


def spread_of_dot_products(d_head: int, n: int = 4_000, seed: int = 0) -> float:
    """Return the standard deviation of `n` seeded dot products of vectors with d_head components of variance 1."""
    one, other = np.random.default_rng(seed).standard_normal((2, n, d_head))
    return float((one * other).sum(axis=-1).std())


def _with_band(draws: Floats) -> Floats:
    """Return mean and ends of the band of each row of draws, [3, width]."""
    return np.stack([draws.mean(axis=1), *np.percentile(draws, BAND, axis=1)])
