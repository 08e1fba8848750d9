"""One block of a Transformer taken apart: the vector of every token at every part, from the embedding to the logits."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import torch
from torch.nn.functional import gelu

from attention.blocks import Anatomy
from attention.config import AttentionConfig
from attention.lesson_model.source import load_lesson_model
from attention.lesson_model.tokenizer import ENCODING, tokenize_lesson
from attention.sources import embed_random, trace_attention, trace_random
from attention.steps import sinusoidal_positions
from attention.tokens import Tokens
from attention.trace import Floats


@torch.inference_mode()
def dissect_lesson(text: str | Tokens, config: AttentionConfig) -> tuple[Anatomy, ...]:
    """Take every block of the lesson model apart, first to last, under the switches of `config`.

    Without dropout, which never acts on what flows from block to block. Raises what `trace_lesson` raises.
    """
    tokens = text if isinstance(text, Tokens) and text.encoding == ENCODING else _cut(text)
    model, clean = load_lesson_model(), replace(config, dropout=0.0)
    embedding = stream = model.embedding(torch.tensor([tokens.ids]))
    opened = []
    for block in model.each_layer():
        norm_1 = block.attention_norm(stream)
        traced = trace_attention(block.attention, norm_1, clean)
        attention = torch.tensor(traced.output)
        norm_2 = block.mlp_norm(stream + attention)
        parts = {
            "embedding": embedding,
            "stream": stream,
            "norm_1": norm_1,
            "position": torch.tensor(traced.query).transpose(1, 2).flatten(2),
            "attention": attention,
            "sum_1": stream + attention,
            "norm_2": norm_2,
            "mlp": block.mlp_out(gelu(block.mlp_in(norm_2))),
            "sum_2": block.think(stream + attention),
        }
        opened.append((block, parts, norm_1 @ block.attention.w_query.mT))
        stream = parts["sum_2"]
    final_norm = model.norm(stream)
    last = {"final_norm": _kept(final_norm[0]), "logits": _kept(model.next_token(final_norm)[0])}
    return tuple(
        Anatomy(
            parts=MappingProxyType({name: _kept(vectors[0]) for name, vectors in parts.items()} | last),
            unturned=_kept(unturned[0]),
            norm_weight=_kept(block.mlp_norm.weight),
            norm_bias=_kept(block.mlp_norm.bias),
            norm_epsilon=block.mlp_norm.eps,
            sizes=MappingProxyType(
                {
                    "attention": _learned(block.attention),
                    "mlp": _learned(block.mlp_in) + _learned(block.mlp_out),
                    "norms": _learned(block.attention_norm) + _learned(block.mlp_norm),
                }
            ),
        )
        for block, parts, unturned in opened
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
    array: Floats = tensor.detach().clone().numpy()
    array.setflags(write=False)
    return array
