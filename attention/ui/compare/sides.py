"""A, B and their difference: any two heads beside each other on one scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from attention.errors import AttentionError
from attention.texts import text
from attention.tokens import MAX_TOKENS
from attention.ui import lesson, state
from attention.ui.cache import cached_figure, cached_view
from attention.ui.compare import overview, side_controls, sides_reading, take_home
from attention.ui.compare.side import Sides, differ, lay, side_a, side_names
from attention.ui.errors import end_page, explain, show_error
from attention.ui.layout import Frame, offer_beginning, picture_note
from attention.ui.live_figure import CellClick, Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer, signs
from attention.views import Cell


def draw(frame: Frame) -> None:
    """Draw two sides and what differs between them, or the overview they are chosen from."""
    frame = _settled(frame)
    now = frame.state
    sides, trouble = _laid(frame)
    first, last = st.container(), st.container()
    controls, drawing = (last, first) if now.projector else (first, last)  # the wall begins with what is to be seen
    with controls:
        side_controls.view_and_moves(now, sides)
        if now.sides_view != "four":
            side_controls.pickers(frame)
    with drawing:
        _draw_view(frame, sides, trouble)


def _draw_view(frame: Frame, sides: Sides | None, trouble: AttentionError | None) -> None:
    """Draw what the reader chose to see of the sides; of B there may be none, but `trouble`."""
    now = frame.state
    with st.container():  # holds its place, so that the figures below stay mounted
        if trouble:
            said = explain(trouble, now.language)
            st.info(text("sides.trouble_b", now.language, trouble=said), icon=":material/info:")
            offer_beginning(trouble, now.side_b, MAX_TOKENS, field="b_text")
        elif sides and now.sides_view != "four":
            _conditions(sides)
    several, a = st.container(), sides.a if sides else side_a(frame, grouped=now.grouped)
    if now.sides_view == "four":
        state.assign(**{state.SHOWN_FOCUS: ("row", "words")})
        with several:
            overview.some_heads(frame, a)
        return
    if sides:
        _difference(sides)
    else:
        _a_alone(frame)
    if now.sides_view == "all":  # drawn last: what a click on it puts in a side is seen the sooner
        with several:
            overview.all_heads(frame, sides, a)


def _settled(frame: Frame) -> Frame:
    """Return the frame with B's layer and head among those its model has: A's sizes, which B may follow, can shrink."""
    b = frame.state.side_b
    if (b.layer, b.head) == (frame.state.b_layer, frame.state.b_head):
        return frame
    state.assign(b_layer=b.layer, b_head=b.head)
    return replace(frame, state=replace(frame.state, b_layer=b.layer, b_head=b.head))


def _laid(frame: Frame) -> tuple[Sides | None, AttentionError | None]:
    """Return both sides, or none and B's trouble: A stays on the screen. Stop where A has trouble."""
    try:
        cached_view(side_a(frame, grouped=frame.state.grouped).shown)
    except AttentionError as error:
        show_error(error, frame.language)
        end_page()
    try:
        return lay(frame), None
    except AttentionError as error:
        return None, error


def _conditions(sides: Sides) -> None:
    """Say in what else the sides differ, what one of them was never trained for, and which words it never met."""
    language = sides.language
    for sentence in sides_reading.conditions(sides):
        st.caption(sentence)
    if differ(sides.frame) and sides.a.now.vocabulary == sides.b.now.vocabulary:
        side_controls.choose_alignment(language)
    lesson_tokens = {side.tokens.text: side.tokens for side in (sides.a, sides.b) if side.now.is_lesson}
    if lesson_tokens:
        lesson.unknown_words(sides.frame, *lesson_tokens.values())


def _difference(sides: Sides) -> None:
    """Draw A, B and B − A, say what the cell in focus holds and where they differ most, and the row key by key."""
    state.assign(**{state.SHOWN_ROWS: (sides.rows, sides.focus[0])})
    language = sides.language
    names = side_names(sides.a, sides.b, language)
    note = picture_note(sides.a.now, sides.b.now)
    wide, narrow = sides.widths("sides_by_side", names=names, focus=sides.focus)

    def focus_cell(click: Click) -> None:
        if isinstance(click, CellClick):
            row, column = (sides.position(click.part, position) for position in (click.row, click.column))
            state.assign(row=row, column=column)

    def focus_key(click: Click) -> None:
        if isinstance(click, PointClick):
            row, column = (sides.position("difference", place) for place in (sides.focus[0], click.point))
            state.assign(row=row, column=column)

    live_figure(
        wide,
        narrow=narrow,
        key="side_by_side",
        alt=text("sides.alt", language, a=names[0], b=names[1]),
        language=language,
        file_name=text("sides.file", language),
        note=note,
        on_click=focus_cell,
    )
    for sentence in sides_reading.sentences(sides):
        st.markdown(escape_markdown(sentence))
    row, column = sides.focus
    st.header(escape_markdown(text("sides.row", language, query=sides.names[row])), anchor=False)
    live_figure(
        sides.figure("side_bars", row=row, column=column),
        key="side_bars",
        alt=text("sides.bars_alt", language, query=sides.names[row]),
        language=language,
        file_name=text("sides.file_row", language),
        note=note,
        turn=1,
        on_click=focus_key,
    )
    if said := _legend(sides):
        st.caption(escape_markdown(said))
    take_home.panel(sides)


def _legend(sides: Sides) -> str:
    """Say what the signs in the maps mean, those that are there and no others."""
    found = dict.fromkeys(sign for side in (sides.a, sides.b) for sign in signs(side.view, side.now.head))
    said = [text(f"reading.legend_{sign}", sides.language) for sign in found]
    masked = [view.cells == Cell.MASKED for view in sides.found.placed]
    if (np.isfinite(sides.found.change) & (masked[0] != masked[1])[0]).any():
        said.append(text("sides.legend_slant", sides.language))
    if sides.found.alignment.partners < len(sides.found.alignment.pairs):
        said.append(text("sides.legend_absent", sides.language))
    return " ".join(said)


def _a_alone(frame: Frame) -> None:
    """Draw A's map, where B has none."""
    side, language = side_a(frame, grouped=frame.state.grouped), frame.language
    st.header(side.name(language), anchor=False)
    options = {"language": language, "head": side.now.head, "focus_row": frame.row}
    live_figure(
        cached_figure("head_map", (side.shown,), frame.theme, tuple(options.items())),
        key="a_alone",
        alt=text("explore.one_head_alt", language, head=head_in_layer(side.now, side.now.head)),
        language=language,
        file_name=text("explore.file_head", language, head=head_in_layer(side.now, side.now.head)),
    )
