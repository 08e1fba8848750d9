"""Two sentences laid on each other: which position of one answers to which of the other, and which has no partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from attention.views import Cell, WeightsView

By = Literal["position", "word"]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The positions of A and B on one common axis, in reading order: a pair each, None where a side has none."""

    pairs: tuple[tuple[int | None, int | None], ...]

    @property
    def partners(self) -> int:
        """How many positions have a partner."""
        return sum(a is not None and b is not None for a, b in self.pairs)

    @property
    def n_a(self) -> int:
        """How many positions A has."""
        return sum(a is not None for a, _ in self.pairs)

    def of_side(self, side: int) -> tuple[int | None, ...]:
        """Return the positions of A (0) or B (1) along the common axis."""
        return tuple(pair[side] for pair in self.pairs)

    def alone(self, side: int) -> list[int]:
        """Return the positions of A (0) or B (1) that have no partner."""
        return [mine for pair in self.pairs if (mine := pair[side]) is not None and pair[1 - side] is None]

    def place(self, position: int) -> int | None:
        """Return the place on the common axis of what `position` names, see `position`; None if it names nothing."""
        return next((place for place in range(len(self.pairs)) if self.position(place) == position), None)

    def position(self, place: int) -> int:
        """Return one number for a place: A's position, or where only B has one, A's length plus B's position."""
        a, b = self.pairs[place]
        return a if a is not None else self.n_a + (b or 0)


@lru_cache(maxsize=64)
def align(a: tuple[str, ...], b: tuple[str, ...], by: By) -> Alignment:
    """Lay the labels of B on those of A: first on first, second on second …, or equal words on equal words.

    By word, as many as possible are paired without changing their order: the longest common subsequence, capitals and
    small letters alike; of several as long, the one that pairs the earliest words of A.
    """
    matches = list(zip(range(len(a)), range(len(b)), strict=False)) if by == "position" else _common_words(a, b)
    pairs: list[tuple[int | None, int | None]] = []
    done_a = done_b = 0
    for i, j in [*matches, (len(a), len(b))]:
        pairs += [(left, None) for left in range(done_a, i)]
        pairs += [(None, right) for right in range(done_b, j)]
        pairs += [(i, j)] if i < len(a) and j < len(b) else []
        done_a, done_b = i + 1, j + 1
    return Alignment(tuple(pairs))


def _common_words(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of the longest common subsequence of two lists of words."""
    a, b = [word.casefold() for word in a], [word.casefold() for word in b]
    length = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]  # of what begins at i and j
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            both = length[i + 1][j + 1] + 1 if a[i] == b[j] else 0
            length[i][j] = max(both, length[i + 1][j], length[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j] and length[i][j] == length[i + 1][j + 1] + 1:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif length[i][j] == length[i][j + 1]:
            j += 1
        else:
            i += 1
    return found


def placed(view: WeightsView, head: int, alignment: Alignment, side: int, labels: tuple[str, ...]) -> WeightsView:
    """Return one head of A (0) or B (1) on the common axis, named by `labels`: `Cell.ABSENT` where it has no position.

    What is absent has weight 0 in the arrays; rows no longer sum to what they did.
    """
    places = np.array([-1 if position is None else position for position in alignment.of_side(side)])
    absent = (places < 0)[:, None] | (places < 0)
    square = (places[:, None], places)
    return WeightsView(
        labels=labels,
        before_dropout=np.where(absent, 0.0, view.before_dropout[head][square])[None],
        weights=np.where(absent, 0.0, view.weights[head][square])[None],
        cells=np.where(absent, Cell.ABSENT, view.cells[head][square])[None],
        undefined=(view.undefined[head][places] & (places >= 0))[None],
        grouped=view.grouped,
    )
