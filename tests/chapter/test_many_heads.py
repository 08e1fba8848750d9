"""The page on many heads: the parts add up, the cost is equal, a head switched off is the network's own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import kl_div

from attention import figures
from attention.config import AttentionConfig
from attention.lesson_model.heads_off import divergence, switch_off_each
from attention.lesson_model.source import lesson_output_matrix, load_lesson_model, trace_lesson
from attention.metrics import head_contributions, layer_cost, share_of_output
from attention.notebooks import code, install_cell, map_cell, notebook
from attention.snippets import Snippet
from attention.snippets_heads import output_snippet
from attention.sources import random_attention, random_output_matrix, trace_random
from attention.texts import LANGUAGES, Language, number, percent, text
from attention.tokens import tokenize
from attention.ui.chapter.many_heads import HARDLY
from tests.chapter.running import executed, outputs_of, printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

NAME = "many_heads"
COURSE = "O gato que estava no telhado miou"
HOSTILE = ("a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום a\u0301")
MAPS = ["heads_slices", "heads_maps", "heads_cost_one", "heads_cost_many"]
LESSON_FIGURES = ["heads_off", "many_heads_with_all", "many_heads_without", *MAPS]


@pytest.mark.parametrize("n_heads", [1, 4, 12])
def test_the_heads_parts_add_up_to_the_output_of_random_weights(n_heads: int) -> None:
    config = AttentionConfig(n_heads=n_heads)
    layer = trace_random(tokenize(COURSE), config).layers[0]
    parts = head_contributions(layer.context[0], random_output_matrix(config))
    assert parts.shape == (n_heads, *layer.output[0].shape)
    assert np.allclose(parts.sum(axis=0), layer.output[0], atol=1e-5)


def test_the_heads_parts_add_up_to_the_output_of_each_layer_of_the_lesson_model() -> None:
    for number_of_layer, layer in enumerate(trace_lesson(COURSE).layers):
        parts = head_contributions(layer.context[0], lesson_output_matrix(number_of_layer))
        assert np.allclose(parts.sum(axis=0), layer.output[0], atol=1e-4)
        without = layer.output[0] - parts[2]
        change = np.linalg.norm(without - layer.output[0], axis=-1) / np.linalg.norm(layer.output[0], axis=-1)
        assert np.allclose(share_of_output(parts)[2], change, rtol=1e-3)


@torch.inference_mode()
def test_switching_off_is_what_the_network_does_without_the_head() -> None:
    model, tokens = load_lesson_model(), trace_lesson(COURSE).tokens
    ids = torch.tensor([tokens.ids])
    for position in (2, len(tokens) - 1):
        before = model.next_token(model(ids).final)[0, position]
        found = switch_off_each(tokens, AttentionConfig(), position)
        assert [(off.layer, off.head) for off in found] == [(i, j) for i in range(2) for j in range(4)]
        for off in found:
            after = model.next_token(model(ids, off=[(off.layer, off.head)]).final)[0, position]
            assert np.allclose(off.logits[0, 0], after.numpy(), atol=1e-3)
            nats = kl_div(after.log_softmax(-1), before.log_softmax(-1), log_target=True, reduction="sum")
            assert off.bits == pytest.approx(float(nats) / np.log(2), abs=1e-4)
            assert off.changes_top == bool(before.argmax() != after.argmax())


def test_a_divergence_is_in_bits() -> None:
    fair, certain = np.log(np.array([0.5, 0.5])), np.log(np.array([1 - 1e-12, 1e-12]))
    assert divergence(certain, fair) == pytest.approx(1.0)
    assert divergence(fair, fair) == 0.0


@pytest.mark.parametrize("n_heads", [1, 2, 8])
def test_one_wide_head_costs_as_many_parameters_and_multiplications_as_many_narrow_ones(n_heads: int) -> None:
    n, d_model = 7, 96
    cost = layer_cost(n, d_model, n_heads)
    layer = random_attention(AttentionConfig(n_heads=n_heads, d_model=d_model))
    assert cost.parameters == sum(weight.numel() for weight in layer.parameters())
    assert cost.multiply_adds == layer_cost(n, d_model, 1).multiply_adds == 4 * n * d_model**2 + 2 * n * n * d_model
    assert cost.exponentials == n_heads * layer_cost(n, d_model, 1).exponentials


def test_the_wide_head_and_the_narrow_ones_are_cut_from_the_same_matrices() -> None:
    one, many = (random_attention(AttentionConfig(n_heads=n_heads)) for n_heads in (1, 4))
    assert torch.equal(one.w_query_key_value.weight, many.w_query_key_value.weight)
    assert torch.equal(one.w_output.weight, many.w_output.weight)


def test_the_slices_are_the_numbers_and_the_joined_strip_is_the_contexts_in_order() -> None:
    random = np.random.default_rng(0)
    value, context, output = random.normal(size=(3, 4)), random.normal(size=(3, 4)), random.normal(size=12)
    drawn = figures.head_slices(
        value, context, output, language="pt-BR", theme=figures.theme_named("light"), focus_head=1
    )
    strips = {trace.meta["name"]: np.asarray(trace.z[0], dtype=float) for trace in drawn.data}
    for name, numbers in (("value", value), ("context", context), ("joined", context), ("output", output)):
        assert np.array_equal(strips[name][~np.isnan(strips[name])], numbers.ravel())
    assert np.isnan(strips["context"]).sum() == 2  # a gap between heads, none in the joined vector
    assert not np.isnan(strips["joined"]).any()


def test_bars_are_as_long_as_their_numbers_and_marked_ones_have_the_colour_of_a_change() -> None:
    theme = figures.theme_named("dark")
    drawn = figures.head_bars(
        ["a", "b"],
        [0.5, 0.0],
        ["x", "y"],
        ["", ""],
        title="t",
        language="en",
        theme=theme,
        chosen=1,
        marked=[True, False],
    )
    assert list(drawn.data[0].x) == [0.5, 0.0]
    assert list(drawn.data[0].marker.color) == [theme.difference[-2], theme.line]
    assert list(drawn.layout.yaxis.ticktext) == ["a", "<b>b</b>"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guess_of_the_lesson_model_is_compared_with_the_count(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert keys(app) == []
    tokens = trace_lesson(COURSE).tokens
    n = sum(off.changes_top for off in switch_off_each(tokens, AttentionConfig(), len(tokens) - 1))
    app.select_slider(key="many_heads_guess_number").set_value(n)
    run(app)
    app.button(key="many_heads_guess_send").click()
    run(app)
    assert text("chapter.right", language) in prose(app)
    assert keys(app) == LESSON_FIGURES
    assert text("many_heads.truth_one" if n == 1 else "many_heads.truth", language, n=n, total=8) in prose(app)


def test_a_guess_is_compared_only_under_the_switches_it_was_made_under() -> None:
    app = visit(NAME)
    app.button(key="many_heads_guess_send").click()
    run(app)
    alone = text("chapter.other_case", "pt-BR")
    assert alone not in prose(app)
    app.toggle(key="causal").set_value(False)
    run(app)
    assert alone in prose(app)
    app.toggle(key="causal").set_value(True)
    run(app)
    assert alone not in prose(app)


def test_with_random_weights_the_guess_is_about_the_output() -> None:
    app = visit(NAME, model="random", head="2")
    app.button(key="many_heads_guess_skip").click()
    run(app)
    assert keys(app) == ["heads_off", *MAPS]
    layer = trace_random(tokenize(COURSE), AttentionConfig()).layers[0]
    share = share_of_output(head_contributions(layer.context[0], random_output_matrix(AttentionConfig())))[1, -1]
    assert text("many_heads.truth_random", "pt-BR", share=percent(float(share), "pt-BR")) in prose(app)
    assert text("many_heads.no_roles", "pt-BR") in prose(app)
    assert text("many_heads.shown_false_random", "pt-BR", n=4) in prose(app)


@pytest.mark.parametrize("sentence", [COURSE, "A vaca que viu o boi mugiu"])
def test_what_is_said_of_the_heads_follows_the_sentence(sentence: str) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence)
    tokens = trace_lesson(sentence).tokens
    off = switch_off_each(tokens, AttentionConfig(), len(tokens) - 1)
    strongest = max(off, key=lambda one: one.bits)
    said = f"a cabeça {strongest.head + 1} da camada {strongest.layer + 1} ({number(strongest.bits, 'pt-BR')} bit)"
    assert said in prose(app)
    assert figure(app, "heads_off")["data"][0]["x"] == pytest.approx([one.bits for one in off])
    layer, w_output = trace_lesson(sentence).layers[1], lesson_output_matrix(1)
    parts = head_contributions(layer.context[0, :, -1:], w_output)[:, 0]
    output = parts.sum(axis=0)
    lengths = np.linalg.norm(parts, axis=-1) / np.linalg.norm(output)
    most, least = int(lengths.argmax()), int(lengths.argmin())
    ends = {"most": most + 1, "least": least + 1, "query": f"“{tokens.labels[-1]}”"}
    shares = {
        f"{end}_share": percent(float(lengths[place]), "pt-BR") for end, place in (("most", most), ("least", least))
    }
    assert text("many_heads.contributions", "pt-BR", **ends, **shares) in prose(app)
    assert sum(not one.changes_top for one in off) == 0 or (
        f"{sum(not one.changes_top for one in off)} das 8 cabeças podem ser desligadas" in prose(app)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_single_head_is_told_in_the_singular(language: Language) -> None:
    address = {"model": "random", "heads": "1", "dims": "24", "lang": language.lower()}
    asked = visit(NAME, **address)
    assert {"pt-BR": "Há uma cabeça só", "en": "There is a single head"}[language] in prose(asked)
    app = visit(NAME, guessed=SKIPPED, **address)
    app.session_state[f"{NAME}_pencil"] = True
    run(app)
    shown = prose(app) + json.dumps(figure(app, "heads_slices"), ensure_ascii=False)
    assert not re.search(r"\b1 (cabeças|fatias|heads|slices)|[Ee]stas 1|These 1|das 1 |the 1 ", shown)


def test_a_single_head_among_eight_is_counted_in_the_singular() -> None:
    found = set()
    for row in range(1, 9):
        off = switch_off_each(trace_lesson(COURSE).tokens, AttentionConfig(), row - 1)
        hardly = sum(round(one.bits, 2) < HARDLY for one in off)
        words = prose(visit(NAME, guessed=SKIPPED, row=str(row)))
        verb = {0: "Nenhuma das 8 muda", 1: "Das 8, só 1 muda"}.get(hardly, f"Das 8, {hardly} mudam")
        assert f"{verb} menos de 0,05 bit" in words
        found.add(hardly)
    assert len(found) > 1


def test_the_mask_and_the_head_are_the_readers_own() -> None:
    app = visit(NAME, guessed=SKIPPED, layer="1", head="2")
    assert text("many_heads.without", "pt-BR", layer=1, head=2) in prose(app)
    app.toggle(key="causal").set_value(False)
    run(app)
    assert text("lesson.next_without_mask", "pt-BR") in prose(app)
    tokens = trace_lesson(COURSE).tokens
    off = switch_off_each(tokens, replace(AttentionConfig(), causal=False), len(tokens) - 1)
    assert figure(app, "heads_off")["data"][0]["x"] == pytest.approx([one.bits for one in off])


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_any_sentence_is_drawn_in_any_mode(sentence: str, model: str) -> None:
    for address in ({"words": "1", "dropout": "1"}, {"mask": "zero-after", "scale": "0"}, {"heads": "1"}):
        app = visit(NAME, guessed=SKIPPED, text=sentence, model=model, **address)
        assert keys(app) == (LESSON_FIGURES if model == "lesson" else ["heads_off", *MAPS])


@pytest.mark.parametrize(("model", "heads"), [("lesson", "4"), ("random", "12"), ("random", "1")])
def test_one_number_by_hand_is_that_of_the_output(model: str, heads: str) -> None:
    app = visit(NAME, guessed=SKIPPED, model=model, heads=heads)
    app.session_state["many_heads_pencil"] = True
    run(app)
    trace = (
        trace_lesson(COURSE)
        if model == "lesson"
        else trace_random(tokenize(COURSE), AttentionConfig(n_heads=int(heads)))
    )
    written = number(float(trace.layers[-1].output[0, -1, 0]), "en", 3).replace("\N{MINUS SIGN}", "{-}")
    formulas = [element.value for element in app.latex]
    assert len(formulas) == 3
    assert f"= {written.replace('.', '{,}')}" in formulas[1]


@pytest.mark.parametrize("sentence", [COURSE, "<b> $x$", "A"])
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_the_code_prints_the_output_on_the_screen(sentence: str, model: str, tmp_path: Path) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence, model=model)
    app.session_state["many_heads_code"] = True
    run(app)
    code_shown, prints = (element.value for element in app.code)
    trace = trace_lesson(sentence) if model == "lesson" else trace_random(tokenize(sentence), AttentionConfig())
    output = trace.layers[-1].output[0, -1, :3]
    assert prints.splitlines()[0] == str([f"{component:.3f}" for component in output])
    assert printed_by(Snippet(code_shown, prints), tmp_path).strip() == prints.strip()


def test_the_notebook_of_the_page_runs(tmp_path: Path) -> None:
    trace = trace_lesson(COURSE)
    layer, labels = trace.layers[1], trace.tokens.labels
    snippet = output_snippet(layer, lesson_output_matrix(1), 3, 7, "pt-BR")
    cells = [install_cell("pt-BR"), map_cell(layer, 3, labels, "pt-BR"), code(snippet)]
    assert outputs_of(executed(notebook(cells, "pt-BR"), tmp_path)) == snippet.prints
