"""The lesson model's residual stream: what a token's vector is when it comes in, and after each layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from attention.config import AttentionConfig
from attention.lesson_model.source import load_lesson_model
from attention.sources import trace_attention
from attention.tokens import Tokens
from attention.trace import Floats


@torch.inference_mode()
def lesson_streams(tokens: Tokens, config: AttentionConfig) -> Floats:
    """Return the vectors of the lesson's `tokens` between the layers, [layer + 1, position, d_model], read-only.

    The first is the embedding, which knows no position: those enter by rotating query and key (RoPE). Mask and scale
    count as in `trace_lesson`; dropout is left out.
    """
    model, without_dropout = load_lesson_model(), replace(config, dropout=0.0)
    stream = model.embedding(torch.tensor([tokens.ids]))
    streams = [stream]
    for layer in model.each_layer():
        attended = trace_attention(layer.attention, layer.attention_norm(stream), without_dropout)
        stream = layer.think(stream + torch.tensor(attended.output))
        streams.append(stream)
    between: Floats = np.stack([vectors[0].numpy() for vectors in streams])
    between.setflags(write=False)
    return between
