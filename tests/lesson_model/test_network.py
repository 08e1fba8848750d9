"""The network is a decoder made of the core's attention, and its trace is its own forward pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attention.config import AttentionConfig
from attention.lesson_model.history import WEIGHTS
from attention.lesson_model.network import LessonModel, Shape, random_model
from attention.lesson_model.source import load_lesson_model, load_network, trace_lesson, trace_model
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.tokens import tokenize

TEXT = "O cachorro latiu e o gato que estava no telhado miou."


@pytest.fixture(scope="module")
def small() -> LessonModel:
    return random_model(Shape(vocabulary=50, d_model=16, n_heads=2, n_layers=2), seed=1).eval()


@torch.inference_mode()
def test_with_the_mask_no_row_depends_on_what_comes_later(small: LessonModel) -> None:
    ids = torch.tensor([[1, 2, 3, 4, 5, 6]])
    changed = torch.tensor([[1, 2, 3, 9, 8, 7]])
    torch.testing.assert_close(small(ids).final[:, :3], small(changed).final[:, :3])
    assert not torch.allclose(small(ids, causal=False).final[:, :3], small(changed, causal=False).final[:, :3])


@pytest.mark.parametrize("causal", [True, False])
@torch.inference_mode()
def test_a_sentence_gives_the_same_alone_and_in_a_batch_of_longer_ones(small: LessonModel, *, causal: bool) -> None:
    alone = small(torch.tensor([[1, 2, 3]]), causal=causal)
    together = small(torch.tensor([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]]), causal=causal, lengths=torch.tensor([3, 5]))
    torch.testing.assert_close(together.final[:1, :3], alone.final)
    assert (together.weights[0][0, :, :, 3:] == 0).all()


@torch.inference_mode()
def test_a_head_switched_off_adds_nothing(small: LessonModel) -> None:
    ids = torch.tensor([[1, 2, 3, 4]])
    silenced = random_model(small.shape, seed=1).eval()
    d_head = small.shape.d_model // small.shape.n_heads
    weights = silenced.state_dict()
    name = "layers.1.attention.w_output.weight"
    weights[name] = torch.cat((torch.zeros_like(weights[name][:, :d_head]), weights[name][:, d_head:]), dim=1)
    silenced.load_state_dict(weights)
    torch.testing.assert_close(small(ids, off={(1, 0)}).final, silenced(ids).final)


@pytest.mark.parametrize("causal", [True, False])
@torch.inference_mode()
def test_the_trace_equals_the_forward_pass(*, causal: bool) -> None:
    model, tokens = load_lesson_model(), tokenize_lesson(TEXT)
    trace = trace_model(model, tokens, AttentionConfig(causal=causal))
    run = model(torch.tensor([tokens.ids]), causal=causal)
    for layer, weights in zip(trace.layers, run.weights, strict=True):
        np.testing.assert_allclose(layer.weights, weights.numpy(), atol=1e-5)
    assert trace.logits is not None
    np.testing.assert_allclose(trace.logits, model.next_token(run.final).numpy(), atol=1e-4, rtol=1e-5)
    assert trace.provenance == "lesson"


def test_dropout_holds_the_inputs_of_every_layer_and_the_predictions() -> None:
    plain, dropped = (trace_lesson(TEXT, AttentionConfig(dropout=dropout)) for dropout in (0.0, 0.5))
    for before, after in zip(plain.layers, dropped.layers, strict=True):
        np.testing.assert_array_equal(before.embeddings, after.embeddings)
        np.testing.assert_array_equal(before.weights, after.weights)
        assert not after.kept.all()
    np.testing.assert_array_equal(plain.logits, dropped.logits)


def test_scale_and_mask_modes_act_on_every_layer() -> None:
    unscaled = trace_lesson(TEXT, AttentionConfig(scaled=False))
    assert all((layer.scores == layer.scaled_scores).all() for layer in unscaled.layers)
    leaked = trace_lesson(TEXT, AttentionConfig(mask_mode="zero_after"))
    assert all(layer.weights.sum(axis=-1).min() < 0.999 for layer in leaked.layers)
    mended = trace_lesson(TEXT, AttentionConfig(mask_mode="renormalise"))
    right = trace_lesson(TEXT)
    for layer, other in zip(mended.layers, right.layers, strict=True):
        np.testing.assert_allclose(layer.weights, other.weights, atol=1e-5)


def test_a_trace_can_be_asked_for_with_tokens_of_any_encoding() -> None:
    own = trace_lesson(tokenize_lesson(TEXT))
    other = trace_lesson(tokenize(TEXT))
    assert own.tokens == other.tokens
    np.testing.assert_array_equal(own.logits, other.logits)


def test_sizes_and_positions_of_the_config_change_nothing() -> None:
    one = trace_lesson(TEXT, AttentionConfig(n_heads=2, d_model=8, positions=False, seed=9))
    np.testing.assert_array_equal(one.logits, trace_lesson(TEXT).logits)


def test_gradients_flow_through_weights_that_were_first_read_where_none_are_kept() -> None:
    with torch.inference_mode():
        model = load_network(WEIGHTS)
    assert not any(weight.is_inference() for weight in model.parameters())
    model(torch.tensor([[1, 2, 3]])).final.sum().backward()
