"""The bones of the page on training say what its two records hold, and its step by hand is a step of training."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from attention.figures.sentences import share
from attention.gradient_step import NUDGE, RATE, WIDTH, GradientStep, gradient_step
from attention.induction.runs import Run, recorded_run
from attention.lesson_model.files import FOLDER
from attention.lesson_model.history import lesson_history
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.notebooks import code, install_cell, map_cell, notebook
from attention.snippets_training import MATRIX_NAMES, step_snippet
from attention.texts import LANGUAGES, Language, count, number, percent, text
from attention.tokens import tokenize
from attention.ui.chapter import training as page
from attention.ui.chapter.pencil import formula
from attention.ui.lesson_training_reading import about_step
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import executed, imports_of, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, keys, prose, run, visit

SENTENCES = ("O gato que estava no telhado miou", "A", 'a "aspas" \\ <b>', "👨‍👩‍👧", "A vaca mugiu")
RECORD = lesson_history()
CURVE = RECORD.predicts[:, LESSON_FOCUS[0], LESSON_FOCUS[1]]
STEEPEST = int(np.diff(CURVE).argmax())  # the points stand equally far apart
HOSTILE = ("", "a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום", "gato " * 250)


def step_of(sentence: str) -> GradientStep:
    return gradient_step(tokenize(sentence).ids)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_gradients_are_those_of_torchs_own_attention_and_the_step_goes_against_them(sentence: str) -> None:
    step = step_of(sentence)
    matrices = torch.tensor(step.before, requires_grad=True)
    query, key, value = (torch.tensor(step.embeddings) @ matrix for matrix in matrices)
    context = torch.nn.functional.scaled_dot_product_attention(query[None, -1:], key[None], value[None])[0, 0]
    loss = ((context - torch.tensor(step.target)) ** 2).mean()
    (gradients,) = torch.autograd.grad(loss, matrices)
    assert loss.item() == pytest.approx(step.loss_before)
    np.testing.assert_allclose(step.gradients, gradients.numpy(), atol=1e-12)
    np.testing.assert_allclose(step.after, step.before - RATE * step.gradients, atol=1e-12)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_nudge_measures_almost_the_gradient(sentence: str) -> None:
    step = step_of(sentence)
    gradient = float(step.gradients[step.watched])
    assert step.slope == pytest.approx(gradient, abs=0.02)
    assert step.slope * NUDGE == pytest.approx(step.nudged_loss - step.loss_before)
    assert abs(gradient) == np.abs(step.gradients[step.watched[0]]).max() > 0


def test_numbers_to_copy_have_two_digits_and_a_token_the_same_ones_in_any_sentence() -> None:
    one, other = step_of("o gato miou"), step_of("a vaca miou")
    assert np.array_equal(one.embeddings[-1], other.embeddings[-1])
    assert np.array_equal(one.before, other.before)
    for drawn in (one.embeddings, one.target, one.before):
        assert np.array_equal(np.round(drawn, 2), drawn)
    assert one.before.shape == (len(MATRIX_NAMES), WIDTH, WIDTH)


def test_with_one_token_nothing_of_wq_and_wk_can_be_learned() -> None:
    step = gradient_step([7])
    assert (step.gradients[:2] == 0).all()
    assert MATRIX_NAMES[step.watched[0]] == "Wv"


def test_a_step_lowers_the_loss_of_almost_every_sentence() -> None:
    falls = [step.loss_after < step.loss_before for step in (gradient_step([n, n + 1, n + 2]) for n in range(200))]
    assert np.mean(falls) > 0.95


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_code_prints_the_digits_of_the_page(sentence: str, tmp_path: Path) -> None:
    for language in LANGUAGES:
        tokens = tokenize_lesson(sentence)
        step = gradient_step(tokens.ids)
        snippet = step_snippet(step, tokens.labels[-len(step.embeddings) :], language)
        assert imports_of(snippet.code) == {"torch"}
        assert printed_by(snippet, tmp_path) == snippet.prints
        written = " ".join(part.formula for part in page.gradient_steps(step, language))
        for value in (step.gradients[step.watched], step.after[step.watched], step.loss_before, step.loss_after):
            assert formula(float(value), language, 4) in written
            assert f"{value:.4f}" in snippet.prints


def test_a_step_that_goes_too_far_says_so() -> None:
    step = step_of(SENTENCES[0])
    words = [part.words for part in page.gradient_steps(replace(step, loss_after=step.loss_before + 1), "pt-BR")]
    assert words[-1] == text("gradient_step.up", "pt-BR", n_weights=48)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lesson_models_story_waits_for_a_step_and_knows_the_steepest_rise(language: Language) -> None:
    app = visit("training", lang=language.lower())
    assert keys(app) == []
    start, end = RECORD.steps[STEEPEST], RECORD.steps[STEEPEST + 1]
    app.select_slider(key="training_guess_number").set_value(end)
    run(app)
    app.button(key="training_guess_send").click()
    run(app)
    assert text("chapter.right", language) in prose(app)
    said = text("training.truth", language, start=count(start, language), end=count(end, language))
    assert said in prose(app)
    climb = (CURVE[STEEPEST + 1] - CURVE[STEEPEST]) / (CURVE[-1] - CURVE[0])
    assert climb > (end - start) / RECORD.steps[-1]  # the misconception is shown false
    assert percent(climb, language) in prose(app)
    app.button(key="training_guess_again").click()
    run(app)
    app.select_slider(key="training_guess_number").set_value(RECORD.steps[0])
    run(app)
    app.button(key="training_guess_send").click()
    run(app)
    assert text("chapter.wrong", language) in prose(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_copying_networks_story_waits_for_a_layer(language: Language) -> None:
    app = visit("training", lang=language.lower(), story="induction")
    assert keys(app) == []
    assert not [button for button in app.button if button.key == "train"]
    last = recorded_run().snapshots[-1]
    answer = ["first", "second"][int(last.induction.max(axis=1).argmax())]
    app.button(key=f"training_induction_guess_{answer}").click()
    run(app)
    assert text("chapter.right", language) in prose(app)
    assert keys(app) == ["training_curves", "training_maps", "training_example"]
    assert text("training_induction.misconception", language) in prose(app)
    assert percent(float(last.induction.max()), language) in prose(app)


def test_what_is_said_of_a_run_follows_the_run() -> None:
    record = recorded_run()
    first = record.snapshots[0]
    failed = Run(record.settings, (first, replace(first, step=400)))
    assert len(page.induction_observations(record, "en")) == 3
    assert len(page.induction_observations(failed, "en")) == 1
    assert page.layer_of_birth(failed) == "none"
    assert "not even born" in page.induction_shown_false(failed, "en")
    assert "Nobody asked" in page.induction_shown_false(record, "en")


def test_the_losses_told_are_the_first_and_last_that_were_measured() -> None:
    losses = [loss for loss in RECORD.loss if not np.isnan(loss)]
    (said, _) = page.lesson_observations(RECORD, "pt-BR")
    assert number(losses[0], "pt-BR") in said
    assert number(losses[-1], "pt-BR") in said


def test_how_often_the_right_verb_was_preferred_is_what_the_record_says() -> None:
    curve = json.loads((FOLDER / "curves.json").read_text(encoding="utf-8"))["foresees"]
    (_, said) = page.lesson_observations(RECORD, "en")
    assert re.findall(r"[\d.]+%", said) == [f"{100 * curve[0]:.0f}%", f"{100 * curve[-1]:.0f}%"]
    for point in (0, len(curve) // 2, len(curve) - 1):
        at_step = about_step(RECORD, LESSON_FOCUS, point, "en")
        weight = float(RECORD.predicts[point][LESSON_FOCUS])
        assert f"step {count(RECORD.steps[point], 'en')}," in at_step
        assert re.findall(r"[\d.]+%", at_step)[-2:] == [share(weight, "en"), f"{100 * curve[point]:.0f}%"]


def test_the_copies_a_network_gets_right_are_those_of_its_first_and_last_step() -> None:
    record = recorded_run()
    for shown in (record, Run(record.settings, record.snapshots[:3])):
        first, last = shown.snapshots[0], shown.snapshots[-1]
        said = page.induction_observations(shown, "en")[-1]
        assert re.findall(r"[\d.]+%", said) == [share(first.accuracy, "en"), share(last.accuracy, "en")]
        assert re.findall(r" (\d+)[,.]", said) == [str(first.step), str(last.step)]


@pytest.mark.parametrize("job", ["previous", "induction"])
def test_a_birth_is_told_where_the_curve_of_the_best_head_rises_most(job: str) -> None:
    record = recorded_run()
    curves = np.array([getattr(snapshot, job) for snapshot in record.snapshots])
    layer, head = np.unravel_index(curves[-1].argmax(), curves[-1].shape)
    curve = curves[:, layer, head]
    start = int((np.diff(curve) / np.diff(record.steps)).argmax())
    said = page.induction_observations(record, "en")[["previous", "induction"].index(job)]
    assert said.startswith(f"Head {layer + 1}.{head + 1} ")
    assert f"between steps {record.steps[start]} and {record.steps[start + 1]}:" in said
    assert re.findall(r"[\d.]+%", said) == [share(float(at), "en") for at in curve[start : start + 2]]


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("story", ["lesson", "induction"])
def test_any_sentence_is_worked_out_or_explained(sentence: str, story: str) -> None:
    name = page.LESSON if story == "lesson" else page.INDUCTION
    for model in ("lesson", "random"):
        app = visit("training", text=sentence, story=story, model=model)
        app.session_state[f"guess_of_{name}"] = SKIPPED
        app.session_state[f"{name}_pencil"] = True
        app.session_state[f"{name}_code"] = True
        run(app)
        assert app.info or text("chapter.code_prints", "pt-BR") in prose(app)


def test_the_step_by_hand_changes_with_the_sentence() -> None:
    first, second = (step_of(sentence) for sentence in ("O gato miou", "A vaca mugiu"))
    assert first.loss_before != second.loss_before


def test_the_notebook_takes_the_step_along_and_runs(tmp_path: Path) -> None:
    tokens = tokenize_lesson(SENTENCES[2])
    step = gradient_step(tokens.ids)
    snippet = step_snippet(step, tokens.labels[-len(step.embeddings) :], "en")
    layer = trace_lesson(SENTENCES[2]).layers[1]
    cells = [install_cell("en"), map_cell(layer, 3, tokens.labels, "en"), code(snippet)]
    assert outputs_of(executed(notebook(cells, "en"), tmp_path)) == snippet.prints
