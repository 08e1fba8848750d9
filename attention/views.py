"""What a screen shows of one layer: the same weights by token or by word, each cell saying what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.tokens import Tokens
from attention.trace import AttentionTrace, Booleans, Floats, HeadWeights


class Cell(IntEnum):
    """What stands in a cell. Absence is not zero: only the zero of a `SEEN` cell is a number the softmax gave."""

    SEEN = 0
    MASKED = 1  # the query may not look there
    DROPPED = 2  # it looked, and dropout struck the weight out; by word: in every pair the mask allows
    MIXED = 3  # by word: some of the pairs of pieces are masked, not all
    ABSENT = 4  # laid on another sentence: this one has no such row or column


@dataclass(frozen=True, eq=False, slots=True)
class WeightsView:
    """The weights of one layer as a reader sees them: rows look, columns are looked at.

    Positions are tokens, or words when `grouped`. `before_dropout` and `weights` differ only where
    dropout acts. `undefined` marks rows that are 0/0: every weight the mask allows has underflowed, and the row
    was divided by their sum. Arrays are read-only.
    """

    labels: tuple[str, ...]
    before_dropout: Floats  # [head, query, key]
    weights: Floats  # [head, query, key], after dropout
    cells: NDArray[np.integer[Any]]  # [head, query, key], values of `Cell`
    undefined: Booleans  # [head, query]
    grouped: bool

    def __post_init__(self) -> None:
        for array in (self.before_dropout, self.weights, self.cells, self.undefined):
            array.setflags(write=False)

    @property
    def n_heads(self) -> int:
        """How many heads the view holds."""
        return len(self.weights)

    @property
    def row_sums(self) -> Floats:
        """Return what each row spends in all, [head, query]: 1 unless dropout or a wrong mask changed it."""
        return np.asarray(self.weights.sum(axis=-1))


def view_tokens(trace: AttentionTrace | HeadWeights, tokens: Tokens) -> WeightsView:
    """Return the trace's weights with one position a token."""
    weights, mask, kept = trace.weights[0], trace.mask, trace.kept[0]
    return WeightsView(
        labels=tokens.labels,
        before_dropout=weights,
        weights=trace.dropped_weights[0],
        cells=np.where(mask, np.where(kept, np.int8(Cell.SEEN), np.int8(Cell.DROPPED)), np.int8(Cell.MASKED)),
        undefined=trace.undefined[0],
        grouped=False,
    )


def view_words(trace: AttentionTrace | HeadWeights, tokens: Tokens) -> WeightsView:
    """Return the trace's weights with one position a word.

    Weights are summed over the key's pieces (all of a word's share counts) and averaged over the query's
    pieces (each piece spends one whole), so undropped rows still sum to 1 and dropped rows keep the mean of
    their pieces' sums. Only a word's last piece has seen the whole word: `Cell.MIXED` marks where that shows.
    A row is undefined as soon as one of its pieces is.
    """
    first_pieces = np.flatnonzero(np.diff(tokens.words, prepend=-1))  # a word's pieces stand side by side
    n_pieces = np.bincount(tokens.words)

    def total(values: NDArray[Any]) -> Floats:
        """Sum [head, position, position] over the pairs of pieces of each pair of words."""
        by_query = np.add.reduceat(values, first_pieces, axis=-2, dtype=np.float64)
        return np.asarray(np.add.reduceat(by_query, first_pieces, axis=-1))

    weights, mask, kept = trace.weights[0], trace.mask, trace.kept[0]
    allowed = np.broadcast_to(total(mask[None]), (len(weights), len(n_pieces), len(n_pieces)))
    return WeightsView(
        labels=tokens.word_labels,
        before_dropout=total(weights) / n_pieces[:, None],
        weights=total(trace.dropped_weights[0]) / n_pieces[:, None],
        cells=np.select(
            [allowed == 0, total(kept & mask) == 0, allowed < np.outer(n_pieces, n_pieces)],
            [Cell.MASKED, Cell.DROPPED, Cell.MIXED],
            Cell.SEEN,
        ).astype(np.int8),
        undefined=np.logical_or.reduceat(trace.undefined[0], first_pieces, axis=-1),
        grouped=True,
    )


def select_heads(view: WeightsView, heads: Sequence[int]) -> WeightsView:
    """Return the view with some of its heads, in the order given."""
    chosen = list(heads)
    return WeightsView(
        labels=view.labels,
        before_dropout=view.before_dropout[chosen],
        weights=view.weights[chosen],
        cells=view.cells[chosen],
        undefined=view.undefined[chosen],
        grouped=view.grouped,
    )


def join_heads(views: Sequence[WeightsView]) -> WeightsView:
    """Return one view with the heads of all, those of the first view first; all have the same positions."""
    first = views[0]
    return WeightsView(
        labels=first.labels,
        before_dropout=np.concatenate([view.before_dropout for view in views]),
        weights=np.concatenate([view.weights for view in views]),
        cells=np.concatenate([view.cells for view in views]),
        undefined=np.concatenate([view.undefined for view in views]),
        grouped=first.grouped,
    )


def pool(view: WeightsView, side: int) -> WeightsView:
    """Return the view with `side` × `side` positions to a cell, which holds the largest weight of them.

    Where none of them holds a number, the cell is one of the things they are: struck out before masked. Its row is
    undefined where every row in it is. Labels name the first and the last position of each. The last cells may hold
    fewer positions.
    """
    n = len(view.labels)
    starts = np.arange(0, n, side)

    def over(operation: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(operation.reduceat(operation.reduceat(values, starts, axis=-2), starts, axis=-1))

    open_rows = ~view.undefined[..., None]
    seen = ~np.isin(view.cells, (Cell.MASKED, Cell.DROPPED)) & open_rows
    undefined = np.logical_and.reduceat(view.undefined, starts, axis=-1)
    struck = over(np.logical_or, (view.cells == Cell.DROPPED) & open_rows)
    lost = undefined[..., None] & ~over(np.logical_and, view.cells == Cell.MASKED)
    ends = np.minimum(starts + side, n) - 1
    return WeightsView(
        labels=tuple(
            view.labels[start] if start == end else f"{view.labels[start]} … {view.labels[end]}"
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ),
        before_dropout=over(np.maximum, view.before_dropout),
        weights=over(np.maximum, np.where(seen, view.weights, 0)),
        cells=np.select(
            [over(np.logical_or, seen), struck | lost],
            [np.int8(Cell.SEEN), np.int8(Cell.DROPPED)],
            np.int8(Cell.MASKED),
        ),
        undefined=undefined,
        grouped=view.grouped,
    )
