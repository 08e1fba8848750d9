"""The page on context: what crosses, what one word's vectors do in two sentences, and what order does."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from attention import figures
from attention.config import AttentionConfig
from attention.figures import LIGHT, CosineLine
from attention.lesson_model.source import load_lesson_model, trace_lesson
from attention.lesson_model.streams import lesson_streams
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.metrics import cosines, relative_changes
from attention.notebooks import code, install_cell, notebook
from attention.presets import PRESETS, TRANSLATIONS
from attention.shared_words import shared_words
from attention.snippets_why_context import cosine_snippet, shuffle_code
from attention.sources import random_attention, trace_random
from attention.texts import LANGUAGES, Language, number, text
from attention.tokens import tokenize
from attention.ui.chapter import why_context
from attention.word_order import shuffle_words, shuffled_order
from tests.chapter.running import executed, imports_of, outputs_of, printed_by
from tests.chapter.visiting import keys
from tests.test_pages import APP, figure, numbers, prose, run

FREE = AttentionConfig(causal=False)
BEFORE, AFTER = why_context.BEFORE[-1], why_context.AFTER[0]
LOOSE = AttentionConfig(causal=False, positions=False)
SKIPS = ("why_context_guess_skip", "why_context_alike_guess_skip")
HOSTILE = ("a", "<b>oi</b> $x$ %{z} {0}", "👨‍👩‍👧‍👦 🏳️‍🌈", "![x](https://example.org/x.png) **b**", "gato " * 120)


def open_page(*, guessed: bool = True, **address: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    for slug, value in address.items():
        app.query_params[slug] = value
    run(app.switch_page("pages/why_context.py"))
    for skip in SKIPS if guessed else ():
        app.button(key=skip).click()
        run(app)
    return app


def word_vectors(sentences: tuple[str, str], word: str, config: AttentionConfig) -> list[np.ndarray]:
    tokens = [tokenize_lesson(sentence) for sentence in sentences]
    return [lesson_streams(one, config)[:, one.labels.index(word)] for one in tokens]


# --- What is computed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [AttentionConfig(), FREE])
def test_the_streams_are_those_of_the_network_itself(config: AttentionConfig) -> None:
    tokens = tokenize_lesson(PRESETS[0].text)
    streams, model = lesson_streams(tokens, config), load_lesson_model()
    with torch.inference_mode():
        final = model(torch.tensor([tokens.ids]), causal=config.causal).final
        last = model.norm(torch.tensor(streams[-1]))
    np.testing.assert_allclose(last.numpy(), final[0].numpy(), atol=1e-5)
    np.testing.assert_array_equal(streams[0], model.embedding.weight.detach().numpy()[list(tokens.ids)])


def test_a_cosine_is_the_dot_product_of_unit_vectors() -> None:
    one, other = np.array([[3.0, 4.0], [1, 0], [0, 0]]), np.array([[30.0, 40.0], [0, 2], [1, 1]])
    np.testing.assert_allclose(cosines(one, other), [1, 0, 0], atol=1e-15)
    assert cosines(one[:1], -other[:1])[0] == -1
    np.testing.assert_allclose(relative_changes(one, other), [9, np.sqrt(5), np.inf])


def test_context_before_a_word_parts_its_vectors_whatever_the_mask() -> None:
    for config in (AttentionConfig(), FREE):
        one, other = word_vectors(BEFORE, "banco", config)
        np.testing.assert_array_equal(one[0], other[0])
        assert cosines(one, other)[-1] < 0.999


def test_context_after_a_word_acts_only_without_the_mask() -> None:
    one, other = word_vectors(AFTER, "banco", AttentionConfig())
    assert relative_changes(one, other).max() < 1e-6
    one, other = word_vectors(AFTER, "banco", FREE)
    np.testing.assert_array_equal(one[0], other[0])
    assert cosines(one, other)[-1] < 0.999


def test_the_entrance_of_the_lesson_model_knows_no_position() -> None:
    tokens = tokenize_lesson("gato gato gato")
    streams = lesson_streams(tokens, AttentionConfig())
    np.testing.assert_array_equal(streams[0, 1], streams[0, 3])
    layer = trace_lesson(tokens).layers[0]
    assert not np.allclose(layer.query[0, 0, 1], layer.query[0, 0, 3])  # position enters here


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sentence", [PRESETS[0].text, PRESETS[2].text, "um dois"])
def test_without_positions_and_mask_a_shuffle_only_permutes_and_the_mask_alone_gives_order_away(
    sentence: str, seed: int
) -> None:
    tokens = tokenize(sentence)
    loose = shuffle_words(tokens, seed, LOOSE)
    assert sorted(loose.order) == list(range(len(tokens))) != list(loose.order)
    assert loose.changes.max() < 1e-5
    assert loose.largest_error < 1e-5
    masked = shuffle_words(tokens, seed, AttentionConfig(positions=False))
    assert masked.order == loose.order
    assert masked.largest_error > 0.1
    moved = shuffle_words(tokens, seed, AttentionConfig(causal=False))
    assert moved.largest_error > 0.1  # positions give it away too


def test_the_changes_of_a_shuffle_stand_in_the_first_order() -> None:
    tokens, config = tokenize(PRESETS[0].text), AttentionConfig(positions=False)
    shuffled, layer = shuffle_words(tokens, 1, config), trace_random(tokens, config).layers[0]
    first = shuffled.order[0]  # under the mask it now sees itself alone: its context is its own value
    with torch.inference_mode():
        alone = random_attention(config).w_output(torch.tensor(layer.value[0, :, first].reshape(1, -1)))[0].numpy()
    before = layer.output[0, first]
    wanted = np.linalg.norm(alone - before) / np.linalg.norm(before)
    assert shuffled.changes[first] == pytest.approx(wanted, abs=1e-5)


def test_an_order_is_drawn_anew_and_never_the_same() -> None:
    assert shuffled_order(1, 0) == (0,)
    assert {shuffled_order(2, seed) for seed in range(20)} == {(1, 0)}
    assert shuffled_order(8, 3) == shuffled_order(8, 3) != shuffled_order(8, 4)


def test_a_shared_word_is_found_with_what_surrounds_it() -> None:
    one, other = (tokenize_lesson(sentence) for sentence in ("O banco, o banco da praça", "Um banco da cidade"))
    banco, da = shared_words(one, other)
    assert (banco.label, one.labels[banco.one], other.labels[banco.other]) == ("banco", "banco", "banco")
    assert banco.one == max(place for place, label in enumerate(one.labels) if label == "banco")
    assert (banco.same_before, banco.same_after, da.label) == (False, False, "da")
    (first, *_) = shared_words(*(tokenize_lesson(sentence) for sentence in AFTER))
    assert first.same_before
    assert not first.same_after
    assert shared_words(tokenize_lesson("a, b"), tokenize_lesson("c, d")) == ()
    assert shared_words(tokenize("👨‍👩‍👧"), tokenize("👨‍👩‍👧")) == ()


# --- The figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_translation_is_aligned_one_to_one_and_its_crossings_are_counted(language: Language) -> None:
    translated = TRANSLATIONS[language]
    n = len(translated.source)
    assert len(translated.word_by_word) == len(translated.target) == len(translated.links) == n
    assert [sorted(side) for side in zip(*translated.links, strict=True)] == [list(range(n))] * 2
    order = [target for _, target in sorted(translated.links)]
    inversions = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
    assert translated.crossings == inversions
    assert translated.source[translated.last] == "Satz"
    for here, there in translated.links:
        assert translated.word_by_word[here].lower() == translated.target[there].lower()
    assert PRESETS[3].text == " ".join(translated.source) + "?"


@pytest.mark.parametrize("line_width", [700, 330])
def test_every_link_is_one_curve_and_those_that_cross_have_the_other_colour(line_width: int) -> None:
    translated = TRANSLATIONS["pt-BR"]
    drawn = figures.alignment(
        translated.source,
        translated.target,
        translated.links,
        notes=translated.word_by_word,
        language="pt-BR",
        theme=LIGHT,
        line_width=line_width,
    )
    curves = [shape for shape in drawn.layout.shapes if shape.name]
    assert [tuple(map(int, curve.name.split())) for curve in curves] == list(translated.links)
    straight = {curve.name for curve in curves if curve.line.color == LIGHT.muted}
    assert straight == {"2 2", "3 3"}
    right = [left + width for left, width in zip(drawn.data[0].base, drawn.data[0].x, strict=True)]
    assert max(right) <= line_width
    assert drawn.data[0].hovertext[0] == "“Kannst” → “pode”"
    assert drawn.data[0].hovertext[8] == "“du” → “Você”"


@pytest.mark.parametrize(
    ("chosen", "other", "side"),
    [
        ([1.0, 0.6], [1.0, 0.7], "bottom left"),  # the lower end: nobody's number stands below it
        ([1.0, 0.7], [1.0, 0.6], "middle right"),  # below it is the other's end
        ([0.9, 1.0], [1.0, 0.6], "top left"),
    ],
)
def test_a_number_stands_beside_its_own_point(chosen: list[float], other: list[float], side: str) -> None:
    lines = [CosineLine("a", np.array(chosen), chosen=True), CosineLine("b", np.array(other), chosen=False)]
    drawn = figures.cosine_lines(["in", "out"], lines, language="en", theme=LIGHT)
    (said,) = (trace for trace in drawn.data if trace.meta["part"] == "chosen")
    assert said.textposition[-1] == side


def test_the_lines_are_the_cosines_and_only_the_chosen_one_writes_its_numbers() -> None:
    lines = [CosineLine("a", np.array([1.0, 0.5]), chosen=True), CosineLine("<b>", np.array([1.0, -0.2]), chosen=False)]
    drawn = figures.cosine_lines(["in", "out"], lines, language="pt-BR", theme=LIGHT)
    other, chosen = drawn.data
    assert (list(chosen.y), list(other.y)) == ([1.0, 0.5], [1.0, -0.2])
    assert ("text" in chosen.mode, "text" in other.mode) == (True, False)
    assert chosen.text[1] == "<b>0,500</b>"
    assert other.name == "&lt;b&gt;"
    assert drawn.layout.yaxis.range[0] < -0.2
    assert drawn.layout.yaxis.range[1] > 1


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_shown_before_the_guess_and_everything_after(language: Language, model: str) -> None:
    app = open_page(guessed=False, lang=language.lower(), model=model)
    assert [key for key in keys(app) if "guess" not in key] == []
    assert app.title[0].value == text("why_context.question", language)
    app.button(key=SKIPS[0]).click()
    run(app)
    assert "why_context_alignment" in keys(app)
    assert "why_context_cosines_before" not in keys(app)
    app.button(key="why_context_alike_guess_close").click()
    run(app)
    assert [key for key in keys(app) if key.startswith("why_context_")] == [
        "why_context_alignment",
        "why_context_cosines_before",
        "why_context_cosines_after",
        "why_context_order_off",
        "why_context_order_on",
    ]
    assert text("why_context.alike_close", language) in prose(app).replace("\\", "")
    assert len(text("why_context.intro", language).split()) <= 120


def test_the_default_sentences_are_the_first_the_model_knows() -> None:
    app = open_page()
    known = app.text_input(key="why_context_before_one_lesson").value
    assert known in {pair[0] for pair in why_context.BEFORE}
    assert "nunca viu" not in "".join(caption.value for caption in app.caption)
    app = open_page(model="random")
    assert app.text_input(key="why_context_before_one_o200k_base").value == why_context.BEFORE[0][0]


def test_the_page_draws_and_says_the_cosines_of_the_core_and_they_follow_mask_and_sentences() -> None:
    app = open_page()
    for causal, sentences in ((True, BEFORE), (False, BEFORE), (False, ("O pai assou o pato", "A mãe viu o pato"))):
        app.toggle(key="causal").set_value(causal)
        for place, sentence in zip(("one", "other"), sentences, strict=True):
            app.text_input(key=f"why_context_before_{place}_lesson").set_value(sentence)
        run(app)
        word = sentences[0].split()[-1]
        wanted = cosines(*word_vectors(sentences, word, AttentionConfig(causal=causal)))
        chosen = figure(app, "why_context_cosines_before")["data"][-1]
        np.testing.assert_allclose(numbers(chosen["y"]), wanted, atol=1e-6)
        assert f"“{word}” têm cosseno 1,000" in prose(app).replace("\\", "")
        assert f"Na saída, {number(float(wanted[-1]), 'pt-BR', 3)}" in prose(app).replace("\\", "")


def test_what_comes_after_changes_nothing_with_the_mask_on_the_screen_too() -> None:
    app = open_page()
    masked, loose = (cosines(*word_vectors(AFTER, "banco", config))[-1] for config in (AttentionConfig(), FREE))
    fallen = number(loose, "pt-BR", 3)
    said = f"o cosseno fica em 1,000; sem a máscara, cai para {fallen}"
    assert masked == pytest.approx(1, abs=1e-9)
    assert said in prose(app).replace("\\", "")
    app.text_input(key="why_context_after_one_lesson").set_value("Um banco da praça")
    run(app)
    assert "algo já é diferente antes de “banco”" in prose(app).replace("\\", "")


@pytest.mark.parametrize(("between", "falls"), [("da ", True), ("que o gato viu no telhado e " * 2 + "da ", False)])
def test_a_cosine_is_said_to_fall_only_where_its_digits_do(between: str, *, falls: bool) -> None:
    pair = (f"O banco {between}praça", f"O banco {between}cidade")
    app = open_page()
    for place, sentence in zip(("one", "other"), pair, strict=True):
        app.text_input(key=f"why_context_after_{place}_lesson").set_value(sentence)
    run(app)
    loose = cosines(*word_vectors(pair, "banco", FREE))[-1]
    assert loose < 1 - 1e-4
    written = number(float(loose), "pt-BR", 3)
    assert (written != "1,000") == falls
    assert (
        f"cai só para {written}. Neste par o modelo quase não usa o que vem depois."
        if falls
        else f"continua em {written}"
    ) in prose(app).replace("\\", "")


def test_two_changed_full_stops_are_not_said_to_make_the_cosine_fall_to_what_it_was() -> None:
    app = open_page()
    for place, sentence in (("one", "O gato viu a vaca."), ("other", "O gato viu a vaca!")):
        app.text_input(key=f"why_context_after_{place}_lesson").set_value(sentence)
    run(app)
    assert "para 1,000" not in prose(app)


def test_an_error_of_nothing_is_not_called_rounding() -> None:
    app = open_page(text="O banco banco")
    assert "A maior diferença é exatamente 0." in prose(app).replace("\\", "")
    assert text("why_context.error_none", "pt-BR") in [caption.value for caption in app.caption]


def test_vectors_that_differ_are_never_printed_as_equal() -> None:
    pair = [f"O banco {'que o gato viu no telhado e ' * 2}da {last}" for last in ("praça", "cidade")]
    app = open_page()
    app.toggle(key="causal").set_value(False)
    for place, sentence in zip(("one", "other"), pair, strict=True):
        app.text_input(key=f"why_context_before_{place}_lesson").set_value(sentence)
    run(app)
    assert "cosseno 0,9997, 1° entre os dois" in prose(app).replace("\\", "")


def test_the_fixed_sentences_speak_only_of_what_is_already_written() -> None:
    for sentences, same_before in ((BEFORE, False), (AFTER, True)):
        word = next(word for word in shared_words(*map(tokenize_lesson, sentences)) if word.label == "banco")
        assert (word.same_before, word.same_after) == (same_before, not same_before)
    for pair in (*why_context.BEFORE, *why_context.AFTER):
        assert all("banco" in sentence for sentence in pair)


def test_a_guess_about_the_masked_vectors_is_not_compared_with_the_open_ones() -> None:
    app = open_page(guessed=False)
    app.button(key=SKIPS[0]).click()
    run(app)
    app.button(key="why_context_alike_guess_close").click()
    run(app)
    alone = prose(app).count(text("chapter.other_case", "pt-BR"))
    app.toggle(key="causal").set_value(False)
    run(app)
    assert prose(app).count(text("chapter.other_case", "pt-BR")) == alone + 1
    app.toggle(key="causal").set_value(True)
    run(app)
    assert prose(app).count(text("chapter.other_case", "pt-BR")) == alone


def test_two_equal_sentences_leave_one_vector() -> None:
    app = open_page()
    for place in ("one", "other"):
        app.text_input(key=f"why_context_before_{place}_lesson").set_value("O banco caiu")
    run(app)
    assert "saem iguais (1,000)" in prose(app).replace("\\", "")
    assert "sai mesmo com um vetor só" in prose(app).replace("\\", "")


@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_sentence_can_be_shuffled_and_compared(hostile: str, model: str) -> None:
    app = open_page(text=hostile, model=model)
    vocabulary = "lesson" if model == "lesson" else "o200k_base"
    for place in ("one", "other"):
        app.text_input(key=f"why_context_before_{place}_{vocabulary}").set_value(f"{hostile} e o banco"[:200])
    run(app)
    assert not re.search(r"(?<!\\)<b>", prose(app))


def test_sentences_without_a_word_in_common_are_explained_kindly() -> None:
    app = open_page()
    app.text_input(key="why_context_before_one_lesson").set_value("xyz")
    run(app)
    assert text("why_context.nothing_shared", "pt-BR") in [info.value for info in app.info]
    app.text_input(key="why_context_before_one_lesson").set_value("")
    run(app)
    assert text("errors.empty_text", "pt-BR") in [info.value for info in app.info]


def test_words_the_model_never_saw_are_named() -> None:
    app = open_page()
    app.text_input(key="why_context_before_one_lesson").set_value("O homem zubrou no banco")
    run(app)
    assert any("“zubrou”" in caption.value for caption in app.caption)


def test_the_words_are_shuffled_again_by_the_button() -> None:
    app = open_page()
    before = [element.value for element in app.text]
    app.button(key="why_context_shuffle").click()
    run(app)
    assert [element.value for element in app.text] != before
    assert numbers(figure(app, "why_context_order_off")["data"][0]["x"]).max() == 0
    assert numbers(figure(app, "why_context_order_on")["data"][0]["x"]).max() > 0.1


def test_the_cosine_by_hand_ends_in_the_digits_of_the_figure() -> None:
    app = open_page()
    assert not app.latex
    app.session_state["why_context_pencil"] = True
    run(app)
    for place, sentence in zip(("one", "other"), BEFORE, strict=True):
        app.text_input(key=f"why_context_before_{place}_lesson").set_value(sentence)
    run(app)
    wanted = number(float(cosines(*word_vectors(BEFORE, "banco", AttentionConfig()))[-1]), "pt-BR", 3)
    assert app.latex[-1].value.strip("$\n ").endswith(f"= {wanted.replace(',', '{,}')}")


# --- What is taken home ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sentences", [BEFORE, AFTER, ("O pai assou o pato", "A mãe viu o pato")])
def test_the_code_prints_the_cosines(sentences: tuple[str, str], tmp_path: Path) -> None:
    word = "banco" if "banco" in sentences[0] else "pato"
    for config in (AttentionConfig(), FREE):
        one, other = word_vectors(sentences, word, config)
        snippet = cosine_snippet(['na "entrada"', "1", "2"], one, other, word, "pt-BR")
        assert printed_by(snippet, tmp_path) == snippet.prints
        assert imports_of(snippet.code) == {"torch"}
        assert snippet.prints.startswith('na "entrada": 1.000\n')


def test_the_notebook_runs_and_its_shuffle_says_the_same(tmp_path: Path) -> None:
    one, other = word_vectors(BEFORE, "banco", AttentionConfig())
    snippet = cosine_snippet(["a", "b", "c"], one, other, "banco", "en")
    cells = [install_cell("en"), code(snippet), code(shuffle_code("en"))]
    printed = outputs_of(executed(notebook(cells, "en"), tmp_path))
    assert printed.startswith(snippet.prints)
    loose, masked = (float(line.split(": ")[1]) for line in printed.splitlines()[-2:])
    assert loose < 1e-5
    assert masked > 0.1
