"""The page on dropout: its draws are torch's, its mean returns as the formula says, later layers do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Generator

from attention import figures
from attention.config import AttentionConfig
from attention.draws import RUNS, first_lost_row, repeat_dropout
from attention.lesson_model.later_layers import repeat_below
from attention.lesson_model.source import trace_lesson
from attention.notebooks import code, draws_cell, install_cell, map_cell, notebook
from attention.snippets import Snippet, row_snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, count, number, percent, text
from attention.tokens import tokenize
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import executed, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

NAME = "dropout"
COURSE = "O gato que estava no telhado miou"
HOSTILE = ("a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום a\u0301")
FIGURES = ["dropout_draw", "dropout_mean", "dropout_error"]


def test_draw_k_of_the_mean_is_the_draw_the_screen_shows_with_that_seed() -> None:
    config = AttentionConfig()
    draws = repeat_dropout(trace_lesson(COURSE, config).layers[1], HEAD, 0.3)
    shown = [
        trace_lesson(COURSE, replace(config, dropout=0.3, dropout_seed=seed)).layers[1].dropped_weights[0, HEAD]
        for seed in range(4)
    ]
    assert np.allclose(draws.means[2], np.mean(shown, axis=0), atol=1e-6)
    assert np.allclose(draws.sums[:4], np.sum(shown, axis=-1), atol=1e-6)


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
def test_the_expected_error_is_the_binomial_one_and_falls_like_one_over_root_n(dropout: float) -> None:
    layer = trace_random(tokenize(COURSE), AttentionConfig()).layers[0]
    draws = repeat_dropout(layer, 0, dropout)
    weights = layer.weights[0, 0][layer.mask].astype(np.float64)
    zero, survivor = weights**2, (weights / (1 - dropout) - weights) ** 2
    variance = dropout * zero + (1 - dropout) * survivor  # of one cell, over its two outcomes
    assert draws.expected[0] == pytest.approx(np.sqrt(variance.mean()))
    assert all(before / after == pytest.approx(np.sqrt(2)) for before, after in pairwise(draws.expected))
    measured = np.sqrt(np.mean(draws.errors**2, axis=0))
    assert np.all(np.abs(np.log(measured / draws.expected)) < 0.5)
    assert draws.errors.shape == (RUNS, len(draws.counts))


def test_the_mean_of_later_layers_stops_where_the_one_with_held_inputs_goes_on_falling() -> None:
    config = AttentionConfig()
    trace = trace_lesson(COURSE, config)
    held, again = repeat_dropout(trace.layers[1], HEAD, 0.5), repeat_below(trace.tokens, config, HEAD, 0.5)
    few, many = again.counts.index(32), again.counts.index(128)
    held_errors, again_errors = (np.sqrt(np.mean(errors**2, axis=0)) for errors in (held.errors, again.errors))
    assert held_errors[many] / held_errors[few] < 0.7
    assert again_errors[many] / again_errors[few] > 0.8
    assert repeat_below(trace.tokens, config, HEAD, 0.0).errors.max() < 1e-6


def test_a_lost_row_has_lost_every_weight_it_may_give_and_is_the_first() -> None:
    layer = trace_lesson(COURSE).layers[1]
    row = len(layer.mask) - 1
    found = first_lost_row(layer, HEAD, 0.5, row, 1000)
    assert found is not None
    lost = [
        draw
        for draw in range(found.draw + 1)
        if not (torch.rand(layer.weights.shape, generator=Generator().manual_seed(draw)) >= 0.5)[0, HEAD, row].any()
    ]
    assert (lost == [found.draw]) if found.row == row else (lost == [])
    config = AttentionConfig(dropout=0.5, dropout_seed=found.draw)
    assert not trace_lesson(COURSE, config).layers[1].context[0, HEAD, found.row].any()
    open_layer = trace_lesson(COURSE, AttentionConfig(causal=False)).layers[1]
    assert first_lost_row(open_layer, HEAD, 0.1, row, 50) is None  # a chance of 1 in 10⁸ a row


def test_curves_are_points_bands_hold_every_run_and_an_error_of_zero_is_said() -> None:
    errors = np.array([[0.2, 0.1], [0.4, 0.0]])
    curve = figures.ErrorCurve("a", (1, 4), errors, np.array([0.3, 0.15]))
    drawn = figures.error_curves([curve], language="pt-BR", theme=figures.theme_named("light"), chosen=4)
    band, line, expected = drawn.data
    assert line.y[0] == pytest.approx(100 * np.sqrt((0.2**2 + 0.4**2) / 2))
    assert list(band.y[:2]) == pytest.approx([40, 10])
    assert min(band.y) > 0
    assert list(expected.y) == pytest.approx([30, 15])
    assert line.hovertext[1] == "a<br>" + text("figures.error_at", "pt-BR", n=4, points="7,1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_wait_for_the_guess_and_the_truth_is_the_sums(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert keys(app) == []
    app.button(key="dropout_guess_depends").click()
    run(app)
    assert keys(app) == [*FIGURES, "dropout_later"]
    assert text("chapter.right", language) in prose(app)
    sums = repeat_dropout(trace_lesson(COURSE).layers[1], HEAD, 0.5).sums[:, -1]
    low, high = (percent(float(end), language) for end in (sums.min(), sums.max()))
    assert text("dropout.truth", language, n=count(len(sums), language), low=low, high=high) in prose(app)


def test_the_page_draws_its_own_dropout_and_leaves_the_readers_switch_alone() -> None:
    app = visit(NAME, guessed=SKIPPED)
    first = figure(app, "dropout_draw")
    app.button(key="dropout_page_again").click()
    run(app)
    assert figure(app, "dropout_draw") != first
    app.select_slider(key="dropout_page_p").set_value(0.9)
    run(app)
    sentence = text("dropout.error_what", "pt-BR", p="0,9")
    assert sentence in prose(app)
    assert not {"dropout", "p", "draw", "train"} & set(app.query_params)


def test_a_guess_outlives_another_p_and_not_other_weights() -> None:
    app = visit(NAME, model="random")
    app.button(key="dropout_guess_depends").click()
    run(app)
    app.select_slider(key="dropout_page_p").set_value(0.9)
    run(app)
    assert text("chapter.right", "pt-BR") in prose(app)
    app.session_state["seed"] = 5
    run(app)
    assert text("chapter.right", "pt-BR") not in prose(app)
    assert text("chapter.other_case", "pt-BR") in prose(app)


def test_a_row_sums_to_what_it_did_on_average_within_what_chance_explains() -> None:
    weights = trace_lesson(COURSE).layers[1].weights[0, HEAD, -1]
    for p in (0.1, 0.5):
        sums = repeat_dropout(trace_lesson(COURSE).layers[1], HEAD, p).sums[:, -1]
        error = np.sqrt(p / (1 - p) * float((weights**2).sum()) / len(sums))  # of the mean of independent draws
        assert abs(sums.mean() - 1) < 4 * error
        assert sums.std() / len(sums) ** 0.5 == pytest.approx(error, rel=0.1)


def test_every_row_that_lost_everything_is_named() -> None:
    layer = trace_lesson(COURSE, AttentionConfig(dropout=0.5)).layers[1]
    lost = np.flatnonzero(~(layer.kept[0, HEAD] & layer.mask).any(axis=-1))
    labels = trace_lesson(COURSE).tokens.labels
    assert lost.size > 1
    key = "dropout.lost_too" if lost.size > 2 else "dropout.lost_too_one"
    named = ", ".join(f"“{labels[row]}”" for row in lost[:-1])
    assert text(key, "pt-BR", rows=named) in prose(visit(NAME, guessed=SKIPPED))


def test_what_a_row_is_expected_to_sum_to_is_what_it_sums_to_without_dropout() -> None:
    for p, factor in ((0.1, "1,11"), (0.5, "2,00"), (0.9, "10,00")):
        app = visit(NAME, guessed=SKIPPED)
        app.select_slider(key="dropout_page_p").set_value(p)
        run(app)
        assert f"some com chance {percent(p, 'pt-BR')} ou fica multiplicado por {factor}" in prose(app)
        assert "o valor esperado da soma é 100%, o mesmo que sem dropout" in prose(app)
        assert (1 - p) * float(factor.replace(",", ".")) == pytest.approx(1, abs=2e-3)


def test_p_has_a_second_slider_at_the_means_that_says_the_same() -> None:
    app = visit(NAME, guessed=SKIPPED)
    app.select_slider(key="dropout_page_p_again").set_value(0.9)
    run(app)
    assert app.select_slider(key="dropout_page_p").value == 0.9
    assert text("dropout.error_what", "pt-BR", p="0,9") in prose(app)
    app.select_slider(key="dropout_page_p").set_value(0.2)
    run(app)
    assert app.select_slider(key="dropout_page_p_again").value == 0.2


def test_the_errors_of_later_layers_are_those_of_the_draws() -> None:
    config = AttentionConfig()
    trace = trace_lesson(COURSE, config)
    held, again = repeat_dropout(trace.layers[1], HEAD, 0.5), repeat_below(trace.tokens, config, HEAD, 0.5)
    many = min(held.counts[-1], again.counts[-1])
    said: dict[str, object] = {"few": many // 4, "many": many}
    for name, draws in (("held", held), ("again", again)):
        for n, when in ((many // 4, "few"), (many, "many")):
            error = np.sqrt(np.mean(draws.errors[:, draws.counts.index(n)] ** 2))
            said[f"{name}_{when}"] = number(100 * float(error), "pt-BR", 1)
    assert text("dropout.later_numbers", "pt-BR", **said) in prose(visit(NAME, guessed=SKIPPED))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_head_of_one_weight_is_told_in_the_singular(language: Language) -> None:
    app = visit(NAME, guessed=SKIPPED, model="random", text="a", lang=language.lower())
    app.select_slider(key="dropout_page_mean").set_value(1)
    run(app)
    kept = bool(trace_random(tokenize("a"), AttentionConfig(dropout=0.5)).layers[0].kept[0, 0, 0, 0])
    said = {"head": 1, "sum": "200%", "p": "50%"}
    assert (text("dropout.struck_only_kept", language, **said) in prose(app)) == kept
    assert (text("dropout.struck_only_lost", language, **said) in prose(app)) != kept
    assert {"pt-BR": "Um sorteio sozinho", "en": "A single draw"}[language] in prose(app)


def test_the_axes_of_the_errors_are_said_to_be_logarithmic() -> None:
    layout = figure(visit(NAME, guessed=SKIPPED, lang="en"), "dropout_error")["layout"]
    assert "logarithmic axes" in layout["xaxis"]["title"]["text"]
    assert [layout[axis]["type"] for axis in ("xaxis", "yaxis")] == ["log", "log"]


def test_at_inference_nothing_changes_and_nothing_is_averaged() -> None:
    app = visit(NAME, guessed=SKIPPED)
    app.button_group(key="dropout_page_training").set_value(False)
    run(app)
    assert keys(app) == ["dropout_draw"]
    assert text("reading.inference", "pt-BR") in prose(app)
    assert figure(app, "dropout_draw")["layout"]["xaxis3"]["title"]["text"].startswith("<b>diferença = 0</b>")


def test_a_click_leads_to_a_draw_in_which_a_row_loses_everything_and_says_its_chance() -> None:
    app = visit(NAME, guessed=SKIPPED)
    found = first_lost_row(trace_lesson(COURSE).layers[1], HEAD, 0.5, 7, 1000)
    assert found is not None
    app.button(key="dropout_page_lost").click()
    run(app)
    assert text("dropout.draw", "pt-BR", draw=found.draw + 1, head=HEAD + 1) in prose(app)
    assert "a linha de “miou” perdeu tudo: os 8 pesos" in prose(app)
    assert f"A chance disso era de {percent(0.5**8, 'pt-BR', 1)}" in prose(app)


@pytest.mark.parametrize("sentence", [COURSE, "A vaca mugiu"])
def test_what_is_observed_is_computed_from_this_draw(sentence: str) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence)
    layer = trace_lesson(sentence, AttentionConfig(dropout=0.5)).layers[1]
    allowed = int(layer.mask.sum())
    struck = allowed - int((layer.kept[0, HEAD] & layer.mask).sum())
    assert f"zerou {struck} dos {allowed} pesos da cabeça {HEAD + 1}: {percent(struck / allowed, 'pt-BR')}" in prose(
        app
    )
    draws = repeat_dropout(trace_lesson(sentence).layers[1], HEAD, 0.5)
    errors = [number(100 * float(values[draws.counts.index(16)]), "pt-BR", 1) for values in draws.errors[:1]]
    assert f"A média dos primeiros 16 sorteios erra {errors[0]} pontos" in prose(app)
    sums = draws.sums[:, -1]
    more, less = (count(int(n), "pt-BR") for n in ((sums > 1.001).sum(), (sums < 0.999).sum()))
    assert f"somou mais do que isso em {more} e menos em {less}." in prose(app)


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_any_sentence_is_drawn_in_any_mode(sentence: str, model: str) -> None:
    for address in ({"words": "1", "dropout": "1", "train": "0"}, {"mask": "zero-after"}, {"causal": "0"}):
        app = visit(NAME, guessed=SKIPPED, text=sentence, model=model, **address)
        assert keys(app)[:3] == FIGURES
        assert ("dropout_later" in keys(app)) == (model == "lesson")


def test_the_cell_by_hand_takes_the_pages_own_draw() -> None:
    layer = trace_lesson(COURSE, AttentionConfig(dropout=0.5)).layers[1]
    strongest = int(layer.weights[0, HEAD, -1].argmax())
    app = visit(NAME, guessed=SKIPPED)
    app.session_state["dropout_pencil"] = True
    run(app)
    kept = bool(layer.kept[0, HEAD, -1, strongest])
    ends = text("pencil.survived", "pt-BR", factor="2,00") if kept else text("pencil.dropped", "pt-BR")
    assert ends in prose(app)


@pytest.mark.parametrize("sentence", [COURSE, "<b> $x$", "A"])
def test_the_code_prints_the_dropped_row(sentence: str, tmp_path: Path) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence)
    app.session_state["dropout_code"] = True
    run(app)
    code_shown, prints = (element.value for element in app.code)
    weights = trace_lesson(sentence, AttentionConfig(dropout=0.5)).layers[1].dropped_weights[0, HEAD, -1]
    assert [line.rpartition(": ")[2] for line in prints.splitlines()[:-1]] == [f"{weight:.1%}" for weight in weights]
    assert printed_by(Snippet(code_shown, prints), tmp_path).strip() == prints.strip()


def test_the_notebook_of_the_page_runs(tmp_path: Path) -> None:
    config = AttentionConfig(dropout=0.5)
    layer = trace_lesson(COURSE, config).layers[1]
    labels = trace_lesson(COURSE).tokens.labels
    snippet = row_snippet(layer, config, HEAD, 7, labels, "en")
    cells = [install_cell("en"), map_cell(layer, HEAD, labels, "en"), code(snippet), draws_cell(layer, HEAD, 0.5, "en")]
    ran = executed(notebook(cells, "en"), tmp_path)
    assert outputs_of(ran) == snippet.prints
    curves = ran.cells[-1].outputs[0].data["application/vnd.plotly.v1+json"]["data"]
    expected = repeat_dropout(layer, HEAD, 0.5).expected
    assert len(curves) == RUNS + 1
    assert np.allclose(curves[-1]["y"], expected, rtol=1e-4)
