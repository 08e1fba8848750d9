"""The controls of a page. Each owns its key; callbacks move values, never compute."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from attention.config import MASK_MODES
from attention.texts import Language, number, text
from attention.tokens import ENCODINGS
from attention.ui import state
from attention.ui.regrouping import regrouped

SWITCHES = ("causal", "scaled", "dropout_on")


def switches(now: state.ViewState, *, only: Sequence[str] = SWITCHES) -> None:
    """Draw the three switches, or `only` some, and what belongs to dropout once it is on."""
    language = now.language
    state.assign(**{state.SHOWN_SWITCHES: tuple(only)})
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        for key in only:
            st.toggle(
                text(f"switch.{key}", language),
                key=key,
                help=text(f"switch.{key}_help", language),
                on_change=state.assign,
                kwargs={"moved": key},
                persist_state="session",
            )
    with st.container():
        if now.dropout_on and "dropout_on" in only:
            _dropout(now)
        if now.beyond_training:
            st.caption(f":material/warning: {text('switch.beyond_training', language)}")


def switch_again(now: state.ViewState, key: str, *, place: str) -> None:
    """Draw the switch called `key` a second time, at the figure it acts on in `place`: both always say the same."""
    again = f"{place}_{key}"
    st.session_state[again] = getattr(now, key)
    st.toggle(text(f"switch.{key}", now.language), key=again, on_change=_follow, args=(again, key))


def _follow(again: str, key: str) -> None:
    state.assign(**{key: st.session_state[again], "moved": key})


def _dropout(now: state.ViewState) -> None:
    language = now.language
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            text("switch.mode", language),
            (True, False),
            format_func=lambda training: text("switch.training" if training else "switch.inference", language),
            key="training",
            required=True,
            persist_state="session",
        )
        if not now.training:
            return
        st.select_slider(
            text("switch.p", language),
            state.DROPOUT_CHOICES,
            format_func=lambda p: number(p, language, 1),
            key="dropout",
            help=text("switch.p_help", language),
            persist_state="session",
            width=220,
        )
        st.button(
            text("switch.draw", language),
            key="draw_again",
            icon=":material/casino:",
            on_click=state.assign,
            kwargs={"dropout_seed": (now.dropout_seed + 1) % state.MAX_DRAWS},
        )


def head_picker(now: state.ViewState) -> None:
    """Draw the choice of the head in focus, and of its layer where the model has several."""
    layer_picker(now)
    _numbered("head", now.heads_shown, now.language)


def layer_picker(now: state.ViewState) -> None:
    """Draw the choice of the layer in focus where the model has several."""
    if now.layers_shown > 1:
        _numbered("layer", now.layers_shown, now.language)


def _numbered(key: str, n: int, language: Language) -> None:
    st.segmented_control(
        text(f"explore.{key}", language),
        range(n),
        format_func=lambda position: str(position + 1),
        key=key,
        required=True,
        persist_state="session",
        wrap=True,
    )


def settings(now: state.ViewState, *, stacked: bool = False) -> None:
    """Draw what is seldom changed: mask mode, grouping, encoding, heads, dimensions, positions, seed.

    In three columns, or `stacked` where there is little room.
    """
    language = now.language
    left, middle, right = [st.container() for _ in range(3)] if stacked else st.columns(3, gap="medium")
    with left:
        st.toggle(
            text("settings.grouped", language),
            key="grouped",
            help=text("settings.grouped_help", language),
            on_change=state.assign,
            kwargs=regrouped(now),
            persist_state="session",
        )
        if now.causal:
            st.selectbox(
                text("settings.mask_mode", language),
                MASK_MODES,
                format_func=lambda mode: text(f"settings.{mode}", language),
                key="mask_mode",
                help=text("settings.mask_mode_help", language),
                on_change=state.assign,
                kwargs={"moved": now.mask_mode},
                persist_state="session",
            )
    if now.is_lesson:
        middle.caption(text("settings.fixed_by_model", language))
        return
    with middle:
        _choice("n_heads", state.HEAD_CHOICES, language, moves={"head": 0})
        _choice("d_model", state.D_MODEL_CHOICES, language)
        st.toggle(
            text("settings.positions", language),
            key="positions",
            help=text("settings.positions_help", language),
            persist_state="session",
        )
    with right:
        st.selectbox(
            text("settings.encoding", language),
            ENCODINGS,
            format_func=lambda encoding: text(f"settings.{encoding}", language),
            key="encoding",
            help=text("settings.encoding_help", language),
            on_change=state.assign,
            kwargs={"row": -1, "column": -1},
            persist_state="session",
        )
        st.button(
            text("settings.new_weights", language),
            key="new_weights",
            icon=":material/casino:",
            help=text("settings.new_weights_help", language, seed=now.seed),
            on_click=state.assign,
            kwargs={"seed": (now.seed + 1) % state.MAX_DRAWS},
        )


def _choice(key: str, choices: tuple[int, ...], language: Language, moves: dict[str, object] | None = None) -> None:
    st.select_slider(
        text(f"settings.{key}", language),
        choices,
        key=key,
        help=text(f"settings.{key}_help", language),
        on_change=state.assign,
        kwargs=moves or {},
        persist_state="session",
    )
