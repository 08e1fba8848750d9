"""Heads off: to zero as the network does it, to means computed a second way, and no heads off changes nothing."""

from __future__ import annotations

import hashlib
import json
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from attention.config import AttentionConfig
from attention.importance import FILLINGS, Filling
from attention.lesson_model.files import HEAD_MEANS, from_safetensors, record
from attention.lesson_model.grammar import write
from attention.lesson_model.heads_off import (
    divergence,
    head_means,
    lesson_without,
    run_without,
    switch_off_each,
    switch_off_sets,
)
from attention.lesson_model.network import LessonModel, Shape, random_model
from attention.lesson_model.recording import add_to_record, mean_contexts, means_file
from attention.lesson_model.source import load_lesson_model, trace_lesson
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.lesson_model.training import sentence_ids
from attention.trace import Floats

COURSE = tokenize_lesson("O gato que estava no telhado miou")
SETS = [((0, 2),), ((1, 0), (1, 3)), ((0, 1), (1, 2)), ((0, 0), (0, 1), (0, 2), (0, 3))]


def test_the_bits_are_what_is_lost_by_expecting_the_changed_where_the_whole_holds() -> None:
    before, after = np.log([0.75, 0.25]) + 5, np.log([0.5, 0.5])
    assert divergence(before, after) == pytest.approx(0.75 * np.log2(1.5) + 0.25 * np.log2(0.5))
    assert divergence(after, before) == pytest.approx(0.5 * np.log2(2 / 3) + 0.5 * np.log2(2))


@pytest.mark.parametrize("heads", SETS)
@pytest.mark.parametrize("causal", [True, False])
@torch.inference_mode()
def test_to_zero_is_what_the_network_does_without_the_heads(
    heads: tuple[tuple[int, int], ...], *, causal: bool
) -> None:
    model = load_lesson_model()
    run = model(torch.tensor([COURSE.ids]), causal=causal, off=heads)
    found = lesson_without(COURSE, AttentionConfig(causal=causal), heads, "zero")
    np.testing.assert_allclose(found.logits, model.next_token(run.final).numpy(), atol=1e-3)
    for layer, weights in zip(found.layers, run.weights, strict=True):
        np.testing.assert_allclose(layer.weights, weights.numpy(), atol=1e-4)
    torch.testing.assert_close(model.norm(torch.tensor(found.final)), run.final[0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("filling", FILLINGS)
def test_no_head_off_changes_nothing_at_all(filling: Filling) -> None:
    trace, found = trace_lesson(COURSE), lesson_without(COURSE, AttentionConfig(), (), filling)
    np.testing.assert_array_equal(found.logits, trace.logits)
    for layer, other in zip(found.layers, trace.layers, strict=True):
        np.testing.assert_array_equal(layer.weights, other.weights)
    (off,) = switch_off_sets(COURSE, AttentionConfig(), 3, [()], filling)
    assert (off.bits, off.change, off.changes_top) == (0.0, 0.0, False)
    assert off.cosine == pytest.approx(1.0)


def test_dropout_stays_out() -> None:
    plain, dropped = (
        lesson_without(COURSE, AttentionConfig(dropout=dropout), ((1, 0),), "zero") for dropout in (0.0, 0.5)
    )
    np.testing.assert_array_equal(plain.logits, dropped.logits)


def contexts_by_hook(model: LessonModel, ids: Tensor, *, causal: bool) -> list[Tensor]:
    """Return what comes into each layer's Wo, [position, d_model], as the network itself computes it."""
    seen: list[Tensor] = []
    hooks = [
        layer.attention.w_output.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0]))
        for layer in model.each_layer()
    ]
    model(ids, causal=causal)
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("causal", [True, False])
@torch.inference_mode()
def test_the_mean_is_over_every_position_of_the_sentences(*, causal: bool) -> None:
    model, rng = load_lesson_model(), Random(5)
    sentences = [write(rng) for _ in range(20)]
    by_hook = [
        torch.stack(contexts_by_hook(model, torch.tensor([sentence_ids(each)[0]]), causal=causal)) for each in sentences
    ]
    every = torch.cat(by_hook, dim=1)  # [layer, position, d_model]: the heads side by side
    expected = every.mean(dim=1).view(2, 4, 24)
    np.testing.assert_allclose(mean_contexts(model, sentences, causal=causal), expected.numpy(), atol=1e-5)


def test_the_stored_means_come_out_again() -> None:
    again = from_safetensors(means_file(load_lesson_model()), HEAD_MEANS)
    for name, causal in (("causal", True), ("without_mask", False)):
        np.testing.assert_allclose(head_means(causal=causal), again[name].astype(float), atol=2e-3)
    assert not np.allclose(again["causal"], again["without_mask"], atol=2e-3)


def test_a_file_added_to_the_record_leaves_the_others_as_they_were() -> None:
    before = record()
    added = json.loads(add_to_record({"a.file": b"x"}, before))
    assert added["sha256"] == before["sha256"] | {"a.file": hashlib.sha256(b"x").hexdigest()}
    assert list(added["sha256"]) == sorted(added["sha256"])
    assert {name: added[name] for name in ("version", "seed", "shape")} == {
        name: before[name] for name in ("version", "seed", "shape")
    }


@torch.inference_mode()
def test_to_the_mean_every_position_gets_the_mean_and_other_heads_are_as_they_were() -> None:
    model, ids = load_lesson_model(), torch.tensor([COURSE.ids])
    mean = torch.tensor(head_means(causal=True)[1, 3])

    def replaced(_: object, inputs: tuple[Tensor]) -> tuple[Tensor]:
        context = inputs[0].clone()
        context[..., 3 * 24 : 4 * 24] = mean
        return (context,)

    hook = model.each_layer()[1].attention.w_output.register_forward_pre_hook(replaced)
    expected = model.next_token(model(ids).final)
    hook.remove()
    found = lesson_without(COURSE, AttentionConfig(), ((1, 3),), "mean")
    np.testing.assert_allclose(found.logits, expected.numpy(), atol=1e-3)


def test_each_of_some_sets_is_the_run_with_it_off() -> None:
    each = switch_off_each(COURSE, AttentionConfig(), 6)
    alone = switch_off_sets(COURSE, AttentionConfig(), 6, [one.heads for one in each], "zero")
    assert [(one.layer, one.head) for one in each] == [(layer, head) for layer in range(2) for head in range(4)]
    assert [one.bits for one in each] == [one.bits for one in alone]
    before = lesson_without(COURSE, AttentionConfig(), (), "zero").final[6].astype(float)
    after = lesson_without(COURSE, AttentionConfig(), ((1, 0),), "zero").final[6].astype(float)
    assert alone[4].change == pytest.approx(np.linalg.norm(after - before) / np.linalg.norm(before))
    assert alone[4].cosine == pytest.approx(before @ after / np.linalg.norm(before) / np.linalg.norm(after))


def test_the_heads_of_a_layer_are_blind_to_each_other() -> None:
    model = random_model(Shape(vocabulary=3352, d_model=16, n_heads=2), seed=3).eval()
    with_all = run_without(model, COURSE, AttentionConfig(), (), "zero")
    without = run_without(model, COURSE, AttentionConfig(), ((0, 1),), "zero")
    np.testing.assert_array_equal(with_all.layers[0].weights, without.layers[0].weights)
    assert not np.allclose(with_all.layers[1].weights, without.layers[1].weights)


@given(arrays(np.float32, (2, 7), elements=st.floats(-60, 60, width=32)))
def test_a_divergence_is_never_negative_and_nothing_between_the_same(logits: Floats) -> None:
    before, after = logits
    assert divergence(before, after) >= 0
    assert divergence(before, before) == 0
    assert divergence(before, before + 1) == pytest.approx(0, abs=1e-5)  # a softmax does not see what all share
