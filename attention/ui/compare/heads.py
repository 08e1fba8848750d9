"""All heads of all layers, as every way of finding one speaks of them: their names, their weights, bringing one up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from attention.metrics import strongest_keys
from attention.texts import Language, text
from attention.ui import state
from attention.ui.cache import Shown, cached_view
from attention.ui.inputs import head_picker
from attention.ui.layout import Frame, focus
from attention.ui.live_figure import Click, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import WeightsView

Head = tuple[int, int]
"""Layer and head, counted from 0."""
NAMED = 3  # heads listed by name; more are counted


def places(now: state.ViewState) -> list[Head]:
    """Return every head of the model, layer by layer: the order of `view_of_all`."""
    return [(layer, head) for layer in range(now.layers_shown) for head in range(now.heads_shown)]


def shown_of_all(frame: Frame) -> Shown:
    """Return which weights are meant: those of the heads of every layer, by token or by word as the reader chose."""
    return replace(frame.shown(frame.state.config), layer=None)


def view_of_all(frame: Frame) -> WeightsView:
    """Return the weights of the heads of every layer."""
    return cached_view(shown_of_all(frame))


def head_name(place: Head, now: state.ViewState) -> str:
    """Return what a sentence calls a head; its layer is named where there are several."""
    key = "find.head" if now.layers_shown > 1 else "find.head_alone"
    return text(key, now.language, layer=place[0] + 1, head=place[1] + 1)


def head_label(place: Head, now: state.ViewState) -> str:
    """Return what an axis or a table calls a head."""
    key = "find.label" if now.layers_shown > 1 else "find.label_alone"
    return text(key, now.language, layer=place[0] + 1, head=place[1] + 1)


def short_name(place: Head, now: state.ViewState) -> str:
    """Return a head's name where there is little room: layer and head, or the head alone."""
    return f"{place[0] + 1}.{place[1] + 1}" if now.layers_shown > 1 else str(place[1] + 1)


def listed(heads: Sequence[Head], now: state.ViewState, *, the: bool = False) -> str:
    """Return heads as a list for a sentence; many are counted instead. `the` begins each name with its article."""
    language = now.language
    if len(heads) > NAMED:
        return text("find.n_heads", language, n=len(heads))
    names = [head_name(place, now) for place in heads]
    return joined([text("find.the", language, head=name) for name in names] if the else names, language)


def joined(names: Sequence[str], language: Language) -> str:
    """Return names as a list of a sentence: a, b and c."""
    *first, last = names
    return text("find.and", language).join([", ".join(first), last] if first else [last])


def cell_in_focus(frame: Frame, view: WeightsView, head: int) -> tuple[int, int]:
    """Return row and column of the cell in focus.

    Without a column, or with one of a row that was not chosen either, it is the one the row looks at most in `head`
    of `view`; where it looks nowhere, its own.
    """
    row, column = frame.row, frame.state.column
    if row == frame.state.row and 0 <= column < len(view.labels):
        return row, column
    strongest = strongest_keys(view, head, row, 1)
    return row, strongest[0] if strongest else row


def bring_up(place: Head) -> None:
    """Bring a head into focus: a callback."""
    state.assign(layer=place[0], head=place[1])


def open_pair(one: Head, other: Head) -> None:
    """Show two heads side by side, the first as A: a callback. A head beside itself only comes into focus."""
    bring_up(one)
    if one != other:
        state.assign(b_layer=other[0], b_head=other[1], tool="sides")


def map_in_focus(
    frame: Frame, row: int, column: int | None = None, *, key: str, alt: str, on_click: Callable[[Click], None]
) -> None:
    """Draw the map of the head in focus, its row outlined, or with `column` one cell; `alt` is a text with {head}."""
    now, language = frame.state, frame.language
    label = head_label((now.layer, now.head), now)
    live_figure(
        frame.figure("head_map", head=now.head, focus_row=row, focus_column=column, title=label.capitalize()),
        key=key,
        alt=text(alt, language, head=head_name((now.layer, now.head), now)),
        language=language,
        file_name=label,
        on_click=on_click,
    )


def chosen_head(frame: Frame, key: str) -> None:
    """Draw the choice of the head in focus, its map before dropout, and the button that takes it beside another.

    A click on the map brings a row into focus.
    """
    now = frame.state
    with st.container(horizontal=True):
        head_picker(now)
    before_dropout = replace(frame, state=replace(now, dropout_on=False))
    map_in_focus(before_dropout, frame.row, key=key, alt="find.map_alt", on_click=focus)
    beside_button(now)


def beside_button(now: state.ViewState) -> None:
    """Draw the button that takes the head in focus to where heads stand side by side."""
    st.button(
        text("find.beside", now.language, head=head_name((now.layer, now.head), now)),
        key="beside",
        icon=":material/compare:",
        on_click=state.assign,
        kwargs={"tool": "sides"},
    )


def write_all(sentences: Sequence[str]) -> None:
    """Write sentences whose names of tokens are escaped already, in a place that is held while they come and go."""
    with st.container():
        for sentence in sentences:
            st.markdown(sentence)


def safe(names: Sequence[str]) -> list[str]:
    """Return names of tokens so that Markdown shows them as they are."""
    return [escape_markdown(name) for name in names]
