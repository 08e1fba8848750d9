"""Switching heads off, one at a time: what becomes of the next token."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from attention.config import AttentionConfig
from attention.lesson_model.network import Layer, LessonModel
from attention.lesson_model.source import load_lesson_model
from attention.sources import trace_attention
from attention.steps import merge_heads
from attention.tokens import Tokens
from attention.trace import AttentionTrace, Floats


@dataclass(frozen=True, eq=False, slots=True)
class HeadOff:
    """The next token at one position with the output of one head struck out. Heads are counted from 0."""

    layer: int
    head: int
    logits: Floats  # [batch, position, vocabulary], one position
    bits: float  # KL(before ‖ after): what is lost by expecting `after` where `before` holds
    changes_top: bool  # whether another token is the likeliest


def switch_off_each(tokens: Tokens, config: AttentionConfig, position: int) -> tuple[HeadOff, ...]:
    """Switch off each head of the shipped model in turn; see `switch_off_each_in`."""
    return switch_off_each_in(load_lesson_model(), tokens, config, position)


@torch.inference_mode()
def switch_off_each_in(
    model: LessonModel, tokens: Tokens, config: AttentionConfig, position: int
) -> tuple[HeadOff, ...]:
    """Switch off each head in turn, layer by layer, and read the next token after `position`.

    The head's context becomes zeros before Wo, and every later layer is computed anew. Mask and scale act as in
    `trace_lesson`; without dropout. The same as `LessonModel.forward(off=…)` where mask and scale are as trained.
    """
    held = replace(config, dropout=0.0)
    layers = model.each_layer()
    stream = model.embedding(torch.tensor([tokens.ids]))
    streams, traces = [], []  # what comes into each layer, and what its attention does
    for layer in layers:
        streams.append(stream)
        traces.append(_attend(layer, stream, held))
        stream = layer.think(stream + torch.tensor(traces[-1].output))
    before = _logits(model, stream, position)
    found = []
    for number, (layer, entering, trace) in enumerate(zip(layers, streams, traces, strict=True)):
        for head in range(model.shape.n_heads):
            working = torch.ones(model.shape.n_heads, 1, 1).index_fill(0, torch.tensor([head]), 0.0)
            output = layer.attention.w_output(merge_heads(torch.tensor(trace.context) * working))
            stream = layer.think(entering + output)
            for later in layers[number + 1 :]:
                stream = later.think(stream + torch.tensor(_attend(later, stream, held).output))
            after = _logits(model, stream, position)
            changes_top = bool(before[0, 0].argmax() != after[0, 0].argmax())
            found.append(HeadOff(number, head, after, divergence(before[0, 0], after[0, 0]), changes_top))
    return tuple(found)


def divergence(before: Floats, after: Floats) -> float:
    """Return KL(before ‖ after) in bits, of the softmax of two rows of logits; 0 where they are the same."""
    logs = [row - np.logaddexp.reduce(row) for row in (before.astype(np.float64), after.astype(np.float64))]
    return max(float(np.sum(np.exp(logs[0]) * (logs[0] - logs[1]))) / float(np.log(2)), 0.0)


def _attend(layer: Layer, stream: Tensor, config: AttentionConfig) -> AttentionTrace:
    return trace_attention(layer.attention, layer.attention_norm(stream), config)


def _logits(model: LessonModel, stream: Tensor, position: int) -> Floats:
    """Return the logits of one position, [1, 1, vocabulary]."""
    logits: Floats = model.next_token(model.norm(stream[:, position : position + 1])).numpy()
    return logits
