"""The lesson model as a source of numbers: a text goes in, every layer's every step comes out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import torch

from attention.config import AttentionConfig
from attention.lesson_model.files import damaged, from_safetensors, read_checked, record
from attention.lesson_model.network import LessonModel, Shape
from attention.lesson_model.tokenizer import ENCODING, tokenize_lesson
from attention.sources import head_matrices, trace_attention, weigh_heads
from attention.steps import merge_heads, mix_values
from attention.tokens import Tokens
from attention.trace import Floats, HeadMatrices, LongTrace, ModelTrace, QueriesKeys

WEIGHTS = "weights.safetensors"


def trace_lesson(text: str | Tokens, config: AttentionConfig | None = None) -> ModelTrace:
    """Trace the lesson model on a text; tokens of another encoding are tokenised again.

    Of `config` only the switches count: heads, dimensions and positions are the model's own. Mask and scale act on all
    layers, as in a model built so. Dropout acts on the weights of each layer shown, with the layer's inputs and
    the predictions held, so that one switch has one effect.

    Raises AttentionError `damaged_lesson_model`, and what `tokenize_lesson` raises.
    """
    if isinstance(text, Tokens):
        tokens = text if text.encoding == ENCODING else tokenize_lesson(text.text)
    else:
        tokens = tokenize_lesson(text)
    return trace_model(load_lesson_model(), tokens, config or AttentionConfig())


@torch.inference_mode()
def trace_model(model: LessonModel, tokens: Tokens, config: AttentionConfig) -> ModelTrace:
    """Trace a network of the lesson's shape, such as a checkpoint of its training; see `trace_lesson`."""
    without_dropout = replace(config, dropout=0.0)
    stream = model.embedding(torch.tensor([tokens.ids]))
    layers = []
    for layer in model.each_layer():
        inputs = layer.attention_norm(stream)
        traced = clean = trace_attention(layer.attention, inputs, without_dropout)
        if config.active_dropout > 0.0:
            traced = trace_attention(layer.attention, inputs, config)
        layers.append(traced)
        stream = layer.think(stream + torch.tensor(clean.output))
    logits = model.next_token(model.norm(stream)).numpy()
    logits.setflags(write=False)
    return ModelTrace(tokens=tokens, provenance="lesson", layers=tuple(layers), logits=logits)


@torch.inference_mode()
def outline_lesson(tokens: Tokens, config: AttentionConfig) -> LongTrace:
    """Return what the weights of `trace_lesson` are computed from, for a text too long to keep them all.

    `tokens` are the lesson model's own. Raises AttentionError `damaged_lesson_model`.
    """
    model, without_dropout = load_lesson_model(), replace(config, dropout=0.0)
    stream = model.embedding(torch.tensor([tokens.ids]))
    layers = []
    for layer in model.each_layer():
        query, key, value = layer.attention.heads(layer.attention_norm(stream))
        layers.append(QueriesKeys(query.numpy(), key.numpy()))
        heads = weigh_heads(layers[-1], without_dropout, range(layers[-1].n_heads))
        context = torch.cat(
            [mix_values(torch.tensor(each.weights), value[:, head : head + 1]) for head, each in enumerate(heads)],
            dim=1,
        )
        stream = layer.think(stream + layer.attention.w_output(merge_heads(context)))
    logits = model.next_token(model.norm(stream)).numpy()
    return LongTrace(tokens=tokens, provenance="lesson", layers=tuple(layers), logits=logits)


def lesson_output_matrix(layer: int) -> Floats:
    """Return Wo of a layer, [d_model out, d_model in]; the columns of a head stand side by side."""
    return load_lesson_model().each_layer()[layer].attention.w_output.weight.detach().numpy()


def lesson_matrices(layer: int, head: int) -> HeadMatrices:
    """Return the matrices of one head of the shipped network; layer and head are counted from 0."""
    return head_matrices(load_lesson_model().each_layer()[layer].attention, head)


@cache
def load_lesson_model() -> LessonModel:
    """Return the shipped network, read once. Raises AttentionError `damaged_lesson_model`."""
    return load_network(WEIGHTS)


def load_network(name: str) -> LessonModel:
    """Return the network whose weights stand in the learned file `name`: the shipped one or a checkpoint."""
    return network_of(read_checked(name), name)


@torch.inference_mode(mode=False)  # whoever asks first: gradients too may flow through its weights
def network_of(content: bytes, name: str) -> LessonModel:
    """Return the network with the weights in `content`, read from a file called `name`."""
    arrays = from_safetensors(content, name)
    try:
        with torch.random.fork_rng(
            devices=[]
        ):  # draws weights only to replace them; “meta” would take a second to load
            model = LessonModel(Shape(**record()["shape"]))
        weights = {key: torch.tensor(array, dtype=torch.float32) for key, array in arrays.items()}
        model.load_state_dict(weights, assign=True)
    except (RuntimeError, KeyError, TypeError):
        raise damaged(name) from None
    return model.eval()
