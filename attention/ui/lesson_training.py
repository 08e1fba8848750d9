"""The lesson model's own training: a slider over what was kept of it, on the reader's own sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import streamlit as st

from attention import figures
from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.lesson_model.history import History, birth, lesson_history
from attention.texts import Language, count, text
from attention.ui import lesson_training_reading as reading
from attention.ui import state
from attention.ui.cache import Shown, cached_figure, cached_tokens, cached_view
from attention.ui.errors import end_page, show_error
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame, current_theme
from attention.ui.live_figure import Click, Drawing, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import legend

COLUMNS, NARROW_COLUMNS = 4, 2  # heads side by side, and on a phone


@dataclass(frozen=True, slots=True)
class Moment:
    """The reader's sentence at one moment of the training: what every figure below the slider shows."""

    frame: Frame
    history: History
    step: int

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self.frame.language

    @property
    def first(self) -> int:
        """The step of the earliest checkpoint."""
        return next(iter(self.history.checkpoints))

    @property
    def head(self) -> int:
        """The place of the head in focus among the heads of all layers."""
        return self.frame.state.layer * state.LESSON_HEADS + self.frame.state.head

    def shown(self, step: int) -> Shown:
        """Return which weights are shown of `step`: those of every head, as the model was trained, mask on."""
        now, file = self.frame.state, self.history.checkpoints[step]
        return Shown(now.text, now.vocabulary, AttentionConfig(), None, now.grouped, file)

    def figure(self, name: str, *steps: int, **options: object) -> Drawing:
        """Return the figure called `name` of these steps."""
        views = tuple(self.shown(step) for step in steps)
        return cached_figure(name, views, self.frame.theme, tuple({"language": self.language, **options}.items()))


def history(language: Language) -> History:
    """Return the recorded training; stop the script with a message when it cannot be read."""
    with _explained(language):
        return lesson_history()


def slider(recorded: History, language: Language) -> int:
    """Draw the slider over the checkpoints, the last one chosen at first, and return the step of the chosen one."""
    *earlier, last = recorded.checkpoints
    asked = state.current().step
    chosen = last if asked < 0 else recorded.nearest_checkpoint(asked)
    offered = -1 if chosen == last else chosen
    if asked != offered:  # an address may name a step nobody kept
        state.assign(step=offered)
    st.select_slider(
        text("training.step", language),
        (*earlier, -1),
        format_func=lambda step: count(last if step < 0 else step, language),
        key="step",
        persist_state="session",
    )
    return chosen


def moment(recorded: History, step: int, language: Language) -> Moment:
    """Return the reader's sentence at `step`; stop the script with a message when there is nothing to draw."""
    now = state.current()
    if not now.is_lesson:
        begins = state.first_visit("lesson")
        now = replace(now, model="lesson", layer=begins.layer, head=begins.head, row=begins.row)
    with _explained(language):
        tokens = cached_tokens(now.text, now.vocabulary)
        found = Moment(Frame(now, tokens, current_theme()), recorded, step)
        for needed in (found.first, step):
            cached_view(found.shown(needed))
    chosen = state.current().is_lesson  # else the head and the row in focus are those of a model that is not shown
    state.assign(**{state.SHOWN_FOCUS: state.FOCUS if chosen else ("words",)})
    return found


@contextmanager
def _explained(language: Language) -> Iterator[None]:
    """Show an error and stop the script where what follows cannot be drawn."""
    try:
        yield
    except AttentionError as error:
        show_error(error, language)
        end_page()


def sentence(now: Moment) -> None:
    """Draw the sentence coloured by the row in focus, and say where it looks now and where it looked at first."""
    wide, narrow = (
        now.figure("sentence_colours", now.step, head=now.head, row=now.frame.row, line_width=width)
        for width in (WIDE_LINE, NARROW_LINE)
    )
    live_figure(
        wide,
        narrow=narrow,
        key="lesson_sentence",
        file_name=text("training.file_example", now.language, step=str(now.step)),
        alt=text("frame.sentence_alt", now.language),
        language=now.language,
        on_click=_focus,
    )
    first, view = (cached_view(now.shown(step)) for step in (now.first, now.step))
    said = reading.about_row(first, view, now.head, now.frame.row, now.first, now.step, now.language)
    st.markdown(escape_markdown(said))


def curves(now: Moment) -> None:
    """Draw loss and claims over the steps, the birth of the subject's head marked, and say when it was."""
    recorded, language = now.history, now.language
    point = recorded.nearest_point(now.step)
    (layer, head) = state.LESSON_FOCUS
    born = birth(recorded.steps, recorded.predicts[:, layer, head].tolist())
    st.header(text("training.lesson_curves", language), anchor=False)
    live_figure(
        figures.training_curves.plot(
            recorded.steps,
            recorded.loss,
            reading.curves(recorded, state.LESSON_FOCUS, language),
            point,
            born=(born.start, born.end) if born else None,
            language=language,
            theme=figures.theme_named(now.frame.theme),
        ),
        key="lesson_curves",
        file_name=text("training.file_curves", language),
        alt=text("training.lesson_curves_alt", language),
        language=language,
        on_click=_move_slider,
    )
    st.markdown(escape_markdown(reading.about_step(recorded, state.LESSON_FOCUS, point, language)))
    if born:
        st.markdown(escape_markdown(reading.about_birth(born, state.LESSON_FOCUS, language)))


def _move_slider(click: Click) -> None:
    recorded = lesson_history()
    if isinstance(click, PointClick):
        step = recorded.nearest_checkpoint(recorded.steps[click.point])
        state.assign(step=-1 if step == max(recorded.checkpoints) else step)


def heads(now: Moment) -> None:
    """Draw every head's map at this moment; a click chooses the head and the row in focus."""
    language = now.language
    names = reading.head_names(now.history, state.LESSON_FOCUS, now.step, language)
    focus = {"focus_head": now.head, "focus_row": now.frame.row}
    wide, narrow = (
        now.figure("heads_mosaic", now.step, names=names, columns=columns, **focus)
        for columns in (COLUMNS, NARROW_COLUMNS)
    )
    st.header(text("training.maps", language, step=count(now.step, language)), anchor=False)
    live_figure(
        wide,
        narrow=narrow,
        key="lesson_heads",
        file_name=text("training.file_maps", language, step=str(now.step)),
        alt=text("training.lesson_heads_alt", language, heads=len(names), step=count(now.step, language)),
        language=language,
        on_click=_focus,
    )
    layer, head = (place + 1 for place in state.LESSON_FOCUS)
    name = reading.place(state.LESSON_FOCUS, language)
    st.caption(text("training.lesson_heads_caption", language, name=name, layer=layer, head=head))


def comparison(now: Moment) -> None:
    """Draw the head in focus at the first checkpoint, at this moment, and the difference; say what changed most."""
    language, name = now.language, reading.place((now.frame.state.layer, now.frame.state.head), now.language)
    sides = tuple(text("training.at_step", language, step=count(step, language)) for step in (now.first, now.step))
    options = {"head": now.head, "focus_row": now.frame.row, "names": sides}
    st.header(text("training.lesson_comparison", language, name=name), anchor=False)
    live_figure(
        now.figure("comparison", now.first, now.step, **options),
        narrow=now.figure("comparison", now.first, now.step, narrow=True, **options),
        key="lesson_comparison",
        file_name=text("training.file_comparison", language, step=str(now.step)),
        alt=text("training.lesson_comparison_alt", language, name=name, before=sides[0], after=sides[1]),
        language=language,
        on_click=_focus,
    )
    before, after = (cached_view(now.shown(step)) for step in (now.first, now.step))
    if now.step != now.first:
        st.markdown(escape_markdown(reading.about_change(before, after, now.head, name, sides, language)))
    st.caption(escape_markdown(legend(after, now.head, language)))


def _focus(click: Click) -> None:
    """Move the focus, which is one on every page, to a head and a row of the lesson model."""
    if not state.current().is_lesson:
        state.assign(model="lesson")
        state.choose_model()
    if isinstance(click, PointClick):
        state.assign(row=click.point)
    elif click.head is not None:
        layer, head = divmod(click.head, state.LESSON_HEADS)
        state.assign(layer=layer, head=head, row=click.row)
