"""Training on the page: settings, the queue, a run seen while it learns, and the slider over its checkpoints."""

from __future__ import annotations

import streamlit as st

from attention import figures
from attention.errors import AttentionError
from attention.induction.runs import Run, recorded_run, strongest, view_snapshot
from attention.induction.settings import EXAMPLE, HEAD_CHOICES, LAYER_CHOICES, TrainingSettings
from attention.texts import Language, number, text
from attention.ui import jobs, state
from attention.ui import training_reading as reading
from attention.ui.cache import training_desk
from attention.ui.errors import show_error
from attention.ui.layout import current_theme, token_strip
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown

RATE_CHOICES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
STEP_CHOICES = (50, 100, 200, 400, 800)
LEAST_STEPS, LEAST_WAY = 250, 0.5  # with fewer steps, or a smaller product of steps and rate, no run has learned
POLL = 0.7  # seconds between two looks at a training
FIRST_ROW = 13  # the fourth token of the repeat
EXAMPLE_LINE = 620  # pixels: half of the example, so that the repeat stands right below
MOST_COLUMNS = 4  # heads side by side
SOURCES = ("recorded", "live")


def shown_run() -> Run:
    """Return the run to walk through: the recorded one, or this visitor's own last one."""
    live = st.session_state.get("training_run")
    return live if live and st.session_state.get("training_source") == "live" else recorded_run()


def is_live(run: Run) -> bool:
    """Tell whether the run was trained here."""
    return run is st.session_state.get("training_run")


def progress() -> jobs.Progress | None:
    """Tell how far this visitor's training is, or None when there is none; asking keeps it alive."""
    return training_desk().look(st.session_state.get("training_job", ""))


def has_job() -> bool:
    """Tell whether this visitor has a training under way, as far as this page knows."""
    return "training_job" in st.session_state


def chosen_settings() -> TrainingSettings:
    """Return the settings on the screen, or the recorded run's while they are put away."""
    default = TrainingSettings()
    return TrainingSettings(
        learning_rate=st.session_state.get("training_rate", default.learning_rate),
        n_heads=st.session_state.get("training_heads", default.n_heads),
        n_layers=st.session_state.get("training_layers", default.n_layers),
        steps=st.session_state.get("training_steps", default.steps),
        seed=st.session_state.get("training_seed", 0),
    )


def controls(language: Language) -> None:
    """Draw the button, which run to show once there are two, and the settings behind an expander."""
    again = "training_run" in st.session_state
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            text("training.train_again" if again else "training.train", language),
            key="train",
            icon=":material/play_arrow:",
            on_click=_submit,
        )
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
    with st.expander(text("training.settings", language)):
        _settings(language)


def _submit() -> None:
    """Queue a training of another seed than the last, so that each shows other heads being born."""
    state.assign(training_seed=st.session_state.get("training_seed", 0) + 1)
    try:
        state.assign(training_job=training_desk().submit(chosen_settings()))
    except AttentionError as error:
        state.assign(training_error=error)


def _settings(language: Language) -> None:
    default = TrainingSettings()
    columns = st.columns(4, gap="medium")
    for column, key, choices, first in zip(
        columns,
        ("n_layers", "n_heads", "learning_rate", "steps"),
        (LAYER_CHOICES, HEAD_CHOICES, RATE_CHOICES, STEP_CHOICES),
        (default.n_layers, default.n_heads, default.learning_rate, default.steps),
        strict=True,
    ):
        session_key = {"n_layers": "training_layers", "n_heads": "training_heads", "learning_rate": "training_rate"}
        column.select_slider(
            text(f"training.{key}", language),
            choices,
            value=first,
            format_func=lambda value: f"{value:g}".replace(".", "," if language == "pt-BR" else "."),
            key=session_key.get(key, "training_steps"),
            help=text(f"training.{key}_help", language),
            persist_state="session",
        )
    st.markdown(prediction(chosen_settings(), language))


def prediction(settings: TrainingSettings, language: Language) -> str:
    """Say before a training what will come of it."""
    if settings.n_layers == 1:
        return text("training.predict_one_layer", language)
    if settings.n_heads == max(HEAD_CHOICES):
        return text("training.predict_narrow", language, steps=settings.steps)
    if settings.steps < max(LEAST_STEPS, LEAST_WAY / settings.learning_rate):
        return text("training.predict_slow", language, steps=settings.steps)
    return text("training.predict_learns", language)


def watch(now: jobs.Progress | None, language: Language) -> None:
    """Draw this visitor's training, which is as far as `now`, and ask again every moment."""
    st.fragment(_watch, run_every=POLL)(now.state if now else None, language)


def _watch(known_state: str | None, language: Language) -> None:
    now = progress()
    if now is None:
        _leave(notice="lost")
    elif now.state == "failed":
        _leave(notice="failed")
    elif now.state == "done":
        state.assign(training_run=Run(now.settings, now.snapshots), training_source="live")
        _leave()
    elif now.state != known_state:
        st.rerun()  # the rest of the page makes room
    elif now.state == "waiting":
        _status(text("training.place", language, place=now.place), 0.0, language)
    elif not now.snapshots:
        _status(text("training.starting", language), 0.0, language)
    else:
        _status(_how_far(now, language), now.snapshots[-1].step / now.settings.steps, language)
        _show(Run(now.settings, now.snapshots), len(now.snapshots) - 1, language, end=now.settings.steps)


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


def _how_far(now: jobs.Progress, language: Language) -> str:
    values = {"step": now.snapshots[-1].step, "steps": now.settings.steps}
    if now.remaining is None:
        return text("training.progress_first", language, **values)
    return text("training.progress", language, seconds=number(now.remaining, language, 0), **values)


@st.fragment
def checkpoints(run: Run, language: Language) -> None:
    """Draw the slider over a run's checkpoints and what it shows; a click on the curve moves it too."""
    key = f"training_step_{run.settings.seed if is_live(run) else 'recorded'}"
    step = st.select_slider(
        text("training.step", language), run.steps, value=run.steps[-1], key=key, persist_state="session"
    )
    _show(run, run.steps.index(step), language, slider=key)
    if explained := reading.outcome(run, language):
        st.info(escape_markdown(explained), icon=":material/lightbulb:")


def _show(run: Run, chosen: int, language: Language, *, slider: str | None = None, end: int | None = None) -> None:
    """Draw one checkpoint: what it says, the curves up to where the training is, the maps of every head."""
    snapshot, theme = run.snapshots[chosen], current_theme()
    n_layers, n_heads = snapshot.previous.shape
    columns = n_layers if n_heads == 1 else min(n_heads, MOST_COLUMNS)
    names = reading.head_names(snapshot, language, short=columns > 2)
    view = view_snapshot(snapshot)
    layer, best = strongest(run.snapshots[-1].induction)
    head = st.session_state.get("training_head", -1)
    head = head if 0 <= head < view.n_heads else layer * n_heads + best
    row = st.session_state.get("training_row", FIRST_ROW)

    st.markdown(escape_markdown(reading.about_snapshot(snapshot, language)))
    token_strip(
        view,
        head,
        row,
        key="training_example",
        alt=text("frame.sentence_alt", language),
        language=language,
        theme=theme,
        on_click=_focus,
        wide_line=EXAMPLE_LINE,
    )
    place = f"{head // n_heads + 1}.{head % n_heads + 1}"
    st.markdown(escape_markdown(reading.about_row(view, place, head, row, language)))
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.subheader(text("training.curves" if end is None else "training.curves_now", language), anchor=False)
        live_figure(
            figures.training_curves(
                run.steps,
                [snapshot.loss for snapshot in run.snapshots],
                reading.curves(run, language),
                chosen,
                last_step=end,
                language=language,
                theme=theme,
            ),
            key="training_curves",
            alt=text("training.curves_alt", language),
            language=language,
            on_click=lambda click: _move_slider(click, slider, run) if slider else None,
        )
    with right:
        st.subheader(text("training.maps", language, step=snapshot.step), anchor=False)
        live_figure(
            figures.heads_mosaic(
                view,
                names=names,
                columns=columns,
                focus_head=head,
                focus_row=row,
                language=language,
                theme=theme,
            ),
            key="training_maps",
            alt=text("training.maps_alt", language, heads=view.n_heads, step=snapshot.step),
            language=language,
            on_click=_focus,
        )
        st.caption(text("training.maps_caption", language, first=len(EXAMPLE) // 2 + 1))


def _focus(click: Click) -> None:
    if isinstance(click, PointClick):
        state.assign(training_row=click.point)
    elif click.head is not None:
        state.assign(training_head=click.head, training_row=click.row)


def _move_slider(click: Click, slider: str, run: Run) -> None:
    if isinstance(click, PointClick):
        state.assign(**{slider: run.steps[click.point]})
