"""Explore for a long text: every head in blocks, one head whole; only what is looked at is computed and sent."""

from __future__ import annotations

import streamlit as st

from attention import exports, figures
from attention.figures.labels import named
from attention.figures.sentences import cell_text
from attention.html_pages import State, figure_html
from attention.metrics import strongest_keys
from attention.texts import count, text
from attention.tokens import MAX_TOKENS
from attention.ui import inputs, layout, lesson, more, reading, state
from attention.ui.cache import (
    Shown,
    cached_long_figure,
    cached_long_head,
    cached_long_overview,
    cached_long_trace,
    draw_long_figure,
)
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame
from attention.ui.live_figure import CellClick, Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.turns import Turns
from attention.views import WeightsView

BLOCKS = 128  # to a side of a head's map among all heads: about its pixels on the screen
BEFORE, AFTER = 27, 12  # tokens shown around the row in focus
TABLE_ROWS = 40  # of the strongest weights of a row
TOKEN_ROWS = 256  # of the table of tokens


TURNS = Turns()  # one long text is computed at a time: what it takes of memory it takes once


def explore(frame: Frame) -> None:
    """Draw the page Explore for a text too long to keep every step of every head, once those before are done."""
    place = st.empty()
    with TURNS.wait(lambda before: place.info(text("long.place", frame.language, before=before))):
        place.empty()
        _explore(frame)


def _explore(frame: Frame) -> None:
    now, row = frame.state, frame.row
    shown = frame.shown(now.config)
    view = cached_long_head(shown, now.head)
    notice(frame)
    _around_row(frame, view)
    with st.container():
        if now.is_lesson:
            lesson.unknown_words(frame)
    inputs.switches(now)
    with st.container():
        for sentence in reading.about_row(view, now, row, place=0):
            st.markdown(escape_markdown(sentence))
    with st.container():
        if now.moved:
            _effect(frame, view)
    all_heads, one_head = st.columns([5, 6], gap="large")
    with all_heads:
        _all_heads(frame, shown)
    with one_head:
        _one_head(frame, shown, view)
    if now.is_lesson:
        lesson.expectations(frame, cached_long_trace(now.text, now.vocabulary, now.config).logits)
    _more(frame, shown, view)


def notice(frame: Frame) -> None:
    """Say how long the text is, what that changes on the page, and how to have the rest back."""
    tokens, language = count(len(frame.tokens), frame.language), frame.language
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(text("long.notice", language, tokens=tokens, maximum=MAX_TOKENS), width="stretch")
        layout.beginning_button(frame.state, MAX_TOKENS)


def side_of_block(n: int) -> int:
    """Return how many positions of `n` stand on a side of a cell of the overview."""
    return -(-n // BLOCKS)


def _around_row(frame: Frame, view: WeightsView) -> None:
    """Draw the tokens around the row in focus, coloured by it, and the number of that row."""
    language, row, n = frame.language, frame.row, len(view.labels)
    start = max(min(row - BEFORE, n - BEFORE - AFTER - 1), 0)
    end = min(start + BEFORE + AFTER + 1, n)
    wide, narrow = (
        figures.sentence_colours.plot(
            view,
            0,
            row,
            span=(start, end),
            language=language,
            theme=figures.theme_named(frame.theme),
            line_width=line_width,
        )
        for line_width in (WIDE_LINE, NARROW_LINE)
    )

    def focus(click: Click) -> None:
        if isinstance(click, PointClick):
            state.assign(row=start + click.point)

    live_figure(
        wide,
        narrow=narrow,
        key="sentence",
        alt=text("frame.sentence_alt", language),
        language=language,
        file_name=text("frame.file_sentence", language),
        on_click=focus,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.assign(row_number=row + 1)
        st.number_input(
            text("long.row", language), min_value=1, max_value=n, key="row_number", on_change=_go_to_row, width=180
        )
        numbers = {"first": count(start + 1, language), "last": count(end, language), "n": count(n, language)}
        st.caption(text("long.around_words" if view.grouped else "long.around", language, **numbers))


def _go_to_row() -> None:
    state.assign(row=st.session_state["row_number"] - 1)


def _effect(frame: Frame, view: WeightsView) -> None:
    """Say what the switch that was moved changed in the head in focus; three maps of it are for shorter texts."""
    now, language = frame.state, frame.language
    layout.heading_with_close(text(f"explore.effect_{now.moved}", language), closes={"moved": ""}, language=language)
    before = cached_long_head(frame.shown(now.before.config), now.head)
    st.markdown(escape_markdown(reading.change(before, view, now.head, language, place=0)))
    st.caption(text("long.no_comparison", language, maximum=MAX_TOKENS))


def _all_heads(frame: Frame, shown: Shown) -> None:
    now, language, row = frame.state, frame.language, frame.row
    n = len(frame.tokens.word_labels) if now.grouped else len(frame.tokens)
    side = side_of_block(n)
    overview = cached_long_overview(shown, side)

    def focus(click: Click) -> None:
        if isinstance(click, CellClick):
            state.assign(head=click.head, row=min(click.row * side, n - 1))

    st.header(text("explore.all_heads", language), anchor=False)
    live_figure(
        figures.heads_mosaic.plot(
            overview,
            language=language,
            theme=figures.theme_named(frame.theme),
            focus_head=now.head,
            focus_row=row // side,
        ),
        key="heads",
        alt=reading.in_layer(text("explore.all_heads_alt", language, heads=overview.n_heads), now),
        language=language,
        file_name=reading.in_layer(text("explore.file_heads", language), now),
        on_click=focus,
    )
    if side > 1:
        st.caption(text("long.blocks_words" if now.grouped else "long.blocks", language, side=side))


def _one_head(frame: Frame, shown: Shown, view: WeightsView) -> None:
    now, language = frame.state, frame.language
    with st.container(horizontal=True):
        inputs.head_picker(now)
    live_figure(
        cached_long_figure(shown, now.head, frame.row, frame.theme, language),
        key="head_map",
        alt=text("explore.one_head_alt", language, head=reading.head_in_layer(now, now.head)),
        language=language,
        file_name=text("explore.file_head", language, head=reading.head_in_layer(now, now.head)),
        turn=2,
        on_click=layout.focus,
    )
    st.caption(text("long.one_head", language))
    st.caption(escape_markdown(reading.legend(view, 0, language)))
    if now.is_lesson:
        lesson.head_role(frame)


def _more(frame: Frame, shown: Shown, view: WeightsView) -> None:
    more.open_panel(
        frame,
        {
            "numbers": lambda: _numbers(frame, view),
            "tokens": lambda: _tokens(frame),
            "downloads": lambda: _downloads(frame, shown, view),
        },
    )


def _numbers(frame: Frame, view: WeightsView) -> None:
    """Draw the strongest weights of the row in focus as a table."""
    language, row = frame.language, frame.row
    names = named(view.labels, language)
    keys = strongest_keys(view, 0, row, TABLE_ROWS)
    st.markdown(text("long.strongest", language, n=len(keys), query=escape_markdown(names[row])))
    columns = {
        text("more.position", language): [str(key + 1) for key in keys],
        text("more.token", language): [escape_markdown(view.labels[key]) for key in keys],
        text("figures.share_of_attention", language): [cell_text(view, 0, row, key, language) for key in keys],
    }
    st.table(columns)


def _tokens(frame: Frame) -> None:
    more.tokens_table(frame, most=TOKEN_ROWS)
    st.caption(text("long.tokens_cut", frame.language, shown=TOKEN_ROWS))


def _downloads(frame: Frame, shown: Shown, view: WeightsView) -> None:
    now, language, row = frame.state, frame.language, frame.row
    trace = cached_long_trace(now.text, now.vocabulary, now.config)
    title = text("more.file_title", language, text=now.text[:60].rstrip() + "…")

    def page() -> str:
        drawn = [draw_long_figure(shown, now.head, row, frame.theme, language)]
        notes = exports.introduction(trace, now.config, language)
        return figure_html(State(drawn, notes), title=title, language=language)

    with st.container(horizontal=True):
        for name, mime, make in (
            ("csv", "text/csv", lambda: exports.row_csv(view, now.head, row, language=language)),
            ("html", "text/html", page),
        ):
            st.download_button(
                text(f"long.download_{name}", language),
                data=make,
                file_name=f"{text('more.file_name', language)}.{name}",
                mime=mime,
                key=f"download_{name}",
                on_click="ignore",
            )
    st.caption(text("long.downloads_cut", language, maximum=MAX_TOKENS))
