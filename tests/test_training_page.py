"""The training page: the record at once, a training that is queued, watched, cancelled, lost or finished."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attention.errors import AttentionError
from attention.induction.rates import FILE
from attention.induction.runs import Run, Snapshot, read_line, recorded_run, write_line
from attention.induction.settings import TrainingSettings
from attention.texts import LANGUAGES, Language, percent, text
from attention.ui import jobs, training, training_reading
from attention.ui.chapter import training as training_bones
from attention.ui.markdown import escape_markdown
from tests.chapter.visiting import SKIPPED, keys
from tests.test_pages import figure, numbers, prose, run, visit

Desk = jobs.Desk[TrainingSettings, Snapshot]
FIGURES = ["training_curves", "training_maps", "training_example"]
NAMED = ("rate", "failed", "n", "after", "usual", "usual_failed", "usual_n", "usual_after")
FIRST, LAST = recorded_run().snapshots[0], recorded_run().snapshots[-1]


def open_training(**address: str) -> AppTest:
    """Open the story of induction as a reader who has skipped its guess."""
    app = visit(**{"story": "induction"} | address)
    app.session_state[f"guess_of_{training_bones.INDUCTION}"] = SKIPPED
    return run(app.switch_page("pages/training.py"))


def failing(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot of a network that has learned nothing, in one layer."""
    return replace(
        snapshot, accuracy=0.07, previous=FIRST.previous[:1], induction=FIRST.induction[:1], maps=FIRST.maps[:1]
    )


@pytest.fixture
def desk_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """Put the page at a desk whose trainings write these snapshots and then wait, or end."""
    desks: list[Desk] = []

    def make(*snapshots: Snapshot, ends: bool = False) -> Desk:
        lines = "".join(f"print({write_line(snapshot)!r}, flush=True);" for snapshot in snapshots)
        code = f"import sys; {lines} {'' if ends else 'sys.stdin.read()'}"
        desks.append(Desk(lambda _: [sys.executable, "-c", code], read_line))
        monkeypatch.setattr(training, "training_desk", lambda: desks[-1])
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def press_train(app: AppTest) -> AppTest:
    app.button(key="train").click()
    return run(app)


def run_until(app: AppTest, true: Callable[[], object]) -> AppTest:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        run(app)
    return app


def shown(app: AppTest, key: str, **values: Any) -> bool:  # noqa: ANN401 - whatever the sentence mentions
    return escape_markdown(text(key, "pt-BR", **values)) in prose(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recorded_run_is_there_at_once_and_says_what_its_numbers_say(language: Language) -> None:
    app = open_training(lang=language.lower())
    assert app.title[0].value == text("training_induction.question", language)
    assert text("frame.badge_recorded", language) in prose(app)
    assert keys(app) == FIGURES
    assert len(text("training_induction.intro", language).split()) <= 100
    said = text(
        "training.reads_induction",
        language,
        step=400,
        head=int(LAST.induction[1].argmax()) + 1,
        layer=2,
        share=percent(LAST.induction.max(), language),
        accuracy=percent(LAST.accuracy, language),
    )
    assert escape_markdown(said) in prose(app)
    observed = text(
        "training_induction.observe_copies",
        language,
        first=0,
        last=400,
        before=percent(FIRST.accuracy, language),
        after=percent(LAST.accuracy, language),
    )
    assert escape_markdown(observed) in prose(app)


def test_damaged_measurements_of_the_rates_are_a_message_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise AttentionError("damaged_record", "damaged", file="rates.json", command="python -m x")

    app = open_training()
    monkeypatch.setattr(training, "prediction", damaged)
    run(app)
    assert any("rates.json" in info.value.replace("\\", "") for info in app.info)
    assert keys(app) == FIGURES


def test_the_slider_shows_the_maps_and_the_sentence_of_its_step() -> None:
    app = open_training()
    app.select_slider(key="training_step_recorded").set_value(100)
    run(app)
    snapshot = next(snapshot for snapshot in recorded_run().snapshots if snapshot.step == 100)
    assert text("training.maps", "pt-BR", step=100) in [heading.value for heading in app.header]
    assert "nenhuma cabeça dedica nem metade" in prose(app)
    sheet = figure(app, "training_maps")["data"][0]
    meta, cells = sheet["meta"], numbers(sheet["z"])
    for place, head in enumerate(snapshot.maps.reshape(-1, 20, 20)):
        top, left = (n * (meta["n"] + meta["gap"]) for n in divmod(place, meta["columns"]))
        drawn = cells[top : top + 20, left : left + 20]
        np.testing.assert_allclose(drawn[np.tri(20, dtype=bool)], head[np.tri(20, dtype=bool)], atol=1e-6)
        assert np.isnan(drawn[~np.tri(20, dtype=bool)]).all()


def test_the_default_prediction_and_that_of_one_layer() -> None:
    app = open_training()
    assert text("training.predict_learns", "pt-BR") in prose(app)
    app.select_slider(key="training_n_layers").set_value(1)
    run(app)
    assert text("training.predict_one_layer", "pt-BR") in prose(app)


@pytest.mark.parametrize(
    ("settings", "predicted"),
    [
        (TrainingSettings(n_layers=1, steps=2000), "predict_one_layer"),
        (TrainingSettings(learning_rate=1e-3), "predict_slow"),
        (TrainingSettings(steps=200), "predict_slow"),
        (TrainingSettings(n_heads=8), "predict_narrow"),
        (TrainingSettings(learning_rate=1e-3, steps=800), "predict_learns"),
        (TrainingSettings(learning_rate=1e-2, n_layers=1), "predict_one_layer"),
        (TrainingSettings(learning_rate=1e-2, steps=200), "predict_slow"),
    ],
)
def test_what_is_predicted_of_each_setting(settings: TrainingSettings, predicted: str) -> None:
    expected = text(f"training.{predicted}", "en", steps=settings.steps)
    assert training.prediction(settings, "en") == expected


def without_learning(rate: float, steps: int) -> tuple[int, int]:
    """Return how many of the measured trainings at a rate copied less than nine times in ten, and of how many."""
    measured = json.loads(FILE.read_text(encoding="utf-8"))
    accuracies = [each["accuracy"][str(steps)] for each in measured if each["settings"]["learning_rate"] == rate]
    return sum(accuracy < 0.9 for accuracy in accuracies), len(accuracies)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("steps", [400, 800])
@pytest.mark.parametrize("heads", [2, 8])
def test_a_rate_at_which_trainings_failed_is_predicted_to_fail_perhaps_with_the_measured_share(
    language: Language, steps: int, heads: int
) -> None:
    failed, n = without_learning(0.01, steps)
    usual_failed, usual_n = without_learning(0.003, 400)
    assert failed > usual_failed == 0
    said = training.prediction(TrainingSettings(learning_rate=1e-2, n_heads=heads, steps=steps), language)
    between = {"pt-BR": "de", "en": "of"}[language]
    assert f"{failed} {between} {n}" in said
    assert f"{usual_failed} {between} {usual_n}" in said
    assert said.split(":")[0] == text("training.predict_fast", language, **dict.fromkeys(NAMED, "")).split(":")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_that_was_too_fast_is_not_said_to_have_lacked_time(language: Language) -> None:
    failed, n = without_learning(0.01, 400)
    first, last = (replace(recorded_run().snapshots[place], accuracy=0.09) for place in (0, -1))
    explained = training_reading.outcome(Run(TrainingSettings(learning_rate=1e-2, seed=1), (first, last)), language)
    assert explained
    assert percent(0.09, language) in explained
    assert f"{failed} { ({'pt-BR': 'de', 'en': 'of'}[language]) } {n}" in explained
    slow = training_reading.outcome(Run(TrainingSettings(learning_rate=1e-3, seed=1), (first, last)), language)
    assert slow == text("training.did_not_learn", language, accuracy=percent(0.09, language), steps=400)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_layer_trained_here_fails_and_the_page_explains_why(
    language: Language, desk_of: Callable[..., Desk]
) -> None:
    desk_of(failing(FIRST), failing(replace(LAST, step=50)), ends=True)
    app = open_training(lang=language.lower())
    app.select_slider(key="training_n_layers").set_value(1)
    app.select_slider(key="training_steps").set_value(50)
    run(app)
    press_train(app)
    run_until(app, lambda: "training_run" in app.session_state)
    run(app)
    assert text("frame.badge_live", language) in prose(app)
    explained = text("training.one_layer_failed", language, accuracy="7%")
    assert app.info[0].value == escape_markdown(explained)
    app.segmented_control(key="training_source").set_value("recorded")
    run(app)
    assert text("frame.badge_recorded", language) in prose(app)
    assert not app.info


def test_while_it_learns_the_page_shows_progress_and_the_latest_maps_and_can_cancel(
    desk_of: Callable[..., Desk],
) -> None:
    desk_of(FIRST, recorded_run().snapshots[10])
    app = press_train(open_training())
    run_until(app, lambda: text("training.maps", "pt-BR", step=100) in [heading.value for heading in app.header])
    assert text("frame.badge_live", "pt-BR") in prose(app)
    assert keys(app) == FIGURES
    assert not any(button.key == "train" for button in app.button)
    assert figure(app, "training_curves")["layout"]["xaxis"]["range"][1] > 400
    app.button(key="cancel_training").click()
    run(app)
    assert "training_job" not in app.session_state
    run(app)
    assert text("frame.badge_recorded", "pt-BR") in prose(app)


def test_the_second_visitor_sees_a_place_in_the_queue_and_the_record_meanwhile(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(FIRST)
    desk.submit(TrainingSettings())
    app = press_train(open_training())
    (progress,) = app.get("progress")
    assert progress.proto.text == text("training.place", "pt-BR", place=1)
    assert keys(app) == FIGURES
    assert text("frame.badge_recorded", "pt-BR") in prose(app)


def test_a_full_queue_is_explained(desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(FIRST)
    desk.submit(TrainingSettings())
    monkeypatch.setattr(jobs, "MOST_WAITING", 0)
    app = press_train(open_training())
    assert app.info[0].value == text("errors.queue_full", "pt-BR", waiting=0)
    assert keys(app) == FIGURES


def test_a_worker_that_breaks_is_explained(desk_of: Callable[..., Desk]) -> None:
    desk_of(FIRST, ends=True)
    app = press_train(open_training())
    run_until(app, lambda: app.warning)
    assert app.warning[0].value == text("training.failed", "pt-BR")
    assert "training_job" not in app.session_state


def test_a_training_that_nobody_asked_about_is_told_to_be_lost(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(FIRST)
    app = press_train(open_training())
    desk.cancel(app.session_state["training_job"])
    run_until(app, lambda: app.warning)
    assert app.warning[0].value == text("training.lost", "pt-BR", seconds=15)


def test_a_damaged_record_is_a_message_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise AttentionError("damaged_record", "damaged", file="record.npz", command="python -m x")

    monkeypatch.setattr(training, "recorded_run", damaged)
    app = open_training()
    assert "record.npz" in app.info[0].value.replace("\\", "")


def test_the_explore_page_is_as_it_was_left() -> None:
    app = visit(head="3", causal="0")
    run(app.switch_page("pages/training.py"))
    run(app.switch_page("pages/explore.py"))
    assert app.query_params["head"] == "3"
    assert not app.toggle(key="causal").value
