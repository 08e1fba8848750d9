"""Switching heads off, one or several: what becomes of the vectors, of later layers and of the next token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np
import torch
from torch import Tensor

from attention.config import AttentionConfig
from attention.importance import Filling
from attention.lesson_model.files import HEAD_MEANS, damaged, from_safetensors, read_checked
from attention.lesson_model.network import Head, LessonModel
from attention.lesson_model.source import load_lesson_model
from attention.metrics import cosines, relative_changes
from attention.sources import trace_attention
from attention.steps import merge_heads
from attention.tokens import Tokens
from attention.trace import AttentionTrace, Floats


@dataclass(frozen=True, eq=False, slots=True)
class Without:
    """The model with some heads off, at every position. Heads are counted from 0."""

    layers: tuple[AttentionTrace, ...]  # as `trace_lesson` gives them; `context` and `output` still hold the heads
    final: Floats  # [position, d_model], the last vector of the residual stream, before the last norm
    logits: Floats  # [batch, position, vocabulary]


@dataclass(frozen=True, eq=False, slots=True)
class HeadsOff:
    """What became of one position with `heads` off."""

    heads: tuple[Head, ...]
    logits: Floats  # [batch, position, vocabulary], one position
    bits: float  # KL(before ‖ after): what is lost by expecting `after` where `before` holds
    changes_top: bool  # whether another token is the likeliest
    change: float  # ‖after − before‖ ÷ ‖before‖ of the last residual vector
    cosine: float  # between the last residual vector before and after

    @property
    def layer(self) -> int:
        """The layer of the first head."""
        return self.heads[0][0]

    @property
    def head(self) -> int:
        """The first head within its layer."""
        return self.heads[0][1]


def each_head() -> tuple[tuple[Head], ...]:
    """Return every head of the shipped model as a set of its own, layer by layer."""
    shape = load_lesson_model().shape
    return tuple(((layer, head),) for layer, head in product(range(shape.n_layers), range(shape.n_heads)))


def switch_off_each(tokens: Tokens, config: AttentionConfig, position: int) -> tuple[HeadsOff, ...]:
    """Switch off each head of the shipped model in turn, layer by layer, to zero; see `switch_off_sets`."""
    return switch_off_sets(tokens, config, position, each_head(), "zero")


def switch_off_sets(
    tokens: Tokens, config: AttentionConfig, position: int, sets: Sequence[Sequence[Head]], filling: Filling
) -> tuple[HeadsOff, ...]:
    """Switch off each set of heads of the shipped model in turn, and compare `position` with nothing off."""
    before, *after = (last_stream(tokens, config, heads, filling) for heads in ((), *sets))
    return read_sets(sets, before, after, position)


@torch.inference_mode()
def last_stream(tokens: Tokens, config: AttentionConfig, heads: Sequence[Head], filling: Filling) -> Floats:
    """Return `Without.final` of the shipped model, [position, d_model]; see `run_without`."""
    stream: Floats = _run(load_lesson_model(), tokens, config, heads, filling)[1][0].numpy()
    return stream


@torch.inference_mode()
def read_sets(
    sets: Sequence[Sequence[Head]], before: Floats, after: Sequence[Floats], position: int
) -> tuple[HeadsOff, ...]:
    """Compare one position of the stream with nothing off with that of each set of heads off; see `last_stream`."""
    model = load_lesson_model()
    old, *new = (stream[position : position + 1] for stream in (before, *after))
    logits = [_logits(model, torch.tensor(vector[None])) for vector in (old, *new)]
    return tuple(
        HeadsOff(
            heads=tuple(heads),
            logits=row,
            bits=divergence(logits[0][0, 0], row[0, 0]),
            changes_top=bool(logits[0][0, 0].argmax() != row[0, 0].argmax()),
            change=float(relative_changes(old, vector)[0]),
            cosine=float(cosines(old, vector)[0]),
        )
        for heads, vector, row in zip(sets, new, logits[1:], strict=True)
    )


def lesson_without(tokens: Tokens, config: AttentionConfig, heads: Sequence[Head], filling: Filling) -> Without:
    """Run the shipped model with some heads off; see `run_without`."""
    return run_without(load_lesson_model(), tokens, config, heads, filling)


@torch.inference_mode()
def run_without(
    model: LessonModel, tokens: Tokens, config: AttentionConfig, heads: Sequence[Head], filling: Filling
) -> Without:
    """Run the model with the context of `heads` replaced before Wo, at every position; later layers see the change.

    Mask and scale act as in `trace_lesson`; without dropout. To zero it is `LessonModel.forward(off=…)` where mask and
    scale are as trained. Means are those of `head_means`, for the mask that is on.
    """
    traces, stream = _run(model, tokens, config, heads, filling)
    return Without(traces, stream[0].numpy(), _logits(model, stream))


def _run(
    model: LessonModel, tokens: Tokens, config: AttentionConfig, heads: Sequence[Head], filling: Filling
) -> tuple[tuple[AttentionTrace, ...], Tensor]:
    """Return the trace of each layer, and the stream [batch, position, d_model] that leaves the last."""
    held = replace(config, dropout=0.0)
    stream, traces = model.embedding(torch.tensor([tokens.ids])), []
    for number, layer in enumerate(model.each_layer()):
        trace = trace_attention(layer.attention, layer.attention_norm(stream), held)
        traces.append(trace)
        off = sorted({head for of_layer, head in heads if of_layer == number})
        output = torch.tensor(trace.output)
        if off:
            context = torch.tensor(trace.context)
            context[:, off] = 0.0 if filling == "zero" else torch.tensor(head_means(config.causal)[number, off, None])
            output = layer.attention.w_output(merge_heads(context))
        stream = layer.think(stream + output)
    return tuple(traces), stream


def _logits(model: LessonModel, stream: Tensor) -> Floats:
    logits: Floats = model.next_token(model.norm(stream)).numpy()
    return logits


@cache
def head_means(causal: bool) -> Floats:  # noqa: FBT001 - which of two tables
    """Return each head's mean context over training sentences, [layer, head, d_head], with or without the mask.

    See `recording.mean_contexts`. Raises AttentionError `damaged_lesson_model`.
    """
    means = from_safetensors(read_checked(HEAD_MEANS), HEAD_MEANS)
    name = "causal" if causal else "without_mask"
    if name not in means:
        raise damaged(HEAD_MEANS)
    return means[name].astype(np.float32)


def divergence(before: Floats, after: Floats) -> float:
    """Return KL(before ‖ after) in bits, of the softmax of two rows of logits; 0 where they are the same."""
    logs = [row - np.logaddexp.reduce(row) for row in (before.astype(np.float64), after.astype(np.float64))]
    return max(float(np.sum(np.exp(logs[0]) * (logs[0] - logs[1]))) / float(np.log(2)), 0.0)
