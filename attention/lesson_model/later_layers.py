"""What dropout in the first layer does to the second, computed again at each draw: its mean does not return."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from attention.config import AttentionConfig
from attention.draws import RUNS, draws_afforded, powers_of_two, root_mean_square
from attention.lesson_model.network import LessonModel
from attention.lesson_model.source import load_lesson_model
from attention.sources import trace_attention
from attention.tokens import Tokens
from attention.trace import Floats

WORK = 16_000  # positions that are thought through in all: a third of a second on a busy machine


@dataclass(frozen=True, eq=False, slots=True)
class LaterDraws:
    """Runs of draws in the first layer, seen in the weights of one head of the second."""

    counts: tuple[int, ...]  # 1, 2, 4, …: how many draws were averaged
    errors: Floats  # [run, count], RMS over the cells the mask allows, of the mean against the undropped weights


def repeat_below(tokens: Tokens, config: AttentionConfig, head: int, dropout: float) -> LaterDraws:
    """Drop the shipped model's first layer again and again; see `repeat_below_in`."""
    return repeat_below_in(load_lesson_model(), tokens, config, head, dropout)


@torch.inference_mode()
def repeat_below_in(
    model: LessonModel, tokens: Tokens, config: AttentionConfig, head: int, dropout: float
) -> LaterDraws:
    """Drop weights of the first layer with `dropout`, and compute the second layer's `head` anew for each draw.

    Between the two stand an addition, a layer norm, a perceptron and a softmax. They are not linear: the mean of what
    they make of the draws is not what they make of the draws' mean, so the error ends at a level above zero.
    """
    first, second = model.each_layer()[:2]
    held = replace(config, dropout=0.0)
    stream = model.embedding(torch.tensor([tokens.ids]))
    inputs = first.attention_norm(stream)
    clean = trace_attention(first.attention, inputs, held)
    between = first.think(stream + torch.tensor(clean.output))
    undropped = trace_attention(second.attention, second.attention_norm(between), held)
    target, allowed = undropped.weights[0, head].astype(np.float64), undropped.mask
    n_draws = draws_afforded(len(tokens), WORK)
    counts = powers_of_two(n_draws)
    errors = np.zeros((RUNS, len(counts)))
    for run in range(RUNS):
        drawn = replace(config, dropout=dropout, training=True, dropout_seed=run)
        outputs = trace_attention(first.attention, inputs.expand(n_draws, -1, -1), drawn).output
        between = first.think(stream + torch.tensor(outputs))
        again = trace_attention(second.attention, second.attention_norm(between), held).weights[:, head]
        totals = again.astype(np.float64).cumsum(axis=0)
        errors[run] = [root_mean_square((totals[n - 1] / n - target)[allowed]) for n in counts]
    return LaterDraws(counts, errors)
