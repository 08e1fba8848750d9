"""Many draws of dropout on one head with its inputs held: their mean, how far that is from the map, what rows lose.

Draw k is the one `trace_attention` makes with `dropout_seed = k`: whatever is counted here can be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator

from attention.steps import draw_kept
from attention.trace import AttentionTrace, Booleans, Floats

RUNS = 8  # of the curve; each begins anew with draws of its own
MOST_DRAWS = 256  # in a run
LEAST_DRAWS = 8
WORK = 30_000_000  # numbers drawn in all: a second on a busy machine


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """`RUNS` runs of draws on one head's weights. Errors are root mean squares over the cells the mask allows."""

    counts: tuple[int, ...]  # 1, 2, 4, …: how many draws were averaged
    means: Floats  # [count, query, key], the first run's means
    sums: Floats  # [draw, query], what each row sums to in each draw, the first run's draws first
    errors: Floats  # [run, count], of the mean against the undropped weights
    expected: Floats  # [count], √(expected squared error)


@dataclass(frozen=True, slots=True)
class LostRow:
    """A draw in which a row of the head lost every weight it may give."""

    draw: int
    row: int


def powers_of_two(most: int) -> tuple[int, ...]:
    """Return 1, 2, 4, … up to `most`."""
    return tuple(2**power for power in range(most.bit_length()))


def draws_afforded(cost: int, work: int = WORK) -> int:
    """Return how many draws a run may have where a draw costs `cost`: a power of two."""
    most = min(max(work // (RUNS * cost), LEAST_DRAWS), MOST_DRAWS)
    return powers_of_two(most)[-1]


def repeat_dropout(layer: AttentionTrace, head: int, dropout: float) -> Draws:
    """Drop the head's weights again and again, `dropout` being from 0 up to but not 1.

    A weight w that survives becomes w/(1 − p), so a draw's mean is w and its variance w²·p/(1 − p): the squared error
    of a mean of N draws is expected to be p/(1 − p) · mean(w²) / N, and its root falls like 1/√N.
    """
    weights, allowed = layer.weights[0, head].astype(np.float64), layer.mask
    n_draws = draws_afforded(layer.weights.size)
    counts = powers_of_two(n_draws)
    means, sums, errors = [], [], np.zeros((RUNS, len(counts)))
    for run in range(RUNS):
        total = np.zeros_like(weights)
        for drawn, kept in enumerate(_kept(layer, head, dropout, range(run * n_draws, (run + 1) * n_draws)), start=1):
            dropped = weights * kept / (1.0 - dropout)
            total = total + dropped
            sums.append(dropped.sum(axis=-1))
            if drawn in counts:
                errors[run, counts.index(drawn)] = root_mean_square((total / drawn - weights)[allowed])
                if run == 0:
                    means.append(total / drawn)
    one_draw = dropout / (1.0 - dropout) * float(np.mean(weights[allowed] ** 2))
    return Draws(counts, np.stack(means), np.stack(sums), errors, np.sqrt(one_draw / np.array(counts)))


def first_lost_row(layer: AttentionTrace, head: int, dropout: float, row: int, most: int) -> LostRow | None:
    """Return the first of up to `most` draws in which `row` loses everything; else the first in which any row does.

    None where no row of the head did.
    """
    most = min(most, max(WORK // layer.weights.size, LEAST_DRAWS))
    other = None
    for draw, kept in enumerate(_kept(layer, head, dropout, range(most))):
        lost = np.asarray(~(kept & layer.mask).any(axis=-1))
        if lost[row]:
            return LostRow(draw, row)
        if other is None and lost.any():
            other = LostRow(draw, int(np.flatnonzero(lost)[-1]))
    return other


def root_mean_square(values: Floats) -> float:
    """Return the root of the mean of the squares."""
    return float(np.sqrt(np.mean(np.square(values))))


def _kept(layer: AttentionTrace, head: int, dropout: float, draws: range) -> Iterator[Booleans]:
    """Yield which weights of one head survive each draw, [query, key]."""
    shape = torch.empty(layer.weights.shape)
    for draw in draws:
        kept = draw_kept(shape, dropout, Generator().manual_seed(draw))
        yield kept[0, head].numpy()
