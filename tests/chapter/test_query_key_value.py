"""The page on query, key and value: the projections, the product, the swap and the scale, and what it says of them."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attention.config import AttentionConfig
from attention.dot_products import (
    WIDTHS,
    head_spread,
    project_head,
    saturation,
    spread_of_dot_products,
    swap_query_and_key,
)
from attention.figures import LIGHT, dot_product_bars, head_projections, saturation_curves
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.lesson_model.network import ROTARY_BASE
from attention.lesson_model.source import lesson_matrices, trace_lesson
from attention.notebooks import code, install_cell, notebook
from attention.snippets import Snippet
from attention.snippets_query_key import pair_snippet, projection_snippet, widths_code
from attention.sources import random_matrices, trace_random
from attention.steps import rotate
from attention.texts import LANGUAGES, Language, number, text
from attention.tokens import tokenize
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import executed, imports_of, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

NAME = "query_key_value"
COURSE = "O gato que estava no telhado miou"
HOSTILE = ("a", "👨‍👩‍👧‍👦 🏳️‍🌈", "<b>oi</b> $x$ %{z} `x` ![i](https://example.org/y.png)", "a a a a", "x " * 250)
EN: dict[str, Any] = {"language": "en", "theme": LIGHT}


# ---- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (1, 3)])
def test_input_times_matrix_then_rotation_is_what_the_lesson_model_multiplies(layer: int, head: int) -> None:
    traced, matrices = trace_lesson(COURSE).layers[layer], lesson_matrices(layer, head)
    vectors = project_head(traced, matrices)
    assert matrices.rotated
    for projected, stored in ((vectors.query, traced.query), (vectors.key, traced.key)):
        turned = rotate(torch.tensor(projected)[None, None], ROTARY_BASE)[0, 0].numpy()
        np.testing.assert_allclose(turned, stored[0, head], atol=1e-4)
        np.testing.assert_allclose(projected[0], stored[0, head, 0], atol=1e-4)  # the first place turns nothing
    np.testing.assert_allclose(vectors.value, traced.value[0, head], atol=1e-4)


def test_random_weights_rotate_nothing() -> None:
    config = AttentionConfig(n_heads=3, d_model=24, seed=5)
    traced, matrices = trace_random(tokenize(COURSE), config).layers[0], random_matrices(config, 2)
    vectors = project_head(traced, matrices)
    assert not matrices.rotated
    assert matrices.query.shape == (24, 8)
    for projected, stored in zip(
        (vectors.query, vectors.key, vectors.value), (traced.query, traced.key, traced.value), strict=True
    ):
        np.testing.assert_allclose(projected, stored[0, 2], atol=1e-5)


@pytest.mark.parametrize("scaled", [True, False])
def test_swapping_transposes_the_scores_exactly_and_the_weights_not(*, scaled: bool) -> None:
    layer = trace_lesson(COURSE).layers[1]
    both = swap_query_and_key(layer, HEAD, scaled=scaled)
    assert both.scores_apart < 1e-12
    np.testing.assert_allclose(both.scores, (layer.scaled_scores if scaled else layer.scores)[0, HEAD], atol=1e-4)
    weights = torch.softmax(torch.tensor(both.scores), dim=-1).numpy()
    swapped = torch.softmax(torch.tensor(both.scores.T), dim=-1).numpy()
    np.testing.assert_allclose(both.weights, weights)
    assert both.weights_apart == pytest.approx(np.abs(swapped - weights.T).max())
    assert both.weights_apart > 0.01
    np.testing.assert_allclose(both.swapped_weights.sum(axis=-1), 1)


def test_the_variance_of_a_dot_product_is_the_number_of_components() -> None:
    for d_head in (1, 4, 16, 64, 256):
        assert spread_of_dot_products(d_head, 20_000) ** 2 == pytest.approx(d_head, rel=0.06)


def test_without_the_scale_the_softmax_saturates_and_with_it_not() -> None:
    drawn = saturation(12)
    np.testing.assert_allclose(drawn.spread[0], np.sqrt(WIDTHS), rtol=0.1)
    assert (drawn.spread[1] <= drawn.spread[0]).all()
    assert (drawn.spread[0] <= drawn.spread[2]).all()
    assert drawn.largest[0, -1] > 0.85
    assert (drawn.largest_scaled[0] < 0.5).all()
    np.testing.assert_array_equal(saturation(12).largest, drawn.largest)  # the same draws every time


def test_a_heads_spread_is_that_of_its_own_scores() -> None:
    layer = trace_lesson(COURSE).layers[1]
    scores = layer.query[0, 2].astype(np.float64) @ layer.key[0, 2].T.astype(np.float64)
    plain, divided = head_spread(layer, 2, scaled=False), head_spread(layer, 2, scaled=True)
    assert plain.spread == pytest.approx(scores.std())
    assert plain.spread / divided.spread == pytest.approx(layer.query.shape[-1] ** 0.5)
    assert plain.largest == pytest.approx(torch.softmax(torch.tensor(scores), dim=-1).amax(dim=-1).mean().item())
    assert plain.largest > divided.largest


# ---- the figures -----------------------------------------------------------------------------------------------------


def test_the_terms_stand_by_size_and_add_up_to_the_score() -> None:
    query, key = np.random.default_rng(3).normal(size=(2, 24))
    drawn = dot_product_bars(query, key, **EN)
    products = np.array(drawn.data[2].x)
    assert len(products) == 12 + 1 + 1
    assert (np.diff(np.abs(products[:12])) <= 0).all()
    assert products[-1] == pytest.approx(query @ key)
    assert products[:-1].sum() == pytest.approx(query @ key)
    np.testing.assert_allclose(np.array(drawn.data[0].x) * np.array(drawn.data[1].x), products[:12])


def test_the_projection_shows_the_real_matrices_and_vectors_on_centred_scales() -> None:
    layer, matrices = trace_lesson(COURSE).layers[1], lesson_matrices(1, HEAD)
    vectors = project_head(layer, matrices)
    drawn = head_projections(
        layer.embeddings[0, 7],
        (matrices.query, matrices.key, matrices.value),
        [part[7] for part in (vectors.query, vectors.key, vectors.value)],
        (layer.query[0, HEAD, 7], layer.key[0, HEAD, 7]),
        **EN,
    )
    assert all(trace.zmin == -trace.zmax for trace in drawn.data)
    assert len({trace.zmax for trace in drawn.data[1:4]}) == 1
    np.testing.assert_allclose(drawn.data[1].z, matrices.query, atol=1e-4)
    np.testing.assert_allclose(drawn.data[4].z[0], vectors.query[7], atol=1e-3)
    np.testing.assert_allclose(drawn.data[4].z[1], layer.query[0, HEAD, 7], atol=1e-3)
    assert np.isnan(drawn.data[6].z[1]).all()


def test_the_curves_hold_the_draws_and_the_head_stands_at_its_own_width() -> None:
    drawn, own = saturation(8), head_spread(trace_lesson(COURSE).layers[1], HEAD, scaled=True)
    for narrow in (False, True):
        curves = saturation_curves(drawn, own, 24, narrow=narrow, **EN)
        lines = [trace for trace in curves.data if trace.mode == "lines+markers"]
        np.testing.assert_array_equal(lines[0].y, drawn.spread[0])
        np.testing.assert_allclose(lines[1].y, drawn.spread[0] / np.sqrt(WIDTHS))
        stars = [trace for trace in curves.data if trace.mode == "markers"]
        assert [(star.x[0], star.y[0]) for star in stars] == [(24, own.spread), (24, own.largest)]


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_wait_for_the_guess_and_the_draws_answer_it(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert keys(app) == []
    slider = app.select_slider(key=f"{NAME}_guess_number")
    assert slider.value != 8  # the answer is not given away by where the slider begins
    slider.set_value(8)
    app.button(key=f"{NAME}_guess_send").click()
    run(app)
    assert text("chapter.right", language) in prose(app)
    assert number(spread_of_dot_products(64, 4000), language) in prose(app)
    assert keys(app) == ["sentence", *(f"{NAME}_{part}" for part in ("projections", "terms", "swapped", "saturation"))]


def test_what_it_says_are_the_numbers_of_the_core_and_change_with_the_sentence() -> None:
    answers = set()
    for sentence in (COURSE, "A vaca que viu o cachorro mugiu"):
        trace = trace_lesson(sentence)
        scores = trace.layers[1].scores[0, HEAD, -1]
        both = swap_query_and_key(trace.layers[1], HEAD, scaled=True)
        words = prose(visit(NAME, guessed=SKIPPED, text=sentence))
        best = int(scores.argmax())
        assert f"é a de “{trace.tokens.labels[best]}”: pontuação {number(float(scores[best]), 'pt-BR')}" in words
        assert f"(maior diferença: {number(100 * both.weights_apart, 'pt-BR', 1)} pontos)" in words
        plain = head_spread(trace.layers[1], HEAD, scaled=False)
        assert f"desvio padrão {number(plain.spread, 'pt-BR')}" in words
        answers.add(words)
    assert len(answers) == 2


def test_the_misconception_is_shown_false_by_the_most_one_sided_pair() -> None:
    layer = trace_lesson(COURSE).layers[1]
    both = swap_query_and_key(layer, HEAD, scaled=True)
    row, column = np.unravel_index(int((both.weights - both.weights.T).argmax()), both.weights.shape)
    words = prose(visit(NAME, guessed=SKIPPED, lang="en"))
    for i, j in ((row, column), (column, row)):
        assert f"(score {number(float(layer.scores[0, HEAD, i, j]), 'en')})" in words
    assert both.weights[row, column] - both.weights[column, row] > 0.05


@pytest.mark.parametrize("address", [{"scale": "0"}, {"text": "O gato viu o gato e o gato miou"}, {"text": "😀 😀"}])
def test_the_example_of_the_swap_is_of_two_different_places(address: dict[str, str]) -> None:
    sentence = address.get("text", COURSE)
    trace = trace_lesson(sentence, AttentionConfig(scaled="scale" not in address))
    names = named(trace.tokens.labels, "pt-BR")
    words = prose(visit(NAME, guessed=SKIPPED, **address))
    (key, query, score), *others = re.findall(r"A pontuação ([^ ]+), que era de (.+?) para (.+?), agora", words)
    assert others == []
    row, column = names.index(query), names.index(score)
    assert row != column
    assert number(float(trace.layers[1].scores[0, HEAD, row, column]), "pt-BR") == key


def test_the_flipped_table_names_who_looks_above_and_its_sentences_turn_with_it() -> None:
    layer = trace_lesson(COURSE).layers[1]
    both = swap_query_and_key(layer, HEAD, scaled=True)
    drawn = figure(visit(NAME, guessed=SKIPPED), f"{NAME}_swapped")
    looks, looked_at = text("figures.looks", "pt-BR"), text("figures.looked_at", "pt-BR")
    axes = {axis: drawn["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2")}
    assert [looks in axes[axis] for axis in axes] == [True, False, False, True]
    assert [looked_at in axes[axis] for axis in axes] == [False, True, True, False]
    names = named(trace_lesson(COURSE).tokens.labels, "pt-BR")
    said = {"query": names[5], "key": names[2], "share": share(float(both.weights[5, 2]), "pt-BR")}
    assert drawn["data"][0]["hovertext"][2][5] == text("figures.weight", "pt-BR", **said)


def test_the_scale_has_a_second_switch_at_its_figure_that_says_the_same() -> None:
    app = visit(NAME, guessed=SKIPPED)
    assert app.toggle(key=f"{NAME}_scaled").value is True
    app.toggle(key=f"{NAME}_scaled").set_value(False)
    run(app)
    assert app.toggle(key="scaled").value is False
    assert "a escala está desligada" in prose(app)
    app.toggle(key="scaled").set_value(True)
    run(app)
    assert app.toggle(key=f"{NAME}_scaled").value is True


def test_the_keys_to_choose_from_are_counted() -> None:
    for row in (1, 4):
        assert f"entre as que ela pode ver ({row})" in prose(visit(NAME, guessed=SKIPPED, row=str(row)))


def test_the_scale_switch_moves_the_star_and_the_sentence() -> None:
    app = visit(NAME, guessed=SKIPPED)
    before = figure(app, f"{NAME}_saturation")["data"]
    app.toggle(key="scaled").set_value(False)
    run(app)
    after = figure(app, f"{NAME}_saturation")["data"]
    star = next(i for i, trace in enumerate(before) if trace["mode"] == "markers")
    assert after[star]["y"][0] > before[star]["y"][0]
    assert "a escala está desligada" in prose(app)


def test_another_key_has_another_product() -> None:
    app = visit(NAME, guessed=SKIPPED)
    layer = trace_lesson(COURSE).layers[1]
    app.selectbox(key=f"{NAME}_key_7_8").set_value(5)
    run(app)
    assert f"é {number(float(layer.scores[0, HEAD, 7, 5]), 'pt-BR')}; dividida" in prose(app)


def test_a_learned_fact_is_said_of_the_trained_model_only() -> None:
    assert text(f"{NAME}.trained", "en") in prose(visit(NAME, guessed=SKIPPED, lang="en"))
    random = prose(visit(NAME, guessed=SKIPPED, lang="en", model="random"))
    assert text(f"{NAME}.trained", "en") not in random
    assert text(f"{NAME}.not_rotated", "en") in random


@pytest.mark.parametrize(("language", "sentence"), list(zip(cycle(LANGUAGES), HOSTILE)))
def test_any_sentence_under_any_switch(language: Language, sentence: str) -> None:
    for address in (
        {},
        {"model": "random", "dropout": "1", "p": "0.9", "words": "1", "row": "1"},
        {"words": "1", "causal": "0", "scale": "0"},
        {"model": "random", "mask": "renormalise", "heads": "12", "dims": "24", "positions": "0"},
    ):
        app = visit(NAME, guessed=SKIPPED, text=sentence, lang=language.lower(), **address)
        assert f"{NAME}_saturation" in keys(app)
        app.session_state[f"{NAME}_pencil"] = True
        app.session_state[f"{NAME}_code"] = True
        run(app)


# ---- what is taken home ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sentence", [COURSE, "a", "<b>oi</b> {x} \\ 'y'"])
def test_its_code_prints_the_digits_on_the_screen(sentence: str, tmp_path: Path) -> None:
    trace = trace_lesson(sentence)
    layer, row = trace.layers[1], len(trace.tokens) - 1
    for config in (AttentionConfig(), AttentionConfig(scaled=False)):
        snippet = pair_snippet(layer, config, HEAD, (row, 0), trace.tokens.labels, "pt-BR")
        assert imports_of(snippet.code) == {"torch"}
        assert printed_by(snippet, tmp_path) == snippet.prints
    projected = projection_snippet(layer, lesson_matrices(1, HEAD), row, "pt-BR")
    assert printed_by(Snippet(f"import torch\n{projected.code}", ""), tmp_path) == projected.prints
    first = [number(float(component), "pt-BR", 3).replace("−", "-") for component in eval_list(projected.prints)]
    words = prose(visit(NAME, guessed=SKIPPED, text=sentence)).replace("−", "-")
    assert "; ".join(first) in words


def eval_list(printed: str) -> list[float]:
    """Return the numbers of a printed list of strings."""
    return [float(part.strip(" '")) for part in printed.strip("[]\n").split(",")]


def test_its_notebook_runs(tmp_path: Path) -> None:
    trace = trace_lesson(COURSE)
    snippet = pair_snippet(trace.layers[1], AttentionConfig(), HEAD, (7, 2), trace.tokens.labels, "en")
    projected = projection_snippet(trace.layers[1], lesson_matrices(1, HEAD), 7, "en")
    cells = [install_cell("en"), code(snippet), code(projected), code(widths_code("en"))]
    printed = outputs_of(executed(notebook(cells, "en"), tmp_path))
    assert printed.startswith(snippet.prints + projected.prints)
    widths = [line.split() for line in printed.splitlines()[-5:]]
    assert [line[0] for line in widths] == ["1", "4", "16", "64", "256"]
    assert all(abs(float(measured) / float(root) - 1) < 0.15 for _, measured, root in widths)
