"""The stage: the projector's look, and the keys with which a class is led without a mouse."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from attention.texts import Language, text
from attention.ui import state
from attention.ui.stage.keys import KEYS, act

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def set_stage(order: tuple[str, ...], here: str) -> None:
    """Give the page its look and its language, and let the keys act.

    `order` are the pages' addresses, one after another.
    """
    now = state.current()

    def pressed() -> None:
        key = st.session_state["stage"].get("pressed")
        act(key, state.current(), order, here)

    _component()(
        key="stage",
        data={
            "projector": now.projector,
            "keys": [key for one in KEYS for key in one.keys] if now.keys else [],
            "keysOfRows": [key for one in KEYS if one.of_rows for key in one.keys],
            "here": here,
            "language": now.language,
        },
        on_pressed_change=pressed,
    )
    if st.session_state.pop("keys_asked", False):
        st.dialog(text("stage.title", now.language), width="large")(_list)(now.language)


def projector_button(now: state.ViewState) -> None:
    """Draw the button that fills the wall, or goes back to the screen."""
    st.button(
        text("stage.leave" if now.projector else "stage.enter", now.language),
        key="projector_button",
        icon=":material/close_fullscreen:" if now.projector else ":material/present_to_all:",
        type="tertiary",
        help=text("stage.enter_help", now.language),
        on_click=state.assign,
        kwargs={"projector": not now.projector},
    )


def keys_button(language: Language) -> None:
    """Draw the button that lists the keys, and switches them: it is there too when they are off.

    What it stands in tells the browser whether the page, which has been drawn by then, shows rows that keys move.
    """
    walks = "row" in st.session_state.get(state.SHOWN_FOCUS, ())
    with st.container(key="rows_shown" if walks else "no_rows_shown"):
        st.button(
            text("stage.title", language),
            key="keys_button",
            icon=":material/keyboard:",
            type="tertiary",
            on_click=state.assign,
            kwargs={"keys_asked": True},
        )


def _list(language: Language) -> None:
    if st.session_state.pop("keys_moved", False):
        state.assign(keys_asked=True)  # a dialog runs by itself: the page must hear of it, and the list stay open
        st.rerun()
    half = len(KEYS) // 2
    for column, keys in zip(st.columns(2), (KEYS[:half], KEYS[half:]), strict=True):  # so that a wall shows them all
        column.table(
            {
                text("stage.key", language): [one.shown for one in keys],
                text("stage.does", language): [text(f"stage.key_{one.name}", language) for one in keys],
            }
        )
    st.toggle(
        text("stage.keys", language),
        key="keys",
        help=text("stage.keys_help", language),
        on_change=state.assign,
        kwargs={"keys_moved": True},
        persist_state="session",
    )
    st.caption(text("stage.not_while", language))


@cache
def _component() -> ComponentRenderer:
    """Register the component, once."""
    folder = Path(__file__).parent
    return st.components.v2.component(
        "attention.stage",
        js=(folder / "stage.js").read_text(encoding="utf-8"),
        css=(folder / "stage.css").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
