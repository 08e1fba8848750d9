"""A training at one of its checkpoints: the slider, the curves, every head's map, and one row of the example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from attention import figures
from attention.texts import Language, text
from attention.ui import state
from attention.ui.layout import NARROW_LINE, current_theme
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.views import WeightsView

EXAMPLE_LINE = 620  # pixels: ten letters, so that a repeat of ten stands right below


@dataclass(frozen=True, eq=False, slots=True)
class Checkpoint:
    """What is drawn of one checkpoint, wherever it comes from."""

    chosen: int  # its place in `steps`
    steps: Sequence[int]  # of every checkpoint there is so far
    loss: Sequence[float]  # a step
    shares: Mapping[str, Sequence[float]]  # named curves from 0 to 1, a value a step
    view: WeightsView  # the maps at this checkpoint
    names: Sequence[str]  # a head
    columns: int  # heads side by side
    head: int  # in focus unless the reader chose another
    row: int  # the same
    last_step: int | None = None  # where the curves will end, while the training is going on


def slider(steps: Sequence[int], *, key: str, language: Language) -> int:
    """Draw the slider over the checkpoints, the last one chosen at first, and return the place of the chosen one."""
    step = st.select_slider(text("training.step", language), steps, value=steps[-1], key=key, persist_state="session")
    return steps.index(step)


def focus(checkpoint: Checkpoint, key: str) -> tuple[int, int]:
    """Return head and row in focus: those the reader clicked, as long as they exist."""
    head, row = st.session_state.get(f"{key}_focus", (checkpoint.head, checkpoint.row))
    exists = head < checkpoint.view.n_heads and row < len(checkpoint.view.labels)
    return (head, row) if exists else (checkpoint.head, checkpoint.row)


def draw(checkpoint: Checkpoint, *, key: str, language: Language, slider_key: str | None = None) -> None:
    """Draw the curves beside the maps, and the row in focus below; a click on a curve moves the slider."""
    view, step = checkpoint.view, checkpoint.steps[checkpoint.chosen]
    theme = figures.theme_named(current_theme())
    head, row = focus(checkpoint, key)

    def focus_on(click: Click) -> None:
        if isinstance(click, PointClick):
            state.assign(**{f"{key}_focus": (head, click.point)})
        elif click.head is not None:
            state.assign(**{f"{key}_focus": (click.head, click.row)})

    def move_slider(click: Click) -> None:
        if isinstance(click, PointClick) and slider_key:
            state.assign(**{slider_key: checkpoint.steps[click.point]})

    left, right = st.columns([4, 5], gap="large")
    with left:
        going_on = checkpoint.last_step is not None
        st.header(text("training.curves_now" if going_on else "training.curves", language), anchor=False)
        live_figure(
            figures.training_curves.plot(
                checkpoint.steps,
                checkpoint.loss,
                checkpoint.shares,
                checkpoint.chosen,
                last_step=checkpoint.last_step,
                language=language,
                theme=theme,
            ),
            key=f"{key}_curves",
            file_name=text("training.file_curves", language),
            alt=text("training.curves_alt", language),
            language=language,
            on_click=move_slider,
        )
    with right:
        st.header(text("training.maps", language, step=step), anchor=False)
        live_figure(
            figures.heads_mosaic.plot(
                view,
                names=checkpoint.names,
                columns=checkpoint.columns,
                focus_head=head,
                focus_row=row,
                language=language,
                theme=theme,
            ),
            key=f"{key}_maps",
            file_name=text("training.file_maps", language, step=str(step)),
            alt=text("training.maps_alt", language, heads=view.n_heads, step=step),
            language=language,
            on_click=focus_on,
        )
        st.caption(text("training.maps_caption", language))
    wide, narrow = (
        figures.sentence_colours.plot(view, head, row, language=language, theme=theme, line_width=line_width)
        for line_width in (EXAMPLE_LINE, NARROW_LINE)
    )
    live_figure(
        wide,
        narrow=narrow,
        key=f"{key}_example",
        file_name=text("training.file_example", language, step=str(step)),
        alt=text("frame.sentence_alt", language),
        language=language,
        on_click=focus_on,
    )
