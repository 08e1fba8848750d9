"""The page on the intuition: arcs as wide as their weights, who wins of two words, and who predicts what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention import figures
from attention.config import AttentionConfig
from attention.figures import LIGHT
from attention.figures.arcs import WIDEST, drawn_arcs
from attention.figures.sentences import share
from attention.lesson_model.predictions import chance_of, next_tokens
from attention.lesson_model.results import roles_of
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.notebooks import code, install_cell, map_cell, notebook
from attention.presets import PRESETS
from attention.snippets import row_snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, text
from attention.tokens import tokenize
from attention.ui.lesson import measured_share
from attention.ui.reading import legend
from attention.ui.state import LESSON_FOCUS
from attention.views import WeightsView, view_tokens, view_words
from tests.chapter.running import executed, outputs_of, printed_by
from tests.chapter.visiting import keys
from tests.test_pages import APP, figure, prose, run

COURSE = PRESETS[0].text
LAYER, HEAD = LESSON_FOCUS
SKIP = "intuition_guess_skip"
HOSTILE = ("a", "<b>oi</b> $x$ %{z} {0}", "👨‍👩‍👧‍👦 🏳️‍🌈", "![x](https://example.org/x.png) **b**", "gato " * 120)
STATES: tuple[dict[str, str], ...] = (
    {},
    {"words": "1"},
    {"causal": "0"},
    {"row": "1"},
    {"mask": "zero-after"},
    {"mask": "renormalise", "scale": "0"},
    {"dropout": "1", "p": "0.9"},
)


def open_page(*, guessed: bool = True, **address: str) -> AppTest:
    return open_at(address, guessed=guessed)


def open_at(address: dict[str, str], *, guessed: bool = True) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    for slug, value in address.items():
        app.query_params[slug] = value
    run(app.switch_page("pages/intuition.py"))
    if guessed:
        app.button(key=SKIP).click()
        run(app)
    return app


def said(app: AppTest) -> str:
    return prose(app).replace("\\", "")


def course_view() -> WeightsView:
    return view_tokens(trace_lesson(COURSE).layers[LAYER], tokenize_lesson(COURSE))


# --- The figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_width", [330, 700])
@pytest.mark.parametrize("row", [0, 3, 10])
def test_an_arc_is_as_wide_as_its_weight_and_every_weight_is_drawn_or_counted(line_width: int, row: int) -> None:
    trace = trace_random(tokenize(COURSE), AttentionConfig(causal=False))
    view = view_tokens(trace.layers[0], trace.tokens)
    row = min(row, len(view.labels) - 1)
    drawn = figures.arcs(view, 2, row, language="pt-BR", theme=LIGHT, line_width=line_width)
    widths = {int(shape.name): shape.line.width for shape in drawn.layout.shapes if shape.name}
    weights = view.weights[2, row]
    assert widths == pytest.approx({key: WIDEST * weight for key, weight in enumerate(weights) if weight >= 0.02})
    rest = figures.left_out(view, 2, row)
    assert rest.n == len(weights) - len(widths)
    assert rest.share + sum(widths.values()) / WIDEST == pytest.approx(1, abs=1e-5)


def test_masked_and_undefined_keys_have_no_arc_and_are_not_counted_as_left_out() -> None:
    trace = trace_random(tokenize(COURSE), AttentionConfig())
    view = view_tokens(trace.layers[0], trace.tokens)
    assert drawn_arcs(view, 0, 0) == [0]
    assert figures.left_out(view, 0, 0) == (0, 0.0)
    undefined = WeightsView(
        view.labels,
        view.before_dropout,
        np.zeros_like(view.weights),
        view.cells,
        np.ones_like(view.undefined),
        grouped=False,
    )
    drawn = figures.arcs(undefined, 0, 3, language="en", theme=LIGHT)
    assert [shape for shape in drawn.layout.shapes if shape.name] == []
    assert "0÷0" in drawn.data[0].text[0]


def test_the_words_stand_in_a_line_where_it_is_wide_enough_and_never_leave_it() -> None:
    view = course_view()
    for line_width, lines in ((700, 1), (330, len(view.labels))):
        drawn = figures.arcs(view, HEAD, 7, language="en", theme=LIGHT, line_width=line_width).data[0]
        assert len(set(drawn.y)) == lines
        assert max(left + width for left, width in zip(drawn.base, drawn.x, strict=True)) <= line_width


def test_of_a_long_sentence_the_row_and_its_strongest_are_drawn() -> None:
    trace = trace_random(tokenize("um dois " * 60), AttentionConfig(positions=False))
    view = view_tokens(trace.layers[0], trace.tokens)
    row = len(view.labels) - 1
    shown = figures.drawn_tokens(view, 0, row)
    assert shown == sorted({row, *drawn_arcs(view, 0, row)})
    assert len(shown) <= 13
    assert len(figures.arcs(view, 0, row, language="en", theme=LIGHT).data[0].x) == len(shown)


def test_the_bars_are_the_weights_of_both_words_row_by_row() -> None:
    view = course_view()
    drawn = figures.pair_bars(view, HEAD, (6, 7), (2, 6), language="en", theme=LIGHT)
    wanted = [view.weights[HEAD, row, key] for row in (6, 7) for key in (2, 6)]
    np.testing.assert_allclose(drawn.data[0].x, wanted, atol=1e-6)
    masked = figures.pair_bars(view, HEAD, (2,), (2, 6), language="en", theme=LIGHT).data[0]
    assert (masked.x[1], masked.text[1]) == (0, text("figures.cell_masked", "en"))


def test_two_bars_of_the_same_word_are_told_apart_by_its_positions() -> None:
    trace = trace_lesson("a a a a")
    view = view_tokens(trace.layers[1], trace.tokens)
    names = figures.pair_bars(view, HEAD, (3, 4), (1, 2), language="pt-BR", theme=LIGHT).layout.yaxis.ticktext
    assert len(set(names)) == 4
    assert names[0] == "“a” (posição 4) → “a” (posição 2)"


# --- What is computed ------------------------------------------------------------------------------------------------


def test_the_chance_of_a_token_is_that_of_the_list_of_the_likeliest() -> None:
    trace = trace_lesson(COURSE)
    assert trace.logits is not None
    position = 6
    (first,) = next_tokens(trace.logits, position, 1)
    best = int(trace.logits[0, position].argmax())
    assert chance_of(trace.logits, position, best) == first.probability
    total = sum(chance_of(trace.logits, position, token) for token in range(trace.logits.shape[-1]))
    assert total == pytest.approx(1, abs=1e-9)


def test_the_head_shown_at_first_has_a_measured_job_at_the_verb() -> None:
    assert {"predicts", "verb"} & {role.name for role in roles_of(LAYER, HEAD)}


def test_a_row_under_the_mask_bets_without_seeing_what_comes() -> None:
    one, other = trace_lesson(COURSE), trace_lesson(COURSE.replace("miou", "caiu"))
    assert one.logits is not None
    assert other.logits is not None
    np.testing.assert_allclose(one.logits[0, 6], other.logits[0, 6], atol=1e-4)
    assert np.abs(one.logits[0, 7] - other.logits[0, 7]).max() > 0.1


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_shown_before_the_guess_and_everything_after(language: Language, model: str) -> None:
    app = open_page(guessed=False, lang=language.lower(), model=model)
    assert keys(app) == ["intuition_guess_tokens"]
    assert app.title[0].value == text("intuition.question", language)
    app.button(key=SKIP).click()
    run(app)
    shown = keys(app)
    assert shown[:2] == ["intuition_arcs", "sentence"]
    assert {"intuition_arcs_trained", "intuition_arcs_random", "intuition_arcs_before", "intuition_arcs_row"} <= {
        *shown
    }
    assert ("intuition_next_before" in shown) == (model == "lesson")
    assert text("intuition.misconception", language) in prose(app)
    assert len(text("intuition.intro", language).split()) <= 120


def test_the_sides_are_the_trained_row_and_the_same_row_of_random_weights() -> None:
    app = open_page()
    view = course_view()
    gato, telhado = view.labels.index("gato"), view.labels.index("telhado")
    config = AttentionConfig(n_heads=4, d_model=96)
    for seed in (0, 1):
        other = view_tokens(trace_random(tokenize_lesson(COURSE), config).layers[0], tokenize_lesson(COURSE))
        for side, weights in (("trained", view.weights), ("random", other.weights)):
            drawn = figure(app, f"intuition_pair_{side}")["data"][0]["x"]
            wanted = [float(weights[HEAD, row, key]) for row in (6, 7) for key in (gato, telhado)]
            np.testing.assert_allclose(drawn, wanted, atol=1e-6)
        assert text("intuition.random", "pt-BR", seed=seed) in prose(app)
        shares = [share(float(other.weights[HEAD, 7, key]), "pt-BR") for key in (gato, telhado)]
        assert f"a linha de “miou” dá {shares[0]} a “gato” e {shares[1]} a “telhado”" in said(app)
        app.button(key="intuition_draw").click()
        run(app)
        config = AttentionConfig(n_heads=4, d_model=96, seed=seed + 1)


def test_the_row_before_the_verb_is_the_one_that_predicts_it() -> None:
    app = open_page()
    trace = trace_lesson(COURSE)
    assert trace.logits is not None
    for slot, row in (("before", 6), ("row", 7)):
        wanted = [prediction.probability for prediction in next_tokens(trace.logits, row, 4)]
        np.testing.assert_allclose(figure(app, f"intuition_next_{slot}")["data"][0]["x"], wanted, rtol=1e-6)
        assert figure(app, f"intuition_arcs_{slot}")["data"][0]["meta"]["row"] == row
    chance = chance_of(trace.logits, 6, trace.tokens.ids[7])
    assert f"a “miou”, que veio, dava {share(chance, 'pt-BR')}" in said(app)
    assert "dava" not in said(open_page(causal="0")).split("O que observar")[-1]


def test_the_measured_score_stands_under_the_arcs_of_the_lesson_model_only() -> None:
    role = roles_of(LAYER, HEAD)[0]
    captions = "".join(caption.value for caption in open_page().caption).replace("\\", "")
    assert measured_share(role.share, "pt-BR") in captions
    captions = "".join(caption.value for caption in open_page(model="random").caption).replace("\\", "")
    assert measured_share(role.share, "pt-BR") not in captions


def test_the_misconception_is_judged_by_a_count_of_rows() -> None:
    for sentence in (COURSE, "O cachorro latiu", "A vaca"):
        weights = trace_lesson(sentence).layers[LAYER].weights[0, HEAD]
        distant = [int(key) for row, key in enumerate(weights.argmax(axis=-1)) if abs(row - key) > 1]
        far, resting, n = sum(key > 0 for key in distant), distant.count(0), len(weights)
        shown = said(open_page(text=sentence))
        told = f"em {far} de {n} linhas o token mais olhado não é" if far else f"em {n - resting} de {n} linhas"
        assert told in shown
        assert ("de longe" in shown) == bool(resting)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_one_token_has_no_near_and_no_far(language: Language) -> None:
    shown = said(open_page(text="a", model="random", lang=language.lower()))
    assert text("intuition.one_row", language) in shown


def test_the_legend_under_the_strip_explains_only_what_is_in_the_strip() -> None:
    view = course_view()
    hatched = text("reading.legend_masked", "pt-BR")
    last = len(view.labels) - 1
    assert hatched in legend(view, HEAD, "pt-BR")
    assert hatched not in legend(view, HEAD, "pt-BR", row=last)
    assert hatched in legend(view, HEAD, "pt-BR", row=last - 1)
    assert hatched not in said(open_page())


def test_the_sentences_follow_the_sentence_and_the_two_words() -> None:
    first = said(open_page())
    app = open_page(text="O cachorro do vizinho latiu")
    assert said(app) != first
    boxes = [box for box in app.selectbox if box.key and box.key.startswith("intuition_a_")]
    assert [box.value for box in boxes] != []
    boxes[0].set_value(1)
    run(app)
    view = view_tokens(
        trace_lesson("O cachorro do vizinho latiu").layers[LAYER], tokenize_lesson("O cachorro do vizinho latiu")
    )
    assert figure(app, "intuition_pair_trained")["data"][0]["x"][-2] == pytest.approx(
        float(view.weights[HEAD, len(view.labels) - 1, 1]), abs=1e-6
    )


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("address", STATES, ids=str)
def test_every_state_of_the_switches_draws(address: dict[str, str], model: str) -> None:
    app = open_at({"model": model} | address)
    assert "intuition_arcs" in keys(app)


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("words", ["0", "1"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_sentence_draws(hostile: str, words: str, model: str) -> None:
    app = open_page(text=hostile, words=words, model=model)
    assert "intuition_arcs" in keys(app)
    assert "<b>oi" not in prose(app).replace("\\<", "")


def test_grouped_words_are_named_and_foretold_by_their_last_piece() -> None:
    sentence = "O zubrão velho miou"
    app = open_page(text=sentence, words="1", row="4")
    tokens = tokenize_lesson(sentence)
    view = view_words(trace_lesson(sentence).layers[LAYER], tokens)
    before = view.labels.index("velho") - 1
    last = max(place for place, word in enumerate(tokens.words) if word == before)
    logits = trace_lesson(sentence).logits
    assert logits is not None
    wanted = [prediction.probability for prediction in next_tokens(logits, last, 4)]
    np.testing.assert_allclose(figure(app, "intuition_next_before")["data"][0]["x"], wanted, rtol=1e-6)


# --- What is taken home ----------------------------------------------------------------------------------------------


def test_the_code_and_the_notebook_print_the_focused_row(tmp_path: Path) -> None:
    for sentence in (COURSE, "A", HOSTILE[1]):
        trace = trace_lesson(sentence)
        layer, labels = trace.layers[LAYER], trace.tokens.labels
        snippet = row_snippet(layer, AttentionConfig(), HEAD, len(labels) - 1, labels, "pt-BR")
        assert printed_by(snippet, tmp_path) == snippet.prints
    written = notebook([install_cell("en"), map_cell(layer, HEAD, labels, "en"), code(snippet)], "en")
    assert outputs_of(executed(written, tmp_path)) == snippet.prints
