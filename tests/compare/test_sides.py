"""Comparing two sides without a browser: what is drawn and said is what the two hold."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.alignment import By, align
from attention.config import AttentionConfig
from attention.figures.pairs import pair
from attention.figures.sentences import share
from attention.lesson_model.history import lesson_history
from attention.lesson_model.source import load_network, trace_lesson, trace_model
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.presets import PRESETS
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, percent, text
from attention.tokens import tokenize
from attention.ui.compare.side import Side, Sides
from attention.ui.compare.side_controls import swapped
from attention.ui.compare.sides_reading import sentences
from attention.ui.layout import NOTED_CHARACTERS, Frame, quoted
from attention.ui.state import SHOWN_ROWS, SIDE_FIELDS, ViewState, parse, write
from attention.views import WeightsView, view_words
from tests.chapter.visiting import figure, keys, prose, run
from tests.figures.samples import sample_view, with_row, with_undefined_row
from tests.test_pages import HOSTILE, numbers

APP = Path(__file__).parents[2] / "app.py"
COURSE = PRESETS[0].text


def visit(**address: str) -> AppTest:
    """Open the page at an address."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in address.items():
        app.query_params[slug] = value
    app.switch_page("pages/compare.py")
    return run(app)


def address(app: AppTest) -> dict[str, str]:
    """Return the address the page would have."""
    kept = app.session_state
    return write(ViewState(**{field.name: kept[field.name] for field in fields(ViewState) if field.name in kept}))


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption).replace("\\", "")


def parts(app: AppTest) -> dict[str, np.ndarray[Any, Any]]:
    """Return the numbers of A, B and their difference as drawn."""
    traces = figure(app, "side_by_side")["data"]
    found = {}
    for trace in traces:
        if (trace.get("meta") or {}).get("role") == "cells":
            found[trace["meta"]["part"]] = numbers(trace["z"])
    return found


def lower(n: int) -> np.ndarray[Any, Any]:
    return np.tril(np.ones((n, n), dtype=bool))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_on_two_heads_and_their_difference_and_nothing_else(language: Language) -> None:
    app = visit(lang=language.lower())
    assert keys(app) == ["side_by_side", "side_bars"]
    layer = trace_lesson(COURSE).layers[1].weights[0]
    seen, shown = lower(layer.shape[-1]), parts(app)
    np.testing.assert_allclose(shown["a"][seen], layer[0][seen], atol=1e-6)
    np.testing.assert_allclose(shown["b"][seen], layer[3][seen], atol=1e-6)
    np.testing.assert_allclose(shown["difference"][seen], (layer[3] - layer[0])[seen], atol=1e-6)
    assert address(app) == ({"v": "1"} if language == "pt-BR" else {"v": "1", "lang": "en"})


def test_the_largest_difference_and_the_cell_in_focus_are_told() -> None:
    app = visit(row="7", column="3")
    layer, labels = trace_lesson(COURSE).layers[1].weights[0].astype(float), tokenize_lesson(COURSE).labels
    change = layer[3] - layer[0]
    row, column = np.unravel_index(np.abs(change).argmax(), change.shape)
    said = prose(app)
    largest = f"“{labels[row]}” → “{labels[column]}”, {percent(layer[0][row, column], 'pt-BR')} em A"
    assert f"A maior diferença: {largest}" in said
    assert (
        f"“telhado” → “gato”: {percent(layer[0][6, 2], 'pt-BR', 1)} em A, {percent(layer[3][6, 2], 'pt-BR', 1)} em B"
        in said
    )
    assert "A linha de “telhado”" in said


def test_without_a_choice_the_last_row_of_both_is_in_focus() -> None:
    assert "A linha de “miou”" in prose(visit())
    assert "A linha de “gato”" in prose(visit(btext="O gato", bhead="1"))


def written_above(app: AppTest, key: str) -> str:
    """Return what stands above a figure in its picture."""
    (live,) = (element for element in app.get("bidi_component") if element.key == key)
    return " ".join(json.loads(live.proto.bytes)["frame"]["heading"])


@pytest.mark.parametrize(
    ("apart", "sentences", "models"),
    [
        ({}, (COURSE, COURSE), ("lesson", "lesson")),
        ({"btext": "A vaca mugiu"}, (COURSE, "A vaca mugiu"), ("lesson", "lesson")),
        ({"model": "random", "bmodel": "lesson"}, (COURSE, COURSE), ("random", "lesson")),
        ({"btext": "A vaca mugiu", "bmodel": "random"}, (COURSE, "A vaca mugiu"), ("lesson", "random")),
    ],
)
def test_a_picture_names_the_sentence_and_the_numbers_of_both_sides(
    apart: dict[str, str], sentences: tuple[str, str], models: tuple[str, str]
) -> None:
    app = visit(**apart)
    for key in ("side_by_side", "side_bars"):
        written = written_above(app, key)
        quoted = [f"“{sentence}”" for sentence in sentences]
        named = [text(f"frame.badge_{model}", "pt-BR") for model in models]
        for a, b in (quoted, named):
            assert written.count(a) == 1
            assert (f"A: {a} · B: {b}" in written) == (a != b)


def test_long_sentences_that_differ_at_their_end_only_are_still_two() -> None:
    a, b = ("x " * 400 + end for end in ("miou", "latiu"))
    begun = f"“{a[:NOTED_CHARACTERS].rstrip()}…”"
    assert quoted(a, b) == f"A: {begun} · B: {begun}"
    assert quoted(a, a) == begun


def test_the_picture_of_all_heads_names_the_sentence_of_the_side_it_shows() -> None:
    for target, sentence in (("a", COURSE), ("b", "A vaca mugiu")):
        written = written_above(visit(btext="A vaca mugiu", show="all", into=target), "overview")
        assert [said for said in (COURSE, "A vaca mugiu") if f"“{said}”" in written] == [sentence]


def test_the_arrows_walk_the_rows_of_both_sentences() -> None:
    app = visit(btext="O gato preto miou", bhead="1", align="word")
    rows, place = app.session_state[SHOWN_ROWS]
    pairs = align(tokenize_lesson(COURSE).word_labels, tokenize_lesson("O gato preto miou").word_labels, "word").pairs
    n_a = sum(a is not None for a, _ in pairs)
    assert rows == tuple(a if a is not None else n_a + (b or 0) for a, b in pairs)
    assert pairs[place][0] == n_a - 1  # “miou”, the last of both
    assert not visit(tool="find").session_state[SHOWN_ROWS]


def test_near_shares_are_written_so_that_their_difference_follows() -> None:
    said = prose(visit(btext="A gata que estava nos telhados miou"))
    found = re.search(r"A maior diferença[^.]*?([\d,]+)% em A e ([\d,]+)% em B \((\S+) pontos?\)", said)
    cell = re.search(r": ([\d,]+)% em A, ([\d,]+)% em B \((\S+) pontos?\)", said)
    assert found
    assert cell
    for written in (found, cell):
        a, b, points = (float(each.replace(",", ".").replace("\N{MINUS SIGN}", "-")) for each in written.groups())
        assert b - a == pytest.approx(points)


def test_identical_sides_differ_by_exactly_zero_and_that_is_said() -> None:
    app = visit(bhead="1")
    assert text("sides.same", "pt-BR") in prose(app)
    assert not np.nan_to_num(parts(app)["difference"]).any()
    app = visit(bhead="1", bdropout="1", btrain="0")
    assert text("sides.same", "pt-BR") in prose(app)


def test_other_settings_that_give_the_same_numbers_are_not_called_the_same_thing() -> None:
    app = visit(model="random", bhead="1", text="a", bcausal="0")
    assert text("sides.equal", "pt-BR") in prose(app)
    app = visit(bhead="1", bmask="renormalise")
    assert text("sides.only_rounding", "pt-BR") in prose(app)


@pytest.mark.parametrize(
    ("address", "config"),
    [
        ({"bcausal": "0"}, AttentionConfig(causal=False)),
        ({"bscale": "0"}, AttentionConfig(scaled=False)),
        ({"bmask": "zero-after"}, AttentionConfig(mask_mode="zero_after")),
        ({"bdropout": "1", "bp": "0.2", "bdraw": "3"}, AttentionConfig(dropout=0.2, dropout_seed=3)),
    ],
)
def test_b_has_its_own_switches(address: dict[str, str], config: AttentionConfig) -> None:
    app = visit(bhead="1", **address)
    expected = trace_lesson(COURSE, config).layers[1].dropped_weights[0, 0]
    shown = parts(app)["b"]
    seen = np.isfinite(shown)
    np.testing.assert_allclose(shown[seen], expected[seen], atol=1e-6)
    assert "A e B diferem n" in prose(app)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ({"bhead": "1", "bcausal": "0"}, ["A: camada 2, cabeça 1", "B: camada 2, cabeça 1, sem máscara"]),
        ({"bmodel": "random"}, ["A: camada 2, cabeça 1", "B: cabeça 4, pesos aleatórios"]),
        ({"scale": "0", "bscale": "1", "causal": "0"}, ["A: camada 2, cabeça 1, sem escala", "B: camada 2, cabeça 4"]),
        ({"bdropout": "1", "bmask": "zero-after"}, ["B: camada 2, cabeça 4, máscara tarde demais, com dropout"]),
        ({"model": "random", "bseed": "3"}, ["A: cabeça 1, sorteio 0", "B: cabeça 2, sorteio 3"]),
    ],
)
def test_a_map_s_title_says_what_marks_its_side(address: dict[str, str], names: list[str]) -> None:
    layout = figure(visit(**address), "side_by_side")["layout"]
    titles = [layout[axis]["title"]["text"] for axis in ("xaxis", "xaxis2")]
    assert all(f"<b>{name}</b>" in "".join(titles) for name in names)


def test_what_dropout_left_is_said_to_be_multiplied() -> None:
    assert "Dropout em B, com p = 0,5: o que sobrou foi multiplicado por 2," in captions(visit(bdropout="1"))
    assert "Dropout em A e B, com p = 0,2: o que sobrou foi multiplicado por 1,25," in captions(
        visit(dropout="1", p="0.2")
    )
    assert "Dropout em" not in captions(visit())


def test_what_differs_is_one_sentence() -> None:
    trained, drawn = (text(f"frame.model_{model}", "pt-BR") for model in ("lesson", "random"))
    said = captions(visit(bmodel="random", bcausal="0"))
    assert (
        f"Além da cabeça, A e B diferem no modelo: {trained} em A, {drawn} em B; na máscara causal: com em A, sem em B."
        in said
    )
    trained, drawn = (text(f"frame.model_{model}", "en") for model in ("lesson", "random"))
    said = captions(visit(lang="en", bmodel="random"))
    assert f"Besides the head, A and B differ in the model: {trained} in A, {drawn} in B." in said


def test_a_moment_of_training_stands_beside_its_end() -> None:
    step = next(iter(lesson_history().checkpoints))
    app = visit(bhead="1", moment=str(step), bmoment="end")
    tokens = tokenize_lesson(COURSE)
    early = trace_model(load_network(lesson_history().checkpoints[step]), tokens, AttentionConfig())
    seen = lower(len(tokens))
    np.testing.assert_allclose(parts(app)["a"][seen], early.layers[1].weights[0, 0][seen], atol=1e-6)
    np.testing.assert_allclose(parts(app)["b"][seen], trace_lesson(COURSE).layers[1].weights[0, 0][seen], atol=1e-6)
    assert text("sides.moment_trained", "pt-BR") in prose(app)


def test_models_of_different_vocabularies_are_compared_by_words() -> None:
    app = visit(bmodel="random", bhead="2")
    tokens = tokenize(COURSE)
    words = view_words(trace_random(tokens, AttentionConfig()).layers[0], tokens)
    shown = parts(app)
    np.testing.assert_allclose(np.nan_to_num(shown["b"]), words.weights[1], atol=1e-6)
    pairs = align(tokenize_lesson(COURSE).word_labels, tokens.word_labels, "word").pairs
    assert len(shown["difference"]) == len(pairs) == 8
    assert np.isnan(shown["difference"][0]).all()
    assert "Em A, sem par e fora da diferença: “⟨início⟩”." in prose(app)
    assert "pesos aleatórios" in prose(app)


def test_two_encodings_of_random_weights_are_compared_by_words() -> None:
    app = visit(model="random", encoding="gpt2", bencoding="o200k_base")
    n = len(tokenize(COURSE).word_labels)
    assert {len(part) for part in parts(app).values()} == {n}
    assert "GPT-2" in prose(app)


def test_sentences_of_different_length_lie_by_position_or_by_word() -> None:
    app = visit(btext="O gato preto miou", bhead="1")
    assert {part: len(cells) for part, cells in parts(app).items()} == {"a": 8, "b": 5, "difference": 8}
    assert "Em A, sem par e fora da diferença: “no”, “telhado”, “miou”." in prose(app)
    app.segmented_control(key="align").set_value("word")
    run(app)
    assert address(app)["align"] == "word"
    assert len(parts(app)["difference"]) == 9
    said = prose(app)
    assert "Em A, sem par e fora da diferença: “que”, “estava”, “no”, “telhado”." in said
    assert "Em B, sem par e fora da diferença: “preto”." in said


def test_a_position_without_a_partner_is_not_said_to_be_a_word_that_only_one_side_has() -> None:
    said = prose(visit(text="o gato viu o cachorro", btext="o cachorro viu o gato", align="word"))
    assert "Em A, sem par e fora da diferença: " in said
    assert "Só em A" not in said


@pytest.mark.parametrize("tool", ["find", "worth", "lines"])
def test_the_other_tools_say_that_the_moment_of_training_is_not_theirs(tool: str) -> None:
    step = next(iter(lesson_history().checkpoints))
    moment = text("training.at_step", "pt-BR", step=step)
    said = text("compare.moment_elsewhere", "pt-BR", moment=moment, tool="Lado a lado")
    assert said in captions(visit(tool=tool, moment=str(step)))
    assert said not in captions(visit(tool=tool))
    assert said not in captions(visit(moment=str(step)))


def test_where_no_word_is_shared_it_is_said_and_nothing_is_subtracted() -> None:
    app = visit(model="random", text="gato", btext="vaca preta", align="word")
    assert text("sides.no_partners", "pt-BR") in prose(app)
    assert np.isnan(parts(app)["difference"]).all()
    app = visit(text="gato", btext="vaca", bmodel="random")
    assert text("sides.no_partners_at_all", "pt-BR") in prose(app)
    assert "align" not in [control.key for control in app.segmented_control]


def test_one_token_has_one_cell() -> None:
    app = visit(model="random", text="a", btext="a")
    assert parts(app)["difference"].tolist() == [[0]]
    assert text("sides.equal", "pt-BR") in prose(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_text_of_b_is_drawn_or_explained_while_a_stays(hostile: str, language: Language) -> None:
    app = visit(btext=hostile, lang=language.lower())
    assert app.text_input(key="b_text").value == " ".join(hostile.splitlines())
    if app.info:
        assert app.info[0].value.startswith(text("sides.trouble_b", language, trouble=""))
        assert keys(app) == ["a_alone"]
    else:
        assert keys(app) == ["side_by_side", "side_bars"]


@pytest.mark.parametrize("view", ["difference", "four", "all"])
def test_a_b_that_cannot_be_drawn_leaves_every_view_of_a(view: str) -> None:
    app = visit(btext="   ", show=view)
    assert text("errors.empty_text", "pt-BR") in app.info[0].value
    assert keys(app) == {"difference": ["a_alone"], "four": ["some_heads"], "all": ["overview", "a_alone"]}[view]


def test_a_head_or_model_that_is_not_there_is_told_until_something_is_chosen() -> None:
    app = visit(head="9", bmodel="gpt-5", bhead="7", bscale="7")
    said = captions(app)
    assert "O link pede a cabeça 9, que este modelo não tem; esta é a cabeça 1." in said
    assert "O link pede para B a cabeça 7, que o modelo dele não tem; em B está a cabeça 1." in said
    assert (
        f"O link pede para B o modelo “gpt-5”, que não existe; em B está: {text('frame.model_lesson', 'pt-BR')}."
        in said
    )
    assert "O link pede o que não existe aqui (bscale=7)" in said
    assert keys(app) == ["side_by_side", "side_bars"]
    app.segmented_control(key="b_head").set_value(2)
    run(app)
    assert "O link pede" not in captions(app)


@pytest.mark.parametrize(
    ("page", "address", "said"),
    [
        ("compare", {"tool": "worth", "worth": "off", "off": "9.9-foo"}, "não existe aqui (off=9.9-foo)"),
        (
            "compare",
            {"tool": "find", "layer": "2", "model": "random"},
            "a camada 2, que este modelo não tem; esta é a camada 1.",
        ),
        ("compare", {"tool": "lines", "lines": "12"}, "não existe aqui (lines=12)"),
        ("compare", {"show": "four", "several": "1.9"}, "não existe aqui (several=1.9)"),
        (
            "compare",
            {"moment": "600"},
            "O link pede o passo 600 do treino, cujos pesos não foram guardados; lado a lado, A mostra: passo 750.",
        ),
        (
            "compare",
            {"bmoment": "3600", "lang": "en"},
            "in B, whose weights were not kept; side by side, B shows: end of",
        ),
        ("compare", {"row": "99"}, "O link pede a linha 99, que esta frase não tem; esta é a linha 8, a última."),
        ("explore", {"model": "gpt9"}, "o modelo “gpt9”, que não existe; este é: modelo da lição (treinado)."),
        ("causal_mask", {"head": "9"}, "a cabeça 9, que este modelo não tem; esta é a cabeça 1."),
    ],
)
def test_every_page_tells_what_its_link_asks_for_in_vain(page: str, address: dict[str, str], said: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for slug, value in {"v": "1", **address}.items():
        app.query_params[slug] = value
    app.switch_page(f"pages/{page}.py")
    run(app)
    assert said in captions(app)


def test_the_nearest_moment_stands_in_the_address_and_in_both_doors_while_it_is_told() -> None:
    app = run(visit(moment="600", bmoment="1300"))  # the second run sees what the first one left
    assert "o passo 600" in captions(app)
    assert "para B o passo 1.300" in captions(app)
    assert (address(app)["moment"], address(app)["bmoment"]) == ("750", "1250")
    assert (app.selectbox(key="moment").value, app.selectbox(key="b_moment").value) == (750, "1250")


def test_swapping_puts_each_side_where_the_other_was_and_twice_changes_nothing() -> None:
    app = visit(btext="A vaca mugiu", bscale="0", bmoment="750", head="2")
    before = parts(app)
    app.button(key="swap").click()
    run(app)
    after = parts(app)
    np.testing.assert_array_equal(after["a"], before["b"])
    np.testing.assert_array_equal(after["b"], before["a"])
    assert address(app)["text"] == "A vaca mugiu"
    assert address(app)["btext"] == COURSE
    app.button(key="swap").click()
    run(app)
    again = parts(app)
    np.testing.assert_array_equal(again["difference"], before["difference"])


def test_swapping_is_its_own_undoing_for_any_choice() -> None:
    state = parse(
        {"v": "1", "model": "random", "heads": "8", "seed": "4", "bmodel": "lesson", "bhead": "3", "bp": "0.2"}
    )
    once = replace(state, **swapped(state))
    assert once.side_b.config == state.config
    assert once.config == state.side_b.config
    assert parse(write(once)) == once
    for name in SIDE_FIELDS:
        assert getattr(once, name) == getattr(state.side_b, name)
        assert getattr(once.side_b, name) == getattr(state, name)


def test_the_cell_in_focus_stays_when_b_gets_a_sentence_and_when_the_sides_are_swapped() -> None:
    app = visit(row="7", column="3")
    app.text_input(key="b_text").set_value("A gata que estava nos telhados miou")
    run(app)
    assert "“telhado” | “telhados” → “gato” | “gata”: " in prose(app)
    app.button(key="swap").click()
    run(app)
    assert "“telhados” | “telhado” → “gata” | “gato”: " in prose(app)
    app.text_input(key="b_text").set_value("gato")
    run(app)
    assert (app.session_state["row"], app.session_state["column"]) == (6, 2)


def test_the_word_in_focus_stays_when_the_sides_are_laid_by_words() -> None:
    app = visit(text="O gatuno desconfiado que estava no telhado miou", row="9")
    tokens = tokenize_lesson("O gatuno desconfiado que estava no telhado miou")
    assert len(tokens) > len(tokens.word_labels)
    before = f"A linha de “{tokens.labels[8]}”"
    assert before in prose(app)
    app.selectbox(key="b_model").set_value("random")
    run(app)
    assert f"A linha de “{tokens.word_labels[tokens.words[8]]}”" in prose(app)


def test_copying_a_makes_b_the_same_head() -> None:
    app = visit(btext="A vaca mugiu", bscale="0", head="2")
    app.button(key="copy").click()
    run(app)
    assert text("sides.same", "pt-BR") in prose(app)
    assert not {slug for slug in address(app) if slug in ("btext", "bscale")}


def test_the_address_reopens_what_is_on_the_screen() -> None:
    app = visit(btext="O gato preto miou", align="word", bcausal="0", show="all", into="b", row="3", column="2")
    again = visit(**address(app))
    assert figure(again, "side_by_side") == figure(app, "side_by_side")
    assert figure(again, "overview") == figure(app, "overview")


def test_a_b_that_follows_a_follows_it_to_another_model_and_to_fewer_heads() -> None:
    app = visit()
    app.radio(key="model").set_value("random")
    run(app)
    titles = figure(app, "side_by_side")["layout"]
    assert "A: cabeça 1" in titles["xaxis"]["title"]["text"]
    assert "B: cabeça 2" in titles["xaxis2"]["title"]["text"]
    app = visit(model="random", heads="8", bhead="7")
    app.select_slider(key="n_heads").set_value(2)
    run(app)
    assert address(app)["bhead"] == "1"


def test_the_short_stroke_is_explained_only_where_one_side_alone_may_look() -> None:
    assert text("sides.legend_slant", "pt-BR") in prose(visit(bcausal="0"))
    assert text("sides.legend_slant", "pt-BR") not in prose(visit())


def test_the_overview_names_the_heads_that_stand_in_a_and_b() -> None:
    app = visit(show="all")
    titles = next(trace for trace in figure(app, "overview")["data"] if trace.get("mode") == "text")["text"]
    assert titles[4] == "<b>A: camada 2, cabeça 1</b>"
    assert titles[7] == "B: camada 2, cabeça 4"
    assert titles[0] == "camada 1, cabeça 1"
    meta = figure(app, "overview")["data"][0]["meta"]
    assert (meta["heads"], meta["columns"]) == (8, 4)
    other = visit(show="all", bscale="0")
    titles = next(trace for trace in figure(other, "overview")["data"] if trace.get("mode") == "text")["text"]
    assert not any("B:" in title for title in titles)


def test_four_heads_are_those_of_the_layer_or_those_chosen() -> None:
    app = visit(show="four")
    assert app.pills(key="several_heads").value == [(1, 0), (1, 1), (1, 2), (1, 3)]
    assert figure(app, "some_heads")["data"][0]["meta"]["heads"] == 4
    app.pills(key="several_heads").set_value([(0, 0), (1, 3)])
    run(app)
    assert address(app)["several"] == "1.1-2.4"
    titles = next(trace for trace in figure(app, "some_heads")["data"] if trace.get("mode") == "text")["text"]
    assert titles == ["camada 1, cabeça 1", "camada 2, cabeça 4"]
    layer = trace_lesson(COURSE).layers[1].weights[0, 3, -1]
    assert f"camada 2, cabeça 4: “gato” ({percent(float(layer.max()), 'pt-BR')})" in prose(app)


@pytest.mark.parametrize(
    ("several", "tokens", "labelled"),
    [
        ("2.1-2.2-2.3-2.4", 9, True),
        ("2.1-2.2-2.3-2.4", 10, False),
        ("1.1-2.1", 18, True),
        ("1.1-2.1", 19, False),
        ("1.1", 19, False),
    ],
)
def test_a_few_heads_of_a_short_sentence_have_their_tokens_under_the_columns(
    several: str, tokens: int, *, labelled: bool
) -> None:
    sentence = " ".join(["gato"] * (tokens - 1))  # before them comes the token of the beginning
    layout = figure(visit(show="four", several=several, text=sentence), "some_heads")["layout"]
    assert layout["xaxis"]["showticklabels"] is labelled
    assert bool(layout["xaxis"]["ticktext"]) is labelled
    assert bool(layout["yaxis"]["ticktext"]) is labelled


def said_of(a: WeightsView, b: WeightsView, *, by: By = "position", focus: tuple[int, int] = (0, 0)) -> list[str]:
    """Return what is said of head 1 of `a` beside head 2 of `b`."""
    now = ViewState(b_scaled="0")
    frame = Frame(now, tokenize_lesson("O gato"), "light")
    sides = Sides(
        frame, Side("a", now, grouped=False), Side("b", now.side_b, grouped=False), by, pair(a, b, (0, 1), by), focus
    )
    return sentences(sides)


def test_rows_that_are_0_over_0_are_named_and_stay_out_of_the_difference() -> None:
    a = with_undefined_row(with_undefined_row(sample_view(), 0, 6), 0, 2)
    b = with_undefined_row(sample_view(seed=1), 1, 3)
    said = said_of(a, b, focus=(6, 1))
    assert (
        said[0] == "“miou” → “gato”: 0÷0 em A, " + share(b.weights[1, 6, 1], "pt-BR") + " em B; não há o que subtrair."
    )
    assert said[2] == "Em A, as linhas de “que”, “miou” não estão definidas (0 ÷ 0) e ficam fora da diferença."
    assert said[3] == "Em B, a linha de “estava” não está definida (0 ÷ 0) e fica fora da diferença."
    change = (b.weights[1] - a.weights[0])[[0, 1, 4, 5]]
    assert any(
        percent(size, "pt-BR") in said[1] for size in b.weights[1][[0, 1, 4, 5]][np.abs(change) == np.abs(change).max()]
    )


def test_where_every_row_is_0_over_0_nothing_is_subtracted() -> None:
    a = with_undefined_row(sample_view(("a",)), 0, 0)
    assert said_of(a, sample_view(("a",)))[1] == text("sides.nothing_to_subtract", "pt-BR")


def test_equal_largest_differences_are_counted() -> None:
    a, b = sample_view(("a", "b"), causal=False), sample_view(("a", "b"), causal=False)
    a = with_row(with_row(a, 0, 0, [1.0, 0.0]), 0, 1, [0.5, 0.5])
    b = with_row(with_row(b, 1, 0, [0.0, 1.0]), 1, 1, [0.5, 0.5])
    assert said_of(a, b)[1] == (
        "A maior diferença, igual em 2 células: por exemplo “a” → “a”, 100% em A e 0% em B (\N{MINUS SIGN}100 pontos)."
    )


def test_many_words_without_a_partner_are_counted_not_listed() -> None:
    a, b = sample_view(tuple("abcdefghij")), sample_view(("a",))
    assert said_of(a, b)[-1] == "Em A, sem par e fora da diferença: “b”, “c”, “d”, “e”, “f” e outras 4."


def test_equal_numbers_between_partners_are_not_called_equal_everywhere() -> None:
    one = with_row(sample_view(("a",)), 1, 0, [1.0])
    assert said_of(one, sample_view(("a", "b")))[1] == text("sides.equal_where_paired", "pt-BR")
