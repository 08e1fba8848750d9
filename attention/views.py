"""What a screen shows of one layer: the same weights by token or by word, each cell saying what it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.tokens import Tokens
from attention.trace import AttentionTrace, Booleans, Floats


class Cell(IntEnum):
    """What stands in a cell. Absence is not zero: only a `SEEN` cell's zero is a number the softmax gave."""

    SEEN = 0
    MASKED = 1  # the query may not look there
    DROPPED = 2  # it looked, and dropout struck the weight out
    MIXED = 3  # by word: some of the pairs of pieces are masked, not all


@dataclass(frozen=True, eq=False, slots=True)
class WeightsView:
    """The weights of one layer as a reader sees them: rows look, columns are looked at.

    Positions are tokens, or words when `grouped`. `before_dropout` and `weights` differ only where
    dropout acts. `undefined` marks rows that are 0/0: every weight the mask allows has underflowed.
    """

    labels: tuple[str, ...]
    before_dropout: Floats  # [head, query, key]
    weights: Floats  # [head, query, key], after dropout
    cells: NDArray[np.integer[Any]]  # [head, query, key], values of `Cell`
    undefined: Booleans  # [head, query]
    grouped: bool

    @property
    def n_heads(self) -> int:
        """How many heads the view holds."""
        return len(self.weights)

    @property
    def row_sums(self) -> Floats:
        """Return what each row spends in all, [head, query]: 1 unless dropout or a wrong mask changed it."""
        return np.asarray(self.weights.sum(axis=-1))


def view_tokens(trace: AttentionTrace, tokens: Tokens) -> WeightsView:
    """Return the trace's weights with one position a token."""
    masked = np.broadcast_to(~trace.mask, trace.weights[0].shape)
    cells = np.where(masked, Cell.MASKED, np.where(trace.kept[0], Cell.SEEN, Cell.DROPPED))
    return WeightsView(
        labels=tokens.labels,
        before_dropout=trace.weights[0],
        weights=trace.dropped_weights[0],
        cells=cells,
        undefined=trace.weights[0].sum(axis=-1) == 0,
        grouped=False,
    )


def view_words(trace: AttentionTrace, tokens: Tokens) -> WeightsView:
    """Return the trace's weights with one position a word.

    Weights are summed over the key's pieces (all of a word's share counts) and averaged over the query's
    pieces (each piece spends one whole), so undropped rows still sum to 1 and dropped rows keep the mean of
    their pieces' sums. Only a word's last piece has seen the whole word: `Cell.MIXED` marks where that shows.
    """
    membership = np.equal.outer(np.arange(len(tokens.word_labels)), np.asarray(tokens.words))  # [word, position]
    pieces = membership.sum(axis=1, keepdims=True)

    def grouped(values: NDArray[Any]) -> Floats:
        member = membership.astype(np.float64)
        return np.asarray((member / pieces) @ values.astype(np.float64) @ member.T)

    masked_pairs = grouped(np.broadcast_to(~trace.mask, trace.weights[0].shape)) * pieces
    all_pairs = (pieces * pieces.T)[None]
    masked = np.isclose(masked_pairs, all_pairs)
    surviving = grouped(trace.kept[0] & trace.mask)
    cells = np.where(
        masked,
        Cell.MASKED,
        np.where(surviving == 0, Cell.DROPPED, np.where(np.isclose(masked_pairs, 0), Cell.SEEN, Cell.MIXED)),
    )
    before_dropout = grouped(trace.weights[0])
    return WeightsView(
        labels=tokens.word_labels,
        before_dropout=before_dropout,
        weights=grouped(trace.dropped_weights[0]),
        cells=cells,
        undefined=before_dropout.sum(axis=-1) == 0,
        grouped=True,
    )
