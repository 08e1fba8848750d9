"""The record of the lesson model's training: its checkpoints can be read, and a birth is where the curve says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.lesson_model import history
from attention.lesson_model.claims import SETS, looks, prefers_right_verb, sentences_of
from attention.lesson_model.files import FOLDER, record
from attention.lesson_model.history import MEASURED_ON, Birth, birth, lesson_history, nearest
from attention.lesson_model.results import claims
from attention.lesson_model.source import load_lesson_model, load_network, trace_model
from attention.lesson_model.tokenizer import tokenize_lesson


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Let each test read the record for itself."""
    lesson_history.cache_clear()
    yield
    lesson_history.cache_clear()


def test_the_end_of_the_curves_is_measured_again_on_as_many_sentences_as_the_page_says() -> None:
    recorded, model = lesson_history(), load_lesson_model()
    sentences = [each for kind in SETS for each in sentences_of(kind, 20, "held_out", 3)]
    assert len(sentences) == MEASURED_ON
    prefers = prefers_right_verb(model, sentences)
    assert int(prefers.sum()) == pytest.approx(recorded.foresees[-1] * MEASURED_ON, abs=1.1)  # in 16 bits now
    np.testing.assert_allclose(looks(model, sentences, "predicts")[0].mean(axis=0), recorded.predicts[-1], atol=0.01)


def test_every_curve_has_a_point_a_step_and_every_head_its_own() -> None:
    recorded, shape = lesson_history(), record()["shape"]
    assert list(recorded.steps) == sorted(set(recorded.steps))
    for curve in (recorded.predicts, recorded.verb):
        assert curve.shape == (len(recorded.steps), shape["n_layers"], shape["n_heads"])
        assert ((curve >= 0) & (curve <= 1)).all()
        assert not curve.flags.writeable


def test_the_checkpoints_are_the_files_in_the_folder_and_the_last_is_the_shipped_model() -> None:
    recorded = lesson_history()
    files = {f"checkpoints/{path.name}" for path in (FOLDER / "checkpoints").iterdir()}
    *earlier, last = recorded.checkpoints.items()
    assert {file for _, file in earlier} == files
    assert all(step == int(Path(file).stem) for step, file in earlier)
    assert last == (recorded.steps[-1], "weights.safetensors")
    assert list(recorded.checkpoints) == sorted(recorded.checkpoints)


def test_each_checkpoint_computes_through_the_core_and_only_the_last_is_the_shipped_model() -> None:
    tokens = tokenize_lesson("O gato que estava no telhado miou")
    final = trace_model(load_lesson_model(), tokens, AttentionConfig()).layers[-1].weights
    same = [
        np.array_equal(trace_model(load_network(file), tokens, AttentionConfig()).layers[-1].weights, final)
        for file in lesson_history().checkpoints.values()
    ]
    assert same == [False] * (len(same) - 1) + [True]


def test_a_birth_is_the_steepest_rise_also_between_uneven_steps() -> None:
    found = birth([0, 8, 16, 64], [0.0, 0.125, 0.625, 1.0])
    assert found == Birth(8, 16, 0.125, 0.625, share_of_steps=8 / 64, share_of_climb=0.5)


@pytest.mark.parametrize("curve", [[0.5, 0.5, 0.5], [0.9, 1.0, 0.2]])
def test_a_curve_that_did_not_climb_has_no_birth(curve: list[float]) -> None:
    assert birth([0, 1, 2], curve) is None


def test_the_recorded_birth_of_the_subjects_head_is_where_no_other_rise_is_steeper() -> None:
    recorded = lesson_history()
    layer, head = claims()["heads"]["predicts"]
    curve = recorded.predicts[:, layer, head].tolist()
    found = birth(recorded.steps, curve)
    assert found is not None
    slope = (found.after - found.before) / (found.end - found.start)
    points = list(zip(recorded.steps, curve, strict=True))
    assert all((high - low) / (end - start) <= slope for (start, low), (end, high) in pairwise(points))
    assert (found.start, found.before) in points
    assert (found.end, found.after) in points


@given(st.lists(st.integers(0, 100), min_size=1, unique=True), st.integers(-10, 110))
def test_the_nearest_step_is_as_near_as_any(steps: list[int], step: int) -> None:
    assert abs(steps[nearest(steps, step)] - step) == min(abs(other - step) for other in steps)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"step": [0, 1], "loss": [null], "foresees": [1]}'])
def test_curves_that_are_no_curves_give_the_clear_error(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "read_checked", lambda _: content)
    with pytest.raises(AttentionError, match=r"curves\.json.*make lesson-model"):
        lesson_history()
