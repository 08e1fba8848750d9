"""The lines people know: who looks at whom, several heads at once, each in its own colour."""

from __future__ import annotations

import streamlit as st

from attention import figures
from attention.figures.sentences import share
from attention.texts import Language, count, text
from attention.ui import inputs, lesson, state
from attention.ui.layout import Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import in_layer


def draw(frame: Frame) -> None:
    """Draw the lines of the chosen heads, and say how many were left out."""
    now, language = frame.state, frame.language
    with st.container():
        if now.is_lesson:
            lesson.unknown_words(frame)
    inputs.switches(now)
    state.assign(**{state.SHOWN_FOCUS: ("lines", "row", "words")})
    heads = now.lines_drawn
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inputs.layer_picker(now)
        state.assign(line_pills=list(heads))
        st.pills(
            text("lines.heads", language),
            range(now.heads_shown),
            selection_mode="multi",
            format_func=lambda head: str(head + 1),
            key="line_pills",
            on_change=choose_heads,
        )
    with st.container():  # holds its place, so that the figure below stays mounted
        if st.session_state.pop("no_line_head", False):
            st.caption(text("lines.at_least_one", language))
    st.caption(text("lines.how", language))
    live_figure(
        frame.figure("lines", heads=heads, focus_row=frame.row),
        narrow=frame.figure("lines", heads=heads, focus_row=frame.row, narrow=True),
        key="lines",
        alt=text("lines.alt", language, heads=in_layer(", ".join(str(head + 1) for head in heads), now)),
        language=language,
        file_name=text("lines.file", language),
        on_click=focus_row,
    )
    st.caption(escape_markdown(said(figures.drawn_lines(frame.view(now.config), heads), language)))


def choose_heads() -> None:
    """Take the heads over from the pills."""
    state.choose_lines(st.session_state["line_pills"], state.current())


def focus_row(click: Click) -> None:
    """Move the focus to the row of a token at the left."""
    if isinstance(click, PointClick) and click.part == "query":
        state.assign(row=click.point)


def said(drawn: figures.Lines, language: Language) -> str:
    """Say how many lines there are, and what was left out."""
    n = len(drawn.weights)
    there = text("lines.drawn_one" if n == 1 else "lines.drawn", language, n=count(n, language))
    if not drawn.left_out:
        return f"{there} {text('lines.none_left_out', language)}"
    values = {"n": count(drawn.left_out, language), "share": share(drawn.left_out_share, language)}
    strongest = drawn.left_out and n == figures.MOST_LINES
    key = "lines.strongest_only" if strongest else "lines.left_out_one" if drawn.left_out == 1 else "lines.left_out"
    limit = share(figures.LEAST_LINE, language)
    return f"{there} {text(key, language, limit=limit, **values)}"
