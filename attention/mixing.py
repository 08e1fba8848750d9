"""One row's context vector taken apart: what each value brings, and where it goes when scores are moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attention.config import AttentionConfig
from attention.trace import Booleans, Floats


@dataclass(frozen=True, eq=False, slots=True)
class MixedRow:
    """One row from its scores to its context vector, in float64."""

    weights: Floats  # [key], before dropout
    dropped_weights: Floats  # [key]
    context: Floats  # [d_head]


def mix_row(
    scaled_scores: Floats, values: Floats, may_look: Booleans, kept: Booleans, config: AttentionConfig
) -> MixedRow:
    """Turn one row's scaled scores [key] into weights and mix the values [key, d_head], under the switches of `config`.

    `kept` is dropout's draw, [key], True = spared. A row that is 0/0 has weights of zero, as in the trace. Source:
    Vaswani et al. 2017, equation 1; the wrong modes of the mask as in `AttentionConfig.mask_mode`.
    """
    scores, values = scaled_scores.astype(np.float64), values.astype(np.float64)
    late = config.causal and config.mask_mode != "before_softmax"
    counted = np.ones_like(may_look) if late else may_look
    exponentials = np.where(counted, np.exp(np.where(counted, scores - scores[counted].max(), 0.0)), 0.0)
    weights = np.where(may_look, exponentials / exponentials.sum(), 0.0)
    if late and config.mask_mode == "renormalise" and weights.sum() > 0:
        weights = weights / weights.sum()
    p = config.active_dropout
    dropped = np.where(kept, weights / (1.0 - p), 0.0) if p < 1.0 else np.zeros_like(weights)
    return MixedRow(weights, dropped, dropped @ values)


def mask_late(scaled_scores: Floats, mask: Booleans, *, renormalise: bool) -> tuple[Floats, Booleans]:
    """Return weights masked after the softmax, the wrong way, in float32, and which rows are 0/0, stored as zeros.

    Scores and weights are [..., query, key], `mask` is [query, key], True = may look. Where `renormalise`, each row is
    divided by its sum. The same as `AttentionConfig.mask_mode` makes of these scores.
    """
    scores = scaled_scores.astype(np.float32)
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = np.where(mask, exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32(0))
    sums = weights.sum(axis=-1, keepdims=True)
    undefined = np.asarray((sums == 0)[..., 0] & renormalise)
    return (np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0) if renormalise else weights), undefined


def nearest_value(context: Floats, values: Floats, may_look: Booleans) -> int:
    """Return the position whose value [key, d_head] is closest to `context`, of those the row may see."""
    return int(np.where(may_look, distances(context, values), np.inf).argmin())


def distances(context: Floats, values: Floats) -> Floats:
    """Return how far each value [key, d_head] is from `context` [d_head]: the length of their difference, [key]."""
    return np.asarray(np.linalg.norm(values.astype(np.float64) - context, axis=-1))


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """A plane through a cloud of vectors, on which they are drawn as shadows."""

    centre: Floats  # [d]
    axes: Floats  # [2, d], of length 1 and at right angles; zeros where the cloud has no such direction
    shares: tuple[float, float]  # of the cloud's variance, along each axis; 0 where it has none

    def project(self, vectors: Floats) -> Floats:
        """Return the shadows [..., 2] of vectors [..., d]: the same linear map for all of them."""
        return np.asarray((vectors.astype(np.float64) - self.centre) @ self.axes.T)


def principal_plane(vectors: Floats) -> Plane:
    """Return the plane that keeps most of the variance of `vectors` [n, d]: their two first principal components.

    By singular values of the centred vectors. Each axis points where its largest coordinate is positive, so that the
    same vectors give the same picture everywhere.
    """
    cloud = vectors.astype(np.float64)
    centre = cloud.mean(axis=0)
    _, lengths, directions = np.linalg.svd(cloud - centre, full_matrices=False)
    variance = lengths**2
    there = variance > 1e-12 * max(float((cloud**2).sum()), 1e-300)
    axes, shares = np.zeros((2, cloud.shape[1])), [0.0, 0.0]
    for i in range(min(2, int(there.sum()))):
        direction = directions[i]
        axes[i] = direction * np.sign(direction[np.abs(direction).argmax()])
        shares[i] = float(variance[i] / variance.sum())
    return Plane(centre, axes, (shares[0], shares[1]))


def convex_hull(points: Floats) -> Floats:
    """Return the corners [m, 2] of the smallest convex shape around `points` [n, 2], counter-clockwise.

    One corner where all points are the same, two where they stand in a line. Source: Andrew's monotone chain.
    """
    ordered = [tuple(point) for point in np.unique(points, axis=0)]
    if len(ordered) < 3:
        return np.array(ordered)

    def half(along: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        chain: list[tuple[float, ...]] = []
        for point in along:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def distance_outside(point: Floats, hull: Floats) -> float:
    """Return how far `point` [2] is from the convex shape with the corners `hull` [m, 2]; 0 inside."""
    corners = [tuple(corner) for corner in hull]
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    if len(corners) > 2 and all(_turn(start, end, tuple(point)) >= 0 for start, end in sides):
        return 0.0
    return min(_distance_to_side(point, np.array(start), np.array(end)) for start, end in sides)


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    """Return twice the area of the triangle a, b, c: positive where it turns left."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _distance_to_side(point: Floats, start: Floats, end: Floats) -> float:
    side = end - start
    length = float(side @ side)
    along = float(np.clip((point - start) @ side / length, 0, 1)) if length else 0.0
    return float(np.linalg.norm(point - start - along * side))
