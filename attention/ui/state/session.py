"""The choices in a session: restored from the address, carried from page to page, moved by clicks, published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attention.ui.state.address import parse, refused, write
from attention.ui.state.view import ViewState, first_visit

FOCUS = ("head", "row", "words")  # the head and the row in focus, and words or tokens
SHOWN_SWITCHES = "shown_switches"  # where the session keeps which switches the page has drawn
SHOWN_FOCUS = "shown_focus"  # and what it shows of what keys move in the sentence: of FOCUS some, or “lines”
SHOWN_ROWS = "shown_rows"  # and which rows, and the place of the one in focus, where they are not the sentence's


def restore() -> None:
    """Fill the session before any widget is drawn: from the address on a first visit and when the reader goes back.

    A link between pages brings an address of its own, without a version: of it only the glossary's term is read.
    """
    context = get_script_run_ctx()
    if "restored" not in st.session_state or (context and context.is_history_navigation):
        state = parse(st.query_params.to_dict())
        assign(**{field.name: getattr(state, field.name) for field in fields(state)})
        st.session_state["restored"] = True
        st.session_state["refused"] = (refused(st.query_params.to_dict()), state)
        st.session_state.pop("refused_on", None)
    elif kept := st.session_state.get("kept"):
        # What has its widget on another page only, Streamlit forgets.
        assign(
            **{field.name: getattr(kept, field.name) for field in fields(kept) if field.name not in st.session_state}
        )
        address = st.query_params.to_dict()
        if "v" not in address:
            assign(term=parse(address).term)


def current() -> ViewState:
    """Return the state of this session; in a callback, what Streamlit has forgotten is still as it was published."""
    held = st.session_state.to_dict()  # all at once: each look of its own asks Streamlit whether to stop
    kept = held.get("kept", ViewState())
    return ViewState(**{field.name: held.get(field.name, getattr(kept, field.name)) for field in fields(ViewState)})


def carry_to(page: str) -> None:
    """Take every choice along when `page` is opened: a widget that stands on several pages starts empty on the next.

    Only then: assigned on every run, a text would overwrite what is being typed meanwhile.
    """
    if st.session_state.get("page") != page:
        now = current()
        assign(page=page, **{field.name: getattr(now, field.name) for field in fields(now)})


def publish() -> None:
    """Write the state into the address bar, so that the address always reopens what is on the screen."""
    now = st.session_state["kept"] = current()
    address = write(now)
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def assign(**values: object) -> None:
    """Set choices from a callback: the one way a click moves a value."""
    for name, value in values.items():
        st.session_state[name] = value


def choose_lines(heads: Iterable[int], now: ViewState) -> None:
    """Take over which heads have their lines drawn; all of them is the same as none."""
    chosen, everything = tuple(sorted(heads)), tuple(range(now.heads_shown))
    assign(line_heads=() if chosen == everything else chosen, no_line_head=not chosen)


def choose_model() -> None:
    """Move the focus to where the newly chosen model begins."""
    now = current()
    begins = first_visit(now.model)
    assign(layer=begins.layer, head=begins.head, row=begins.row, column=begins.column, several=())
    assign(only_layer=-1, off=(), moved="")
    if not now.b_model:
        assign(b_layer=begins.b_layer, b_head=begins.b_head)
