"""What the screen says of the lesson model is what was measured, and what it knows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attention import figures
from attention.figures import LIGHT
from attention.lesson_model.predictions import next_tokens
from attention.lesson_model.results import claims, role, roles_of
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import encoding, start_id
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language, percent, text
from attention.tokens import tokenize
from attention.ui.lesson import measured_share
from attention.ui.state import LESSON_FOCUS
from tests.chapter.visiting import keys
from tests.test_pages import figure, open_at, prose

COURSE = PRESETS[0].text


def captions(address: dict[str, str]) -> str:
    return "\n".join(caption.value for caption in open_at(address).caption).replace("\\", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_opens_on_the_lesson_model_and_says_so(language: Language) -> None:
    app = open_at({"lang": language.lower()})
    assert app.radio(key="model").value == "lesson"
    assert keys(app) == ["sentence", "heads", "head_map", "next_tokens"]
    said = prose(app).replace("\\", "")
    strongest = trace_lesson(COURSE).layers[LESSON_FOCUS[0]].weights[0, LESSON_FOCUS[1], -1].max()
    assert percent(float(strongest), language) in said


def test_the_role_of_the_head_in_focus_is_its_measured_one() -> None:
    layer, head = LESSON_FOCUS
    measured = role("predicts")
    results = [result for result in claims()["results"] if result["claim"] == "predicts"]
    assert measured.right == sum(result["n"] - len(result["failures"]) for result in results)
    assert roles_of(layer, head)[0] == measured
    assert measured_share(measured.share, "pt-BR") in captions({})


def test_a_head_without_a_measured_role_stays_unnamed() -> None:
    named = {tuple(place) for place in claims()["heads"].values()}
    layer, head = next(place for place in np.ndindex(2, 4) if place not in named)
    assert text("lesson.no_role", "pt-BR") in captions({"layer": str(layer + 1), "head": str(head + 1)})


def test_predictions_are_the_softmax_of_the_logits_in_order() -> None:
    logits = np.zeros((1, 2, encoding().n_vocab + 2), dtype=np.float32)
    gato, miou = encoding().encode_ordinary(" gato")[0], encoding().encode_ordinary(" miou")[0]
    logits[0, 1, gato], logits[0, 1, miou] = math.log(6), math.log(3)
    others = logits.shape[-1] - 2
    found = next_tokens(logits, 1, 2)
    assert [prediction.label for prediction in found] == ["gato", "miou"]
    assert found[0].probability == pytest.approx(6 / (9 + others))
    assert found[1].probability == pytest.approx(3 / (9 + others))


def test_no_prediction_is_without_a_label() -> None:
    logits = np.arange(start_id() + 2, dtype=np.float32)[None, None]
    assert all(prediction.label for prediction in next_tokens(logits, 0, logits.shape[-1]))


def test_the_bars_are_the_predictions() -> None:
    drawn = figures.next_tokens(["miou", "<b>"], [0.75, 0.25], language="pt-BR", theme=LIGHT)
    assert list(drawn.data[0].x) == [0.75, 0.25]
    assert drawn.data[0].hovertext[0] == "“miou” vem depois com probabilidade de 75%"
    assert "<b>" not in drawn.to_json()


def test_unknown_words_are_named_and_too_many_are_said_to_be_too_many() -> None:
    assert "em pedaços" not in captions({})
    assert "“xerimbabo”" in captions({"text": "O gato e o xerimbabo viram o telhado e o cachorro"})
    assert "quer dizer pouco" in captions({"text": "Your journey starts with one step"})


def test_what_the_model_was_not_trained_for_is_labelled() -> None:
    said = text("switch.beyond_training", "pt-BR")
    assert said in captions({"scale": "0"})
    assert said not in captions({"causal": "0"})
    assert said not in captions({"model": "random", "scale": "0"})


def test_choosing_a_trained_model_removes_what_it_fixes() -> None:
    app = open_at({})
    app.session_state["more"] = True
    app.run()
    assert not app.exception
    assert {"encoding", "n_heads", "d_model"}.isdisjoint({box.key for box in (*app.selectbox, *app.select_slider)})
    app.radio(key="model").set_value("random").run()
    assert not app.exception
    assert {"n_heads", "d_model"} <= {box.key for box in app.select_slider}


def test_both_layers_can_be_looked_at() -> None:
    weights = [layer.weights[0, 0] for layer in trace_lesson(COURSE).layers]
    assert not np.allclose(*weights)
    first, second = (figure(open_at({"layer": layer, "head": "1"}), "head_map") for layer in "12")
    assert first["data"][0]["z"] != second["data"][0]["z"]


def test_the_random_source_is_one_click_away_and_has_its_own_tokens() -> None:
    app = open_at({"layer": "2", "head": "4"})
    app.radio(key="model").set_value("random").run()
    assert not app.exception
    assert figure(app, "head_map")["data"][0]["meta"]["n"] == len(tokenize(COURSE))


def test_the_course_sentence_is_as_the_page_says() -> None:
    tokens, (layer, head) = trace_lesson(COURSE).tokens.labels, LESSON_FOCUS
    weights = trace_lesson(COURSE).layers[layer].weights[0, head, :, 1:]
    looks = [tokens[1 + int(weights[tokens.index(row)].argmax())] for row in ("telhado", "miou")]
    assert ("falha aqui" in captions({})) == (looks != ["gato", "gato"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_shows_every_claim_and_every_failing_sentence(language: Language) -> None:
    app = open_at({"lang": language.lower()})
    app.switch_page("pages/lesson_model.py").run()
    assert not app.exception
    results = claims()["results"]
    table = app.table[0].value
    assert len(table) == len(results)
    shown = "\n".join(element.value for element in app.text)
    assert all(sentence in shown for result in results for sentence in result["failures"][:100])


def test_a_measured_share_is_a_hundred_percent_only_without_a_failure() -> None:
    assert measured_share(1.0, "en") == "100.0%"
    assert measured_share(5499 / 5500, "pt-BR") == "99,98%"
    assert measured_share(0.9876, "en") == "98.8%"
