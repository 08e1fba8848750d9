"""Training on the page: settings, the queue, a run seen while it learns, and the slider over its checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import streamlit as st

from attention.errors import AttentionError
from attention.induction.rates import may_be_too_fast
from attention.induction.runs import Run, Snapshot, recorded_run, strongest, view_snapshot
from attention.induction.settings import HEAD_CHOICES, LAYER_CHOICES, TrainingSettings
from attention.texts import Language, number, text
from attention.ui import checkpoints, jobs, state
from attention.ui import training_reading as reading
from attention.ui.cache import training_desk
from attention.ui.errors import end_page, show_error
from attention.ui.markdown import escape_markdown

RATE_CHOICES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
STEP_CHOICES = (50, 100, 200, 400, 800)
LEAST_STEPS, LEAST_WAY = 250, 0.5  # with fewer steps, or a smaller product of steps and rate, no run has learned
POLL = 0.7  # seconds between two looks at a training
FIRST_ROW = 13  # the fourth token of the repeat
MOST_COLUMNS = 4  # heads side by side
SOURCES = ("recorded", "live")


def choose_story(language: Language) -> None:
    """Draw the choice between the two trainings the page tells of."""
    st.segmented_control(
        text("training.story", language),
        state.STORIES,
        format_func=lambda story: text(f"training.story_{story}", language),
        key="story",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )


def shows_live() -> bool:
    """Tell whether the page shows this visitor's own last run, and not the recorded one."""
    return "training_run" in st.session_state and st.session_state.get("training_source") == "live"


def shown_run(language: Language) -> Run:
    """Return the run to walk through; stop the script with a message when the record cannot be read."""
    try:
        run: Run = st.session_state["training_run"] if shows_live() else recorded_run()
    except AttentionError as error:
        show_error(error, language)
        end_page()
    return run


def progress() -> jobs.Progress[TrainingSettings, Snapshot] | None:
    """Tell how far this visitor's training is, or None when there is none; asking keeps it alive."""
    return training_desk().look(st.session_state.get("training_job", ""))


def has_job() -> bool:
    """Tell whether this visitor has a training under way, as far as this page knows."""
    return "training_job" in st.session_state


def chosen_settings() -> TrainingSettings:
    """Return the settings on the screen, or the recorded run's as long as nobody has moved them."""
    return TrainingSettings(
        **{
            field.name: st.session_state.get(f"training_{field.name}", field.default)
            for field in fields(TrainingSettings)
        }
    )


def controls(language: Language) -> None:
    """Draw the button, the settings behind another, and which run to show once there are two."""
    again = "training_run" in st.session_state
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            text("training.train_again" if again else "training.train", language),
            key="train",
            icon=":material/play_arrow:",
            on_click=_submit,
        )
        with st.popover(text("training.settings", language), icon=":material/tune:"):
            _settings(language)
        if again:
            st.segmented_control(
                text("training.source", language),
                SOURCES,
                format_func=lambda source: text(f"training.{source}", language),
                key="training_source",
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )
    if error := st.session_state.pop("training_error", None):
        show_error(error, language)
    if notice := st.session_state.pop("training_notice", None):
        st.warning(text(f"training.{notice}", language, seconds=round(jobs.PATIENCE)), icon=":material/info:")


def _submit() -> None:
    """Queue a training of another seed than the last, so that each shows other heads being born."""
    if has_job():  # a second click before the page has answered the first
        return
    state.assign(training_seed=(chosen_settings().seed + 1) % state.MAX_DRAWS)
    try:
        state.assign(training_job=training_desk().submit(chosen_settings()))
    except AttentionError as error:
        state.assign(training_error=error)


def _settings(language: Language) -> None:
    _choice("n_layers", LAYER_CHOICES, language)
    _choice("n_heads", HEAD_CHOICES, language)
    _choice("learning_rate", RATE_CHOICES, language)
    _choice("steps", STEP_CHOICES, language)
    try:
        st.markdown(prediction(chosen_settings(), language))
    except AttentionError as error:
        show_error(error, language)


def _choice(name: str, choices: Sequence[float], language: Language) -> None:
    st.select_slider(
        text(f"training.{name}", language),
        choices,
        value=getattr(TrainingSettings(), name),
        format_func=lambda value: reading.rate(value, language),
        key=f"training_{name}",
        help=text(f"training.{name}_help", language),
        persist_state="session",
    )


def prediction(settings: TrainingSettings, language: Language) -> str:
    """Say before a training what will come of it."""
    if settings.n_layers == 1:
        return text("training.predict_one_layer", language)
    if may_be_too_fast(settings):
        return text("training.predict_fast", language, **reading.fast_and_usual(settings, language))
    if settings.n_heads == max(HEAD_CHOICES):
        return text("training.predict_narrow", language, steps=settings.steps)
    if settings.steps < max(LEAST_STEPS, LEAST_WAY / settings.learning_rate):
        return text("training.predict_slow", language, steps=settings.steps)
    return text("training.predict_learns", language)


def phase(now: jobs.Progress[TrainingSettings, Snapshot] | None) -> str:
    """Name what a training is doing: its state, or "learning" once there is something to see, or "lost"."""
    if now is None:
        return "lost"
    return "learning" if now.state == "running" and now.snapshots else now.state


def watch(now: jobs.Progress[TrainingSettings, Snapshot] | None, language: Language) -> None:
    """Draw this visitor's training, which is as far as `now`, and ask again every moment."""
    st.fragment(_watch, run_every=POLL)(phase(now), language)


def _watch(known_phase: str, language: Language) -> None:
    now = progress()
    if now is None or now.state == "failed":
        _leave(notice=phase(now))
    elif now.state == "done":
        state.assign(training_run=Run(now.settings, now.snapshots), training_source="live")
        _leave()
    elif phase(now) != known_phase:
        st.rerun()  # the rest of the page makes room
    elif now.state == "waiting":
        _status(text("training.place", language, place=now.place), 0.0, language)
    elif not now.snapshots:
        _status(text("training.starting", language), 0.0, language)
    else:
        _status(_how_far(now, language), now.snapshots[-1].step / now.settings.steps, language)
        _show(Run(now.settings, now.snapshots), len(now.snapshots) - 1, language, last_step=now.settings.steps)


def _leave(notice: str | None = None) -> None:
    """Give the training up and draw the whole page again."""
    training_desk().cancel(st.session_state.pop("training_job"))
    if notice:
        state.assign(training_notice=notice)
    st.rerun()


def _status(said: str, share_done: float, language: Language) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.progress(share_done, text=said)
        if st.button(text("training.cancel", language), key="cancel_training", icon=":material/close:"):
            _leave()


def _how_far(now: jobs.Progress[TrainingSettings, Snapshot], language: Language) -> str:
    values = {"step": now.snapshots[-1].step, "steps": now.settings.steps}
    if now.remaining is None:
        return text("training.progress_first", language, **values)
    return text("training.progress", language, seconds=number(now.remaining, language, 0), **values)


@st.fragment
def walk(run: Run, language: Language) -> None:
    """Draw the slider over a run's checkpoints and what the chosen one shows."""
    key = f"training_step_{run.settings.seed if shows_live() else 'recorded'}"
    _show(run, checkpoints.slider(run.steps, key=key, language=language), language, slider_key=key)
    try:
        explained = reading.outcome(run, language)
    except AttentionError as error:
        show_error(error, language)
        return
    if explained:
        st.info(escape_markdown(explained), icon=":material/lightbulb:")


def _show(
    run: Run, chosen: int, language: Language, *, slider_key: str | None = None, last_step: int | None = None
) -> None:
    snapshot = run.snapshots[chosen]
    n_layers, n_heads = snapshot.previous.shape
    columns = n_layers if n_heads == 1 else min(n_heads, MOST_COLUMNS)
    layer, best = strongest(run.snapshots[-1].induction)
    checkpoint = checkpoints.Checkpoint(
        chosen=chosen,
        steps=run.steps,
        loss=[snapshot.loss for snapshot in run.snapshots],
        shares=reading.curves(run, language),
        view=view_snapshot(snapshot),
        names=reading.head_names(snapshot, language, short=columns > 2),
        columns=columns,
        head=layer * n_heads + best,
        row=FIRST_ROW,
        last_step=last_step,
    )
    st.markdown(escape_markdown(reading.about_snapshot(snapshot, language)))
    checkpoints.draw(checkpoint, key="training", language=language, slider_key=slider_key)
    head, row = checkpoints.focus(checkpoint, "training")
    st.markdown(escape_markdown(reading.about_row(checkpoint.view, head, n_heads, row, language)))
