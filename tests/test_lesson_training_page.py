"""The lesson model's training on the page: what is drawn and said is what each checkpoint computes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.config import AttentionConfig
from attention.lesson_model import files
from attention.lesson_model.history import MEASURED_ON, birth, lesson_history
from attention.lesson_model.source import load_network, trace_model
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language, count, percent, text
from attention.trace import Floats
from attention.ui import cache
from attention.ui.chapter import training as training_bones
from attention.ui.markdown import escape_markdown
from attention.ui.state import LESSON_FOCUS, LESSON_HEADS
from tests.chapter.visiting import SKIPPED, keys
from tests.test_pages import HOSTILE, figure, numbers, open_at, prose, run

FIGURES = ["lesson_sentence", "lesson_curves", "lesson_heads", "lesson_comparison"]
COURSE = PRESETS[0].text
RECORD = lesson_history()
STEPS = list(RECORD.checkpoints)
FIRST, MIDDLE, LAST = STEPS[0], STEPS[len(STEPS) // 2], STEPS[-1]
LAYER, HEAD = LESSON_FOCUS


def open_lesson(**address: str) -> AppTest:
    """Open the page as a reader who has skipped the guesses of both stories."""
    app = open_at(address)
    for story in (training_bones.LESSON, training_bones.INDUCTION):
        app.session_state[f"guess_of_{story}"] = SKIPPED
    return run(app.switch_page("pages/training.py"))


def weights_at(step: int, sentence: str = COURSE) -> Floats:
    """Return the weights of every layer, [layer, head, query, key], computed with a checkpoint's file."""
    network = load_network(RECORD.checkpoints[step])
    trace = trace_model(network, tokenize_lesson(sentence), AttentionConfig())
    return np.stack([layer.weights[0] for layer in trace.layers])


def parts(app: AppTest) -> dict[str, Floats]:
    """Return what the comparison draws: the first checkpoint, the chosen one and the difference."""
    traces = figure(app, "lesson_comparison")["data"]
    return {
        trace["meta"]["part"]: numbers(trace["z"])
        for trace in traces
        if (trace.get("meta") or {}).get("role") == "cells"
    }


def assert_drawn(drawn: Floats, weights: Floats) -> None:
    allowed = np.tri(len(weights), dtype=bool)
    np.testing.assert_allclose(drawn[allowed], weights[allowed], atol=1e-6)
    assert np.isnan(drawn[~allowed]).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_on_the_end_of_the_lesson_models_training(language: Language) -> None:
    app = open_lesson(lang=language.lower())
    assert app.title[0].value == text("training.question", language)
    assert text("frame.badge_lesson_recorded", language) in prose(app)
    assert app.text_input(key="text").value == COURSE
    assert keys(app) == FIGURES
    assert text("training.maps", language, step=count(LAST, language)) in [heading.value for heading in app.header]
    assert len(text("training.intro", language).split()) <= 100
    assert text("training.lesson_why_recorded", language) in [caption.value for caption in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_in_how_many_of_how_many_sentences_the_right_verb_is_preferred(language: Language) -> None:
    recorded = lesson_history()
    app = open_lesson(lang=language.lower(), step=str(MIDDLE))
    point = recorded.steps.index(MIDDLE)
    said = prose(app).replace("\\", "")
    at_step = text(
        "training.reads_lesson_step",
        language,
        step=count(MIDDLE, language),
        name=f"{LAYER + 1}.{HEAD + 1}",
        share=percent(float(recorded.predicts[point, LAYER, HEAD]), language),
        foresees=percent(recorded.foresees[point], language),
        n=MEASURED_ON,
    )
    observed = text(
        "training.observe_foresees",
        language,
        first=count(0, language),
        last=count(recorded.steps[-1], language),
        before=percent(recorded.foresees[0], language),
        after=percent(recorded.foresees[-1], language),
        n=MEASURED_ON,
    )
    assert at_step in said
    assert observed in said


@pytest.mark.parametrize("step", [FIRST, MIDDLE, LAST])
def test_the_comparison_is_the_first_checkpoint_the_chosen_one_and_their_difference(step: int) -> None:
    drawn = parts(open_lesson(step=str(step)))
    first, chosen = weights_at(FIRST)[LAYER, HEAD], weights_at(step)[LAYER, HEAD]
    assert_drawn(drawn["before"], first)
    assert_drawn(drawn["after"], chosen)
    assert_drawn(drawn["difference"], chosen - first)


def test_the_slider_shows_every_head_of_its_checkpoint_and_travels_in_the_address() -> None:
    app = open_lesson()
    app.select_slider(key="step").set_value(MIDDLE)
    run(app)
    assert app.query_params["step"] == str(MIDDLE)
    sheet = figure(app, "lesson_heads")["data"][0]
    meta, cells, weights = sheet["meta"], numbers(sheet["z"]), weights_at(MIDDLE)
    n, pitch = meta["n"], meta["n"] + meta["gap"]
    for place in range(meta["heads"]):
        row, column = divmod(place, meta["columns"])
        drawn = cells[row * pitch : row * pitch + n, column * pitch : column * pitch + n]
        assert_drawn(drawn, weights[divmod(place, LESSON_HEADS)])


def test_the_last_checkpoint_is_left_out_of_the_address_and_an_unknown_step_is_the_nearest() -> None:
    assert "step" not in open_lesson(step=str(LAST)).query_params
    assert open_lesson(step=str(MIDDLE + 1)).query_params["step"] == str(MIDDLE)
    assert "step" not in open_lesson(step="999999").query_params


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_says_where_the_row_in_focus_looks_now_and_at_first(language: Language) -> None:
    app = open_lesson(lang=language.lower(), step=str(MIDDLE), row="3")
    labels = tokenize_lesson(COURSE).labels
    row = weights_at(MIDDLE)[LAYER, HEAD, 2]
    key = int(row[:3].argmax())
    said = text(
        "training.reads_lesson_row",
        language,
        step=count(MIDDLE, language),
        name=f"{LAYER + 1}.{HEAD + 1}",
        query=f"“{labels[2]}”",
        key=f"“{labels[key]}”",
        share=percent(row[key], language),
    )
    assert escape_markdown(said) in prose(app)
    assert figure(app, "lesson_sentence")["data"][0]["meta"]["row"] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_birth_is_marked_where_the_curve_of_the_strongest_claim_rises_most(language: Language) -> None:
    app = open_lesson(lang=language.lower())
    curve = RECORD.predicts[:, LAYER, HEAD].tolist()
    drawn = figure(app, "lesson_curves")
    main = next(trace for trace in drawn["data"] if (trace.get("meta") or {}).get("role") == "points")
    np.testing.assert_allclose(main["y"], curve)
    found = birth(RECORD.steps, curve)
    assert found is not None
    (band,) = [shape for shape in drawn["layout"]["shapes"] if shape["type"] == "rect"]
    assert (band["x0"], band["x1"]) == (found.start, found.end)
    for said in (count(found.start, language), count(found.end, language), percent(found.share_of_climb, language)):
        assert escape_markdown(said) in prose(app)


def test_another_sentence_is_read_with_the_same_checkpoint() -> None:
    app = open_lesson(step=str(MIDDLE))
    app.text_input(key="text").set_value("A vaca que viu o galo mugiu")
    run(app)
    assert_drawn(parts(app)["after"], weights_at(MIDDLE, "A vaca que viu o galo mugiu")[LAYER, HEAD])


def test_the_head_in_focus_is_the_one_of_every_page() -> None:
    app = open_lesson(layer="1", head="2")
    assert_drawn(parts(app)["after"], weights_at(LAST)[0, 1])
    assert text("training.lesson_comparison", "pt-BR", name="1.2") in [heading.value for heading in app.header]


def test_the_sentence_typed_on_one_page_stands_on_the_other() -> None:
    app = open_lesson()
    app.text_input(key="text").set_value("A vaca mugiu")
    run(app)
    run(app.switch_page("pages/explore.py"))
    assert app.text_input(key="text").value == "A vaca mugiu"


def test_random_weights_chosen_elsewhere_stay_chosen_and_the_lesson_model_is_shown_here() -> None:
    app = open_lesson(model="random", heads="12", head="11", row="9", causal="0", scale="0")
    assert_drawn(parts(app)["after"], weights_at(LAST)[LAYER, HEAD])
    assert app.query_params["model"] == "random"
    assert app.query_params["head"] == "11"


def test_the_other_story_is_one_click_away_and_in_the_address() -> None:
    app = open_lesson(text="A vaca mugiu", step=str(MIDDLE))
    app.segmented_control(key="story").set_value("induction")
    run(app)
    assert app.query_params["story"] == "induction"
    assert app.title[0].value == text("training_induction.question", "pt-BR")
    app.segmented_control(key="story").set_value("lesson")
    run(app)
    assert keys(app) == FIGURES
    assert app.text_input(key="text").value == "A vaca mugiu"
    assert app.select_slider(key="step").value == MIDDLE
    assert "story" not in app.query_params


@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_text_gets_a_picture_or_a_clear_message(hostile: str) -> None:
    app = open_lesson()
    app.text_input(key="text").set_value(hostile)
    run(app)
    assert app.info or keys(app) == FIGURES


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the learned files that may be damaged."""
    folder = tmp_path / "lesson_model"
    shutil.copytree(files.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "FOLDER", folder)
    _forget()
    yield folder
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for remembered in (cache.cached_network, cache.cached_view, cache.cached_figure):
        remembered.clear()
    lesson_history.cache_clear()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_damaged_checkpoint_is_named_with_the_way_out_and_the_others_still_work(
    language: Language, damage: str, copy: Path
) -> None:
    name = RECORD.checkpoints[MIDDLE]
    if damage == "missing":
        (copy / name).unlink()
    else:
        (copy / name).write_bytes((copy / name).read_bytes()[:1000])
    app = open_lesson(lang=language.lower(), step=str(MIDDLE))
    said = app.info[0].value.replace("\\", "")
    assert said == text("errors.damaged_lesson_model", language, file=name, command="make lesson-model")
    app.select_slider(key="step").set_value(-1)
    run(app)
    assert keys(app) == FIGURES


def test_damaged_curves_are_named_with_the_way_out(copy: Path) -> None:
    (copy / "curves.json").write_text("{}")
    said = open_lesson().info[0].value.replace("\\", "")
    assert said == text("errors.damaged_lesson_model", "pt-BR", file="curves.json", command="make lesson-model")
