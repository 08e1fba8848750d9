"""The controls of the two sides: head and layer in the open, all else behind one closed door a side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from attention.config import MASK_MODES
from attention.errors import AttentionError
from attention.lesson_model.history import lesson_history
from attention.texts import Language, count, number, text
from attention.tokens import ENCODINGS
from attention.ui import inputs, state
from attention.ui.cache import cached_tokens
from attention.ui.compare.side import Sides
from attention.ui.errors import show_error
from attention.ui.layout import Frame


def view_and_moves(now: state.ViewState, sides: Sides | None) -> None:
    """Draw the choice between the difference, some heads and all of them, and what moves one side into the other.

    Without `sides`, B has nothing to give to A.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        _choice("sides_view", state.SIDES_VIEWS, now.language)
        if now.sides_view != "four" and sides:
            _button("swap", ":material/swap_horiz:", {**swapped(now), **sides.swapped_focus}, now.language)
        if now.sides_view != "four":
            _button("copy", ":material/content_copy:", now.as_b(now), now.language)


def choose_target(now: state.ViewState) -> None:
    """Draw the choice of the side that a head is put into."""
    _choice("target", ("a", "b"), now.language, labelled=True)


def choose_alignment(language: Language) -> None:
    """Draw the choice of how two sentences are laid on each other."""
    _choice("align", state.ALIGNMENTS, language, labelled=True)


def _choice(
    key: str,
    options: Sequence[str],
    language: Language,
    *,
    labelled: bool = False,
) -> None:
    st.segmented_control(
        text(f"sides.{key}", language),
        options,
        format_func=lambda option: text(f"sides.{key}_{option}", language),
        key=key,
        required=True,
        label_visibility="visible" if labelled else "collapsed",
        persist_state="session",
        wrap=True,
    )


def pickers(frame: Frame) -> None:
    """Draw layer and head of A and of B, and the closed doors beside them."""
    now, b = frame.state, frame.state.side_b
    left, right = st.columns(2, gap="large")
    with left.container(horizontal=True, vertical_alignment="bottom"):
        _place("A", "", now)
        with st.popover(text("sides.more_a", now.language), icon=":material/tune:", key="door_a"):
            _door_a(now)
    with right.container(horizontal=True, vertical_alignment="bottom"):
        _place("B", "b_", b)
        with st.popover(text("sides.more_b", now.language), icon=":material/tune:", key="door_b"):
            _door_b(now, b)


def swapped(now: state.ViewState) -> dict[str, Any]:
    """Return the choices that put A where B is and B where A is."""
    b = now.side_b
    of_a = {name: getattr(b, name) for name in (*state.SIDE_FIELDS, "layer", "head")}
    return {**of_a, **now.as_b(b), "moved": ""}


def leave_b() -> None:
    """Bring back the usual row and column for what only B's old sentence had: a callback. A's stay in focus."""
    now = state.current()
    try:
        tokens = cached_tokens(now.text, now.vocabulary)
    except AttentionError:
        return
    n = len(tokens.word_labels if now.grouped else tokens.labels)
    state.assign(**{name: -1 for name in ("row", "column") if getattr(now, name) >= n})


def _button(name: str, icon: str, values: dict[str, object], language: Language) -> None:
    st.button(
        text(f"sides.{name}", language), key=name, icon=icon, type="tertiary", on_click=state.assign, kwargs=values
    )


def _place(letter: str, prefix: str, now: state.ViewState) -> None:
    """Draw the choice of one side's layer, where its model has several, and head; `now` is that side's state."""
    for key, n in (("layer", now.layers_shown), ("head", now.heads_shown)):
        if key == "head" or n > 1:
            st.segmented_control(
                text(f"sides.{key}", now.language, side=letter),
                range(n),
                format_func=lambda position: str(position + 1),
                key=f"{prefix}{key}",
                required=True,
                persist_state="session",
                wrap=True,
            )


def _door_a(now: state.ViewState) -> None:
    """Draw what is seldom changed of A; its sentence and its model stand at the top of the page."""
    st.caption(text("sides.door_a", now.language))
    if now.is_lesson and (steps := _steps(now.language)):
        st.selectbox(
            text("sides.moment", now.language),
            (-1, *steps[:-1]),
            format_func=lambda step: _step(step, steps, now.language),
            key="moment",
            persist_state="session",
        )
    inputs.switches(now)
    inputs.settings(now, stacked=True)


def _door_b(now: state.ViewState, b: state.ViewState) -> None:
    """Draw all that B may have otherwise than A; `b` is what it has."""
    language = now.language
    st.text_input(
        text("sides.text_b", language),
        key="b_text",
        placeholder=now.text,
        help=text("sides.text_b_help", language),
        live="400ms",
        on_change=leave_b,
        persist_state="session",
    )
    if not state.fits_link(now):
        st.caption(text("frame.link_too_long", language, maximum=state.MAX_LINK_CHARACTERS))
    left, right = st.columns(2)
    with left:
        _model_of_b(now, b)
    with right:
        _switches_of_b(b)


def _model_of_b(now: state.ViewState, b: state.ViewState) -> None:
    """Draw B's model, and what may be chosen of it: a moment of its training, or the sizes of random weights."""
    language = now.language
    _of_b("model", state.MODELS, lambda model: text(f"frame.model_{model}", language), language)
    if not b.is_lesson:
        _of_b("encoding", ENCODINGS, lambda encoding: text(f"settings.{encoding}", language), language)
        _of_b("n_heads", tuple(map(str, state.HEAD_CHOICES)), str, language)
        _of_b("d_model", tuple(map(str, state.D_MODEL_CHOICES)), str, language)
        _of_b("positions", ("1", "0"), _on_off(language), language)
        _again("b_seed", b.seed, text("settings.new_weights", language))
    elif steps := _steps(language):
        written = ("end", *map(str, steps[:-1]))
        _of_b("moment", written, lambda step: _step(-1 if step == "end" else int(step), steps, language), language)


def _switches_of_b(b: state.ViewState) -> None:
    """Draw B's mask, scale and dropout, and what belongs to each while it acts."""
    language = b.language
    _of_b("causal", ("1", "0"), _on_off(language), language)
    if b.causal:
        modes = {mode.replace("_", "-"): mode for mode in MASK_MODES}
        _of_b("mask_mode", tuple(modes), lambda mode: text(f"settings.{modes[mode]}", language), language)
    _of_b("scaled", ("1", "0"), _on_off(language), language)
    _of_b("dropout_on", ("1", "0"), _on_off(language), language)
    if not b.dropout_on:
        return
    _of_b("training", ("1", "0"), lambda on: text(f"switch.{_mode(on)}", language), language)
    if b.training:
        choices = tuple(map(str, state.DROPOUT_CHOICES))
        _of_b("dropout", choices, lambda p: number(float(p), language, 1), language)
        _again("b_dropout_seed", b.dropout_seed, text("switch.draw", language))


def _steps(language: Language) -> tuple[int, ...]:
    """Return the recorded steps of the lesson model's training; none, with a message, if they cannot be read."""
    try:
        return tuple(lesson_history().checkpoints)
    except AttentionError as error:
        show_error(error, language)
        return ()


def _of_b(name: str, options: Sequence[str], write: Callable[[str], str], language: Language) -> None:
    """Draw one choice of B, with “as in A” first."""
    st.selectbox(
        text(f"sides.{name}", language),
        ("", *options),
        format_func=lambda option: write(option) if option else text("sides.as_a", language),
        key=f"b_{name}",
        on_change=leave_b,
        persist_state="session",
    )


def _again(key: str, seed: int, label: str) -> None:
    st.button(
        label,
        key=f"{key}_again",
        icon=":material/casino:",
        on_click=state.assign,
        kwargs={key: str((seed + 1) % state.MAX_DRAWS)},
    )


def _on_off(language: Language) -> Callable[[str], str]:
    return lambda on: text("sides.on" if on == "1" else "sides.off", language)


def _mode(on: str) -> str:
    return "training" if on == "1" else "inference"


def _step(step: int, steps: Sequence[int], language: Language) -> str:
    if step < 0:
        return text("sides.moment_end", language, step=count(steps[-1], language))
    return text("training.at_step", language, step=count(step, language))
