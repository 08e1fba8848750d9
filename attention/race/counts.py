"""What sets attention and a recurrent network apart, counted: steps, paths, multiplications, stored numbers.

Source: Vaswani et al. 2017, "Attention Is All You Need", table 1.
"""

from __future__ import annotations

from typing import NamedTuple


class Counts(NamedTuple):
    """One count of each, for one layer."""

    recurrent: int
    attention: int


def sequential_steps(n: int) -> Counts:
    """Return how many steps of a pass over `n` known tokens must wait for the one before."""
    return Counts(n, 1)


def path_length(earlier: int, later: int) -> Counts:
    """Return how many hops what one position says takes to a later one: from neighbour to neighbour, or a look.

    The other way round neither a recurrent network that reads from left to right nor causal attention ever takes it.
    """
    return Counts(later - earlier, 1)


def generation_steps(n: int) -> Counts:
    """Return how many steps it takes to write `n` tokens, each of which needs the one before to have been chosen."""
    return Counts(n, n)


def connections(n: int) -> Counts:
    """Return how many numbers tie `n` tokens together: a state a token, or a weight a pair."""
    return Counts(n, n * n)


def multiplications(n: int, width: int) -> Counts:
    """Return the multiplications of a pass: an LSTM's eight matrices, or attention's four and its pairs.

    Attention is counted at its cheapest: of the pairs only those that the causal mask allows, each multiplied twice
    (score and mix) in every dimension.
    """
    return Counts(8 * n * width**2, 4 * n * width**2 + n * (n + 1) * width)


def crossing(width: int) -> int:
    """Return from how many tokens on attention multiplies more than an LSTM of the same width."""
    return 4 * width
