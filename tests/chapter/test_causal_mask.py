"""The page on the causal mask says what the core computes, whatever the sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attention import figures
from attention.config import AttentionConfig, MaskMode
from attention.lesson_model.source import trace_lesson
from attention.metrics import first_difference, output_changes
from attention.mixing import mask_late
from attention.snippets import Snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, percent, text
from attention.tokens import tokenize
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import printed_by
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit
from tests.test_pages import numbers

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

NAME = "causal_mask"
COURSE = "O gato que estava no telhado miou"
HOSTILE = ("a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום a\u0301", "a\u2028b")


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_a_later_word_changes_earlier_rows_only_without_the_mask(*, trained: bool, causal: bool) -> None:
    config = AttentionConfig(causal=causal)
    before, after = (
        trace_lesson(sentence, config) if trained else trace_random(tokenize(sentence), config)
        for sentence in (COURSE, COURSE.replace("miou", "latiu"))
    )
    place = first_difference(before, after)
    changes = output_changes(before, after, place)
    assert before.tokens.ids[:place] == after.tokens.ids[:place]
    assert before.tokens.ids[place] != after.tokens.ids[place]
    assert (changes < 1e-5).all() if causal else (changes > 1e-3).all()


def test_the_change_of_a_row_is_the_length_of_its_difference_over_its_length() -> None:
    before, after = trace_lesson("A vaca mugiu"), trace_lesson("O gato miou")
    old, new = before.layers[0].output[0, 1], after.layers[0].output[0, 1]
    later_old, later_new = before.layers[1].output[0, 1], after.layers[1].output[0, 1]
    expected = max(
        float(np.sqrt(((new - old) ** 2).sum()) / np.sqrt((old**2).sum())),
        float(np.sqrt(((later_new - later_old) ** 2).sum()) / np.sqrt((later_old**2).sum())),
    )
    assert output_changes(before, after, 2)[1] == pytest.approx(expected, rel=1e-5)


def test_bars_are_as_long_as_the_changes_and_rounding_is_no_change() -> None:
    drawn = figures.change_bars(
        ["a", "b", "c"], np.array([0.25, 1e-7, 3.0]), language="pt-BR", theme=figures.theme_named("light")
    )
    bars = drawn.data[0]
    assert list(bars.x) == [0.25, 0.0, 3.0]
    assert list(bars.text) == ["25%", "0%", "300%"]
    assert drawn.layout.xaxis.range[1] == 3.0
    assert bars.hovertext[1] == text("figures.unchanged", "pt-BR", name="“b”")


def test_the_mask_map_opens_what_a_row_may_see_and_writes_what_it_has_to_predict() -> None:
    mask = np.tril(np.ones((3, 3), dtype=bool))
    drawn = figures.mask_map(
        ["<b>", "b", "c"], mask, targets=("b", "c", None), language="en", theme=figures.theme_named("dark")
    )
    assert np.array_equal(np.asarray(drawn.data[0].z, dtype=bool), mask)
    assert drawn.data[0].hovertext[0][1] == "“&lt;b&gt;” may not look at “b”"
    assert [written.strip() for written in drawn.data[1].text] == ["has to predict", "→ b", "→ c"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_wait_for_the_guess(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert keys(app) == []
    assert app.title[0].value == text("causal_mask.question", language)
    app.button(key="causal_mask_guess_none").click()
    run(app)
    assert keys(app) == ["mask_changes", "mask_map", "mask_ways", "mask_padding_causal", "mask_padding_real"]
    assert text("chapter.right", language) in prose(app)
    app.button(key="causal_mask_guess_again").click()
    run(app)
    assert keys(app) == []


def test_a_wrong_guess_is_told_and_a_guess_about_another_case_is_not_compared() -> None:
    app = visit(NAME, causal="0")
    app.button(key="causal_mask_guess_none").click()
    run(app)
    assert text("chapter.wrong", "pt-BR") in prose(app)
    app.toggle(key="causal").set_value(True)
    run(app)
    assert text("chapter.wrong", "pt-BR") not in prose(app)
    assert text("chapter.other_case", "pt-BR") in prose(app)
    assert "mask_map" in keys(app)


def test_what_is_said_of_the_wrong_way_is_what_the_softmax_spent_on_the_future() -> None:
    exponentials = np.exp(trace_lesson(COURSE).layers[1].scaled_scores[0, HEAD])
    allowed = np.tril(exponentials).sum(axis=-1) / exponentials.sum(axis=-1)
    worst = int(allowed.argmin())
    app = visit(NAME, guessed=SKIPPED)
    label = trace_lesson(COURSE).tokens.labels[worst]
    sums = percent(float(allowed[worst]), "pt-BR")
    assert f"na cabeça {HEAD + 1} da camada 2, zerando depois, a linha de “{label}” soma {sums}" in prose(app)


@pytest.mark.parametrize("model", ["lesson", "random"])
def test_renormalising_equals_the_right_way_up_to_rounding(model: str) -> None:
    for mode in ("renormalise", "before_softmax"):
        config = AttentionConfig(mask_mode=mode)
        trace = trace_lesson(COURSE, config) if model == "lesson" else trace_random(tokenize(COURSE), config)
        if mode == "renormalise":
            late = trace.layers[-1].weights
        else:
            assert np.abs(trace.layers[-1].weights - late).max() < 1e-6


def test_an_allowed_share_underflows_in_float32_where_the_page_says_it_does() -> None:
    app = visit(NAME, guessed=SKIPPED)
    for advantage, breaks in ((100, False), (110, True)):
        app.select_slider(key="mask_advantage").set_value(advantage)
        run(app)
        exponential = np.exp(np.float32(-advantage))
        assert bool(exponential == 0) is breaks
        assert ("0 ÷ 0" in prose(app)) is breaks


@pytest.mark.parametrize("sentence", HOSTILE)
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_any_sentence_and_any_other_word_are_drawn_or_explained(sentence: str, model: str) -> None:
    app = visit(NAME, guessed=SKIPPED, text=sentence, model=model, words="1")
    for other in ("", "<i>", "miau miau", "a" * 60):
        app.text_input(key="causal_mask_swap").set_value(other)
        run(app)


def test_a_word_that_makes_the_sentence_too_long_is_explained_and_the_way_on_stays() -> None:
    app = visit(NAME, guessed=SKIPPED, text="a " * 250 + "b", model="random")
    links = [link.proto.page for link in app.get("page_link")]
    app.text_input(key="causal_mask_swap").set_value("x1y2z3w4" * 7)
    run(app)
    assert keys(app) == []
    assert len(app.info) == 1
    assert [link.proto.page for link in app.get("page_link")] == links != []


@pytest.mark.parametrize("mode", ["zero_after", "renormalise"])
def test_masking_late_is_what_the_first_layer_of_that_mode_does(mode: MaskMode) -> None:
    layer, late = (trace_lesson(COURSE, AttentionConfig(mask_mode=way)).layers[0] for way in ("before_softmax", mode))
    weights, undefined = mask_late(layer.scaled_scores, layer.mask, renormalise=mode == "renormalise")
    np.testing.assert_allclose(weights, late.weights, atol=1e-6)
    assert not undefined.any()
    far = np.array([[0.0, 200.0]])
    weights, undefined = mask_late(far, np.array([[True, False]]), renormalise=mode == "renormalise")
    assert weights.tolist() == [[0, 0]]
    assert undefined.tolist() == [mode == "renormalise"]


@pytest.mark.parametrize("sentence", [COURSE, "A vaca que viu o boi mugiu", "O gatinho dormiu"])
def test_zeroing_after_the_softmax_only_takes_away(sentence: str) -> None:
    drawn = figure(visit(NAME, guessed=SKIPPED, text=sentence), "mask_ways")
    (difference,) = (t for t in drawn["data"] if t.get("meta", {}).get("part") == "difference" and "z" in t)
    assert np.nanmax(numbers(difference["z"])) <= 1e-6


def test_the_mask_map_opens_with_the_switch_and_the_answer_with_it() -> None:
    app = visit(NAME, guessed=SKIPPED)
    assert np.array_equal(numbers(figure(app, "mask_map")["data"][0]["z"]), np.tril(np.ones((8, 8))))
    app.toggle(key="causal").set_value(False)
    run(app)
    assert numbers(figure(app, "mask_map")["data"][0]["z"]).all()
    assert text("causal_mask.targets_off", "pt-BR") in prose(app)
    assert text("causal_mask.targets", "pt-BR") not in prose(app)


def test_what_the_first_and_the_last_row_see_is_said_of_them() -> None:
    first = prose(visit(NAME, guessed=SKIPPED, row="1"))
    assert "Com a máscara, “⟨início⟩” vê 1 de 8 tokens: só a si mesmo." in first
    last = prose(visit(NAME, guessed=SKIPPED, causal="0"))
    assert "“miou” vê 8 de 8 tokens; por ser o último, veria os mesmos com ela" in last
    assert "o futuro também" not in last
    assert "o futuro também" in prose(visit(NAME, guessed=SKIPPED, causal="0", row="3"))


def test_the_same_word_again_is_not_its_own_earlier_row() -> None:
    app = visit(NAME, guessed=SKIPPED)
    app.text_input(key="causal_mask_swap").set_value("miou")
    run(app)
    assert "nenhuma das 7 linhas anteriores" in prose(app)


def test_an_empty_box_says_which_word_is_taken() -> None:
    app = visit(NAME, guessed=SKIPPED)
    app.text_input(key="causal_mask_swap").set_value(" ")
    run(app)
    assert text("causal_mask.empty", "pt-BR", word="dormiu") in prose(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_earlier_row_is_told_in_the_singular(language: Language) -> None:
    words = prose(visit(NAME, guessed=SKIPPED, text="miou", lang=language.lower()))
    assert {"pt-BR": "não mudou a única linha anterior", "en": "did not change the only earlier row"}[language] in words
    assert {"pt-BR": "0 de 1 mudou", "en": "0 of 1 changed"}[language] in words
    assert text("causal_mask.changed_count", language, changed=0, earlier=0) not in prose(
        visit(NAME, guessed=SKIPPED, text="a", model="random", lang=language.lower())
    )


def test_why_dividing_does_not_mend_it_is_asked_under_either_way() -> None:
    app = visit(NAME, guessed=SKIPPED)
    assert "E dividir pela soma conserta?" in prose(app)
    assert "Porque a conta pode quebrar" not in prose(app)
    app.button_group(key="mask_page_mode").set_value("renormalise")
    run(app)
    assert "Porque a conta pode quebrar" in prose(app)


def test_observations_follow_the_sentence() -> None:
    first, second = (prose(visit(NAME, guessed=SKIPPED, text=sentence)) for sentence in (COURSE, "A vaca mugiu"))
    assert "Trocar “miou” por “dormiu” não mudou nenhuma das 7 linhas" in first
    assert "Trocar “mugiu” por “dormiu” não mudou nenhuma das 3 linhas" in second


@pytest.mark.parametrize("sentence", [COURSE, "A vaca que viu o boi mugiu"])
def test_the_code_on_the_page_prints_the_row_in_focus(sentence: str, tmp_path: Path) -> None:
    weights = trace_lesson(sentence).layers[1].weights[0, HEAD, -1]
    app = visit(NAME, guessed=SKIPPED, text=sentence)
    app.session_state["causal_mask_code"] = True
    run(app)
    code, prints = (element.value for element in app.code)
    assert [line.rpartition(": ")[2] for line in prints.splitlines()[:-1]] == [f"{weight:.1%}" for weight in weights]
    assert printed_by(Snippet(code, prints), tmp_path).strip() == prints.strip()


def test_the_drawn_changes_are_those_of_the_core() -> None:
    before, after = trace_lesson(COURSE), trace_lesson(COURSE.replace("miou", "dormiu"))
    drawn = figure(visit(NAME, guessed=SKIPPED), "mask_changes")["data"][0]
    place = first_difference(before, after)
    assert drawn["text"] == [percent(float(c), "pt-BR") for c in output_changes(before, after, place)]
