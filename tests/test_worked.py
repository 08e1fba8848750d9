"""What is worked by hand is what the core computed, in every mode of the mask and with every switch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attention.config import MASK_MODES, AttentionConfig, MaskMode
from attention.lesson_model.source import trace_lesson
from attention.sources import trace_random
from attention.tokens import tokenize
from attention.worked import work_out_cell

SENTENCE = "O gato que estava no telhado miou"


@pytest.mark.parametrize("mask_mode", MASK_MODES)
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_every_cell_worked_by_hand_is_the_cell_of_the_map(
    *, mask_mode: MaskMode, causal: bool, scaled: bool, dropout: float
) -> None:
    config = AttentionConfig(
        causal=causal,
        scaled=scaled,
        mask_mode=mask_mode,
        dropout=dropout,
    )
    for trace in (trace_random(tokenize(SENTENCE), config), trace_lesson(SENTENCE, config)):
        layer = trace.layers[-1]
        n_heads, n = layer.weights.shape[1:3]
        for head in range(n_heads):
            for row in range(n):
                for column in range(n):
                    cell = work_out_cell(layer, config, head, row, column)
                    assert math.isclose(cell.weight, layer.weights[0, head, row, column], abs_tol=2e-6)
                    assert math.isclose(cell.dropped_weight, layer.dropped_weights[0, head, row, column], abs_tol=4e-6)
                    assert math.isclose(cell.products.sum(), cell.score, abs_tol=1e-9)


def test_the_shift_for_large_scores_changes_no_weight() -> None:
    config = AttentionConfig(scaled=False)
    layer = trace_lesson(SENTENCE, config).layers[1]
    cells = [work_out_cell(layer, config, 3, 7, column) for column in range(8)]
    assert math.isclose(sum(cell.weight for cell in cells), 1.0)
    assert all(np.isfinite(cell.exponentials).all() for cell in cells)
    assert all(cell.exponentials.max() <= math.exp(30) for cell in cells)
