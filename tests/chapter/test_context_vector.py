"""The page on the context vector: its sum, its plane, its sliders, and what it says about them."""

from __future__ import annotations

import json
from itertools import cycle, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from attention.config import MASK_MODES, AttentionConfig
from attention.figures import LIGHT, context_plane, running_sum, value_strips
from attention.figures.sentences import share
from attention.lesson_model.source import trace_lesson
from attention.mixing import convex_hull, distance_outside, distances, mix_row, nearest_value, principal_plane
from attention.notebooks import code, install_cell, map_cell, notebook
from attention.snippets import row_snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, number, percent, text
from attention.tokens import tokenize
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import executed, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

NAME = "context_vector"
HOSTILE = ("a", "👨‍👩‍👧‍👦 🏳️‍🌈", "<b>oi</b> $x$ %{z} `x` ![i](https://example.org/y.png)", "a a a a", "x " * 250)
COURSE = "O gato que estava no telhado miou"
CONFIGS = (
    AttentionConfig(),
    AttentionConfig(causal=False, scaled=False),
    AttentionConfig(dropout=0.5, dropout_seed=3),
    AttentionConfig(dropout=1.0),
    *(AttentionConfig(mask_mode=mode) for mode in MASK_MODES[1:]),
)


# ---- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS)
def test_a_row_mixed_again_is_the_row_of_the_core(config: AttentionConfig) -> None:
    layer = trace_lesson(COURSE, config).layers[1]
    for head, row in product(range(4), range(layer.mask.shape[0])):
        scores, kept = layer.scaled_scores[0, head, row], layer.kept[0, head, row]
        mixed = mix_row(scores, layer.value[0, head], layer.mask[row], kept, config)
        np.testing.assert_allclose(mixed.weights, layer.weights[0, head, row], atol=1e-6)
        np.testing.assert_allclose(mixed.dropped_weights, layer.dropped_weights[0, head, row], atol=2e-6)
        np.testing.assert_allclose(mixed.context, layer.context[0, head, row], atol=2e-5)


def test_moved_scores_are_mixed_as_torch_mixes_them() -> None:
    scores, values = np.array([1.0, -2.0, 0.5, 9.0]), np.random.default_rng(0).normal(size=(4, 3))
    may_look = np.array([True, True, True, False])
    mixed = mix_row(scores, values, may_look, np.ones(4, dtype=bool), AttentionConfig())
    weights = torch.softmax(torch.tensor([1.0, -2.0, 0.5, -torch.inf], dtype=torch.float64), dim=0)
    np.testing.assert_allclose(mixed.weights, weights.numpy())
    np.testing.assert_allclose(mixed.context, (weights @ torch.tensor(values)).numpy())


def test_raising_one_score_takes_weight_from_every_other_token() -> None:
    scores, values, seen = np.array([0.3, 1.0, -0.4]), np.eye(3), np.ones(3, dtype=bool)
    before, after = (mix_row(scores + raised, values, seen, seen, AttentionConfig()) for raised in (0, [0, 2, 0]))
    assert after.weights[1] > before.weights[1]
    assert (after.weights[[0, 2]] < before.weights[[0, 2]]).all()


def test_the_plane_is_that_of_the_two_largest_directions_of_the_covariance() -> None:
    cloud = np.random.default_rng(1).normal(size=(40, 5)) * [5, 3, 1, 0.5, 0.1] + 7
    plane = principal_plane(cloud)
    values, vectors = np.linalg.eigh(np.cov(cloud.T))
    for axis, kept, vector, value in zip(plane.axes, plane.shares, vectors.T[::-1], values[::-1], strict=False):
        assert abs(axis @ vector) == pytest.approx(1)
        assert kept == pytest.approx(value / values.sum())
    np.testing.assert_allclose(plane.project(cloud).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(plane.project(cloud).var(axis=0, ddof=1), values[::-1][:2])


@pytest.mark.parametrize(("cloud", "shares"), [(np.ones((1, 4)), (0, 0)), (np.array([[0.0, 1], [2, 1]]), (1, 0))])
def test_a_cloud_without_width_has_a_plane_all_the_same(cloud: np.ndarray, shares: tuple[float, float]) -> None:
    plane = principal_plane(cloud)
    assert plane.shares == pytest.approx(shares)
    assert np.isfinite(plane.project(cloud)).all()


points = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(points, st.integers(0, 1000))
def test_a_mixture_whose_weights_sum_to_one_never_leaves_the_hull(cloud: list[tuple[int, int]], seed: int) -> None:
    corners = np.array(cloud, dtype=float)
    hull = convex_hull(corners)
    assert {tuple(corner) for corner in hull} <= {tuple(corner) for corner in corners}
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(corners)))
    assert distance_outside(weights @ corners, hull) < 1e-9
    assert all(distance_outside(corner, hull) < 1e-9 for corner in corners)


def test_what_is_outside_has_the_distance_to_the_nearest_side() -> None:
    square = convex_hull(np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1]]))
    assert len(square) == 4
    assert distance_outside(np.array([1.0, -3]), square) == 3
    assert distance_outside(np.array([5.0, 6]), square) == 5
    assert distance_outside(np.array([1.0, 1]), square) == 0
    assert distance_outside(np.array([3.0, 4]), convex_hull(np.array([[0.0, 0]]))) == 5


def test_what_is_outside_in_the_shadow_is_outside_in_every_dimension() -> None:
    """A projection of a mixture is the mixture of the projections: the hull's shadow holds every mixture's shadow."""
    layer = trace_lesson(COURSE).layers[1]
    values = layer.value[0, HEAD]
    plane = principal_plane(values)
    weights = np.random.default_rng(2).dirichlet(np.ones(len(values)), size=50)
    np.testing.assert_allclose(plane.project(weights @ values), weights @ plane.project(values), atol=1e-5)


def test_with_dropout_a_context_vector_leaves_the_hull() -> None:
    left = 0
    for seed in range(20):
        layer = trace_lesson(COURSE, AttentionConfig(dropout=0.5, dropout_seed=seed)).layers[1]
        plane = principal_plane(layer.value[0, HEAD])
        shadow = plane.project(layer.context[0, HEAD, -1])
        left += distance_outside(shadow, convex_hull(plane.project(layer.value[0, HEAD]))) > 1e-3
    assert left > 0


# ---- the figures -----------------------------------------------------------------------------------------------------


def test_every_bar_begins_where_the_last_ended_and_the_last_is_the_context() -> None:
    layer = trace_lesson(COURSE).layers[1]
    labels, weights, values = trace_lesson(COURSE).tokens.labels, layer.weights[0, HEAD, 5], layer.value[0, HEAD]
    drawn = running_sum(labels, weights, values, layer.mask[5], component=4, language="en", theme=LIGHT)
    bars = drawn.data[0]
    assert len(bars.x) == 6 + 1
    np.testing.assert_allclose(np.array(bars.base[1:-1]), np.array(bars.base[:-2]) + np.array(bars.x[:-2]), atol=1e-6)
    assert bars.base[-1] == 0
    assert bars.x[-1] == pytest.approx(layer.context[0, HEAD, 5, 4], abs=1e-5)


def test_a_small_weight_of_a_sum_is_not_written_as_zero() -> None:
    weights, values, mask = np.array([0.0001, 0.55]), np.array([[1.0], [2.0]]), np.array([True, True])
    options: dict[str, Any] = {"component": 0, "language": "pt-BR", "theme": LIGHT}
    sums = running_sum(("a", "b"), weights, values, mask, **options)
    strips = value_strips(("a", "b"), weights, values, mask, **options)
    for drawn in (sums, strips):
        assert "&lt;0,1%" in drawn.to_json()
        assert "0,0%" not in drawn.to_json()


def test_many_tokens_share_a_row_and_the_sum_stays_the_whole() -> None:
    trace = trace_random(tokenize("a b c d e f g h i j k l m n o p q r s t"), AttentionConfig())
    layer, last = trace.layers[0], len(trace.tokens) - 1
    weights, values, mask = layer.weights[0, 0, last], layer.value[0, 0], layer.mask[last]
    options: dict[str, Any] = {"component": 2, "language": "pt-BR", "theme": LIGHT}
    bars = running_sum(trace.tokens.labels, weights, values, mask, **options)
    strips = value_strips(trace.tokens.labels, weights, values, mask, **options)
    assert len(bars.data[0].x) == 12 + 1 + 1
    assert bars.data[0].x[-1] == pytest.approx(layer.context[0, 0, last, 2], abs=1e-5)
    np.testing.assert_allclose(np.array(strips.data[1].z)[-1], layer.context[0, 0, last], atol=1e-3)
    np.testing.assert_allclose(np.nansum(np.array(strips.data[1].z)[:-2], axis=0), layer.context[0, 0, last], atol=2e-3)


def test_a_circle_covers_an_area_in_proportion_to_its_weight_and_labels_do_not_overlap() -> None:
    spots = np.array([[0.0, 0], [1, 0], [1, 1], [1.0001, 1]])
    weights = np.array([0.64, 0.16, 0.1, 0.1])
    drawn = context_plane(
        ("<b>", "b", "c", "d"),
        spots,
        weights,
        convex_hull(spots),
        weights @ spots,
        before=None,
        shares=(0.5, 0.2),
        language="en",
        theme=LIGHT,
    )
    values = drawn.data[1]
    assert values.marker.size[0] / values.marker.size[1] == pytest.approx(2)
    assert values.text[0] == "&lt;b&gt;"
    assert len({(values.textposition[i], values.text[i]) for i in (2, 3)}) == 2
    assert drawn.layout.yaxis.scaleanchor == "x"


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_wait_for_the_guess(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert app.title[0].value == text(f"{NAME}.question", language)
    assert keys(app) == [f"{NAME}_guess_tokens"]
    app.button(key=f"{NAME}_guess_skip").click()
    run(app)
    assert keys(app) == ["sentence", f"{NAME}_strips", f"{NAME}_bars", f"{NAME}_plane"]
    assert text("chapter.observe", language) in [header.value for header in app.header]


def test_what_it_says_are_the_numbers_of_the_core_and_change_with_the_sentence() -> None:
    answers = set()
    for sentence in (COURSE, "A vaca que viu o cachorro mugiu"):
        trace = trace_lesson(sentence)
        layer, last = trace.layers[1], len(trace.tokens) - 1
        context, values = layer.context[0, HEAD, last], layer.value[0, HEAD]
        near = int(np.linalg.norm(values - context, axis=1).argmin())
        words = prose(visit(NAME, guessed=SKIPPED, text=sentence))
        assert f"“{trace.tokens.labels[near]}”, com peso" in words
        assert number(float(np.linalg.norm(values[near] - context)), "pt-BR") in words
        assert "; ".join(number(float(component), "pt-BR", 3) for component in context[:3]) in words
        answers.add(words)
    assert len(answers) == 2


def test_the_misconception_is_shown_false_by_a_row_that_mixes() -> None:
    layer = trace_lesson(COURSE).layers[1]
    row = int(layer.weights[0, HEAD].max(axis=-1).argmin())
    strongest = int(layer.weights[0, HEAD, row].argmax())
    apart = float(distances(layer.context[0, HEAD, row], layer.value[0, HEAD])[strongest])
    words = prose(visit(NAME, guessed=SKIPPED, row=str(row + 1)))
    assert number(apart, "pt-BR") in words
    assert percent(float(layer.weights[0, HEAD, row, strongest]), "pt-BR") in words
    assert apart > 0.1


@pytest.mark.parametrize("draw", range(6))
def test_a_row_of_which_dropout_left_one_weight_is_not_said_to_mix(draw: int) -> None:
    app = visit(NAME, guessed=SKIPPED, row="6", lang="en", dropout="1", draw=str(draw))
    assert "from other tokens too (0)" not in prose(app)


def test_moving_a_score_moves_the_vector_and_the_button_takes_it_back() -> None:
    app = visit(NAME, guessed=SKIPPED)
    still = figure(app, f"{NAME}_plane")
    slider = score_sliders(app)[0]
    start = float(str(slider.value))
    slider.set_value(round(start - 4, 1))
    run(app)
    moved = figure(app, f"{NAME}_plane")
    assert moved["data"][2]["x"] != still["data"][2]["x"]
    assert moved["data"][1]["x"] == still["data"][1]["x"]
    assert moved["data"][2]["x"][0] == pytest.approx(still["data"][2]["x"][0])
    app.button(key=f"{NAME}_back").click()
    run(app)
    assert figure(app, f"{NAME}_plane")["data"][2]["x"] == still["data"][2]["x"]
    assert score_sliders(app)[0].value == start


def score_sliders(app: AppTest) -> list[Any]:
    """Return the sliders that move scores."""
    return [slider for slider in app.select_slider if str(slider.key).startswith(f"{NAME}_score")]


def test_with_dropout_the_sum_is_said_not_to_be_one() -> None:
    app = visit(NAME, guessed=SKIPPED, dropout="1", model="random")
    layer = trace_random(tokenize(COURSE), AttentionConfig(dropout=0.5)).layers[0]
    total = percent(float(layer.dropped_weights[0, 0, -1].sum()), "pt-BR")
    assert f"soma {total}, não 100%" in prose(app)


DROPPED = {"dropout": "1", "p": "0.9", "draw": "3"}


def dropped_row(draw: int = 3, p: float = 0.9) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return the layer on a first visit's screen under dropout, and which of the last row's weights it struck out."""
    layer = trace_lesson(COURSE, AttentionConfig(dropout=p, dropout_seed=draw)).layers[1]
    return layer, ~layer.kept[0, HEAD, -1], layer.dropped_weights[0, HEAD, -1]


def test_what_dropout_struck_out_has_a_cross_and_no_slider() -> None:
    _, struck, _ = dropped_row()
    labels = trace_lesson(COURSE).tokens.labels
    assert 0 < struck.sum() < len(labels)
    app = visit(NAME, guessed=SKIPPED, **DROPPED)
    assert {str(slider.label).rpartition(" de ")[2].strip("“”") for slider in score_sliders(app)} == {
        label for label, gone in zip(labels, struck, strict=True) if not gone
    }
    rows = figure(app, f"{NAME}_strips")["layout"]["yaxis"]["ticktext"]
    sums = figure(app, f"{NAME}_bars")["data"][1]["text"]
    plane = figure(app, f"{NAME}_plane")["data"][1]["hovertext"]
    for place, gone in enumerate(struck):
        assert ("×</b>" in rows[place]) == gone
        assert (sums[place] == f"× {text('figures.cell_dropped', 'pt-BR')}") == gone
        assert ("com peso zerado" in plane[place]) == gone
    assert "0,0%" not in json.dumps([rows, sums, plane])


def test_a_row_that_dropout_left_little_of_is_not_said_to_copy_or_to_mix_many() -> None:
    layer, struck, weights = dropped_row()
    near = nearest_value(layer.context[0, HEAD, -1], layer.value[0, HEAD], layer.mask[-1])
    assert weights.sum() < 0.5
    words = prose(visit(NAME, guessed=SKIPPED, lang="en", **DROPPED))
    assert "all but copies" not in words
    assert "in a mixture of many" not in words
    assert ("which dropout struck out" in words) == struck[near]
    assert "with weight 0%" not in words


def test_a_moved_score_under_dropout_says_what_was_on_the_struck_tokens() -> None:
    layer, struck, _ = dropped_row()
    app = visit(NAME, guessed=SKIPPED, **DROPPED)
    slider = score_sliders(app)[0]
    position = int(str(slider.key).rpartition("_")[2])
    slider.set_value(round(float(str(slider.value)) - 4, 1))
    run(app)
    scores = layer.scaled_scores[0, HEAD, -1].astype(float)
    scores[position] = float(str(score_sliders(app)[0].value))
    weights = np.exp(scores - scores.max())
    lost = share(float(weights[struck].sum() / weights.sum()), "pt-BR")
    assert text(f"{NAME}.moved_struck", "pt-BR", share=lost) in prose(app)
    assert "A linha soma 0%" not in prose(app)


@pytest.mark.parametrize("draw", range(4))
def test_a_row_that_may_see_one_token_has_no_slider_and_its_own_weight(draw: int) -> None:
    app = visit(NAME, guessed=SKIPPED, model="random", text="a", dropout="1", draw=str(draw))
    kept = bool(trace_random(tokenize("a"), AttentionConfig(dropout=0.5, dropout_seed=draw)).layers[0].kept[0, 0, 0, 0])
    assert score_sliders(app) == []
    assert ("multiplicado por 2,00, 200%" in prose(app)) == kept
    assert ("o vetor de contexto é só zeros" in prose(app)) != kept


def test_why_some_tokens_have_no_slider_is_said() -> None:
    note = text(f"{NAME}.sliders_strongest", "pt-BR", n=5)
    assert note in prose(visit(NAME, guessed=SKIPPED))
    assert note not in prose(visit(NAME, guessed=SKIPPED, row="5"))


@pytest.mark.parametrize(("language", "sentence"), list(zip(cycle(LANGUAGES), HOSTILE)))
def test_any_sentence_under_any_switch(language: Language, sentence: str) -> None:
    for address in (
        {},
        {"model": "random", "dropout": "1", "p": "0.9", "words": "1"},
        {"words": "1", "causal": "0", "scale": "0"},
        {"mask": "zero-after"},
        {"model": "random", "mask": "renormalise", "heads": "1", "dims": "24", "positions": "0"},
    ):
        app = visit(NAME, guessed=SKIPPED, text=sentence, lang=language.lower(), **address)
        assert f"{NAME}_plane" in keys(app)
        app.session_state[f"{NAME}_pencil"] = True
        app.session_state[f"{NAME}_code"] = True
        run(app)


def test_the_sum_by_hand_adds_up_to_the_component_on_the_screen() -> None:
    app = visit(NAME, guessed=SKIPPED, row="6")
    app.session_state[f"{NAME}_pencil"] = True
    run(app)
    layer = trace_lesson(COURSE).layers[1]
    component = int(np.abs(layer.context[0, HEAD, 5]).argmax())
    total = number(float(layer.context[0, HEAD, 5, component]), "pt-BR", 3).replace("−", "{-}").replace(",", "{,}")
    assert any(
        formula.value.replace("$", "").replace(r"\end{aligned}", "").strip().endswith(f"= {total}")
        for formula in app.latex
    )


@pytest.mark.parametrize("sentence", [COURSE, "a", "<b>oi</b> {x}"])
def test_its_code_prints_the_context_vector_on_the_screen(sentence: str, tmp_path: Path) -> None:
    trace = trace_lesson(sentence)
    row = len(trace.tokens) - 1
    snippet = row_snippet(trace.layers[1], AttentionConfig(), HEAD, row, trace.tokens.labels, "pt-BR")
    assert printed_by(snippet, tmp_path) == snippet.prints
    app = visit(NAME, guessed=SKIPPED, text=sentence)
    app.session_state[f"{NAME}_code"] = True
    run(app)
    assert snippet.prints.strip() in [block.value.strip() for block in app.code]


def test_its_notebook_runs(tmp_path: Path) -> None:
    trace = trace_lesson(COURSE)
    layer, labels = trace.layers[1], trace.tokens.labels
    snippet = row_snippet(layer, AttentionConfig(), HEAD, 7, labels, "en")
    cells = [install_cell("en"), map_cell(layer, HEAD, labels, "en"), code(snippet)]
    assert outputs_of(executed(notebook(cells, "en"), tmp_path)) == snippet.prints


def test_the_nearest_value_is_one_that_may_be_seen() -> None:
    values = np.array([[0.0, 0], [5, 5], [1, 1]])
    assert nearest_value(np.array([0.0, 0]), values, np.array([False, True, True])) == 2
