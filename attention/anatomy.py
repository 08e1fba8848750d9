"""One block of a Transformer taken apart: the vector of every token at every part, from the embedding to the logits."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import torch

from attention.blocks import PARTS, Anatomy
from attention.config import AttentionConfig
from attention.lesson_model.source import load_lesson_model
from attention.lesson_model.tokenizer import ENCODING, tokenize_lesson
from attention.sources import embed_random, trace_attention, trace_random
from attention.steps import sinusoidal_positions
from attention.tokens import Tokens
from attention.trace import Floats


@torch.inference_mode()
def dissect_lesson(text: str | Tokens, config: AttentionConfig, layer: int) -> Anatomy:
    """Take the lesson model's block number `layer` apart, counted from 0, under the switches of `config`.

    Without dropout, which never acts on what flows from block to block. Raises what `trace_lesson` raises.
    """
    tokens = text if isinstance(text, Tokens) and text.encoding == ENCODING else _cut(text)
    model, clean = load_lesson_model(), replace(config, dropout=0.0)
    embedding = stream = model.embedding(torch.tensor([tokens.ids]))
    blocks = []
    for block in model.each_layer():
        norm_1 = block.attention_norm(stream)
        traced = trace_attention(block.attention, norm_1, clean)
        sum_1 = stream + torch.tensor(traced.output)
        sum_2 = block.think(sum_1)
        stacked = block.attention.w_query_key_value(norm_1)
        blocks.append((block, stream, norm_1, traced, sum_1, sum_2, stacked[..., : stacked.shape[-1] // 3]))
        stream = sum_2
    block, given, norm_1, traced, sum_1, sum_2, unturned = blocks[layer]
    final_norm = model.norm(stream)
    norm_2 = block.mlp_norm(sum_1)
    parts = {
        "embedding": embedding,
        "stream": given,
        "norm_1": norm_1,
        "position": torch.tensor(traced.query).transpose(1, 2).flatten(2),
        "attention": torch.tensor(traced.output),
        "sum_1": sum_1,
        "norm_2": norm_2,
        "mlp": block.mlp_out(torch.nn.functional.gelu(block.mlp_in(norm_2))),
        "sum_2": sum_2,
        "final_norm": final_norm,
        "logits": model.next_token(final_norm),
    }
    inner = (block.mlp_in, block.mlp_out)
    return Anatomy(
        parts=MappingProxyType({name: _kept(parts[name][0]) for name in PARTS}),
        unturned=_kept(unturned[0]),
        norm_weight=_kept(block.mlp_norm.weight),
        norm_bias=_kept(block.mlp_norm.bias),
        norm_epsilon=block.mlp_norm.eps,
        sizes=MappingProxyType(
            {
                "attention": _learned(block.attention),
                "mlp": sum(map(_learned, inner)),
                "norms": _learned(block.attention_norm) + _learned(block.mlp_norm),
            }
        ),
    )


def dissect_random(tokens: Tokens, config: AttentionConfig) -> Anatomy:
    """Take the random source's one layer apart: it has embeddings, positions (unless off) and attention, no more.

    Without dropout, as `dissect_lesson`. Nobody adds its attention to anything.
    """
    layer = trace_random(tokens, replace(config, dropout=0.0)).layers[0]
    parts = {
        "embedding": _kept(embed_random(tokens, config)),
        "stream": layer.embeddings[0],
        "attention": layer.output[0],
    }
    if config.positions:
        parts["position"] = _kept(sinusoidal_positions(len(tokens), config.d_model))
    return Anatomy(parts=MappingProxyType(parts))


def _cut(text: str | Tokens) -> Tokens:
    return tokenize_lesson(text.text if isinstance(text, Tokens) else text)


def _learned(module: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def _kept(tensor: torch.Tensor) -> Floats:
    array = np.array(tensor.detach())
    array.setflags(write=False)
    return array
