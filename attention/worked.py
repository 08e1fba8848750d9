"""One weight worked by hand: every number on the way from a query and its keys to one cell of the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attention.config import AttentionConfig
from attention.trace import AttentionTrace, Booleans, Floats

LARGEST_EXPONENT = 30.0  # beyond, exponentials have too many digits for a board: the row's largest score is taken away


@dataclass(frozen=True, eq=False, slots=True)
class WorkedCell:
    """One cell of one head, in float64, step by step; `scores` and what follows are the whole row's, [key].

    Computed again from query and key, not read from the trace: whoever follows the steps on a board gets the numbers
    of the map.
    """

    column: int
    query: Floats  # [d_head]
    key: Floats  # [d_head]
    products: Floats  # [d_head], what each component adds to the score
    score: float  # their sum
    divisor: float  # √d_head, or 1 without the scale
    scaled_scores: Floats  # [key]
    may_look: Booleans  # [key]
    counted: Booleans  # [key], True = its exponential is in the sum: all, unless a mask came before the softmax
    shift: float  # taken from every score before the exponential, which changes no weight; usually 0
    exponentials: Floats  # [key], 0 where not counted
    total: float  # of the exponentials counted, and for `renormalise` of those allowed
    weight: float  # before dropout; NaN where it is 0/0
    kept: bool  # False where dropout struck it out
    factor: float  # 1/(1 − p), 1 without dropout
    dropped_weight: float

    @property
    def scaled(self) -> float:
        """Return the score of this cell after the division."""
        return float(self.scaled_scores[self.column])

    @property
    def masked(self) -> bool:
        """Tell whether the query may not look at this key."""
        return not self.may_look[self.column]


def work_out_cell(layer: AttentionTrace, config: AttentionConfig, head: int, row: int, column: int) -> WorkedCell:
    """Work out what `row` gives to `column` in `head`, under the switches of `config`.

    Source: Vaswani et al. 2017, equation 1; the wrong modes of the mask as in `AttentionConfig.mask_mode`.
    """
    query = layer.query[0, head, row].astype(np.float64)
    keys = layer.key[0, head].astype(np.float64)  # [key, d_head]
    divisor = float(np.sqrt(len(query))) if config.scaled else 1.0
    scaled_scores = keys @ query / divisor
    may_look = layer.mask[row]
    late = config.causal and config.mask_mode != "before_softmax"  # the mask comes after the softmax
    counted = np.ones_like(may_look) if late and config.mask_mode == "zero_after" else may_look
    largest = float(scaled_scores[counted].max())
    shift = largest if abs(largest) > LARGEST_EXPONENT else 0.0
    exponentials = np.where(counted, np.exp(np.where(counted, scaled_scores - shift, 0.0)), 0.0)
    total = float(exponentials.sum())
    share = float(exponentials[column]) / total if may_look[column] else 0.0
    weight = float("nan") if layer.undefined[0, head, row] else share
    factor = 1.0 / (1.0 - config.active_dropout) if config.active_dropout < 1.0 else 0.0
    kept = bool(layer.kept[0, head, row, column])
    return WorkedCell(
        column=column,
        query=query,
        key=keys[column],
        products=query * keys[column],
        score=float(query @ keys[column]),
        divisor=divisor,
        scaled_scores=scaled_scores,
        may_look=may_look,
        counted=counted,
        shift=shift,
        exponentials=exponentials,
        total=total,
        weight=weight,
        kept=kept,
        factor=factor,
        dropped_weight=weight * factor if kept else 0.0,
    )
