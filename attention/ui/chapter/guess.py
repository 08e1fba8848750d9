"""Guess first: the reader commits before the figure is shown, then sees guess and truth side by side.

A guess is remembered while the visit lasts and counted nowhere. It is about a `subject`, such as the sentence and the
row: when the subject changes, the figure stays, and the guess made about the other one is no longer compared.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from attention import figures
from attention.texts import text
from attention.ui import state
from attention.ui.layout import NARROW_LINE, WIDE_LINE, Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Guess(Generic[Choice]):
    """What the reader did: `choice` is None where skipped, or made about another subject."""

    made: bool  # guessed or skipped: the figure may be shown
    choice: Choice | None


def guess_token(frame: Frame, name: str, question: str, labels: Sequence[str], *, subject: Hashable) -> Guess[int]:
    """Ask for one of the tokens by a click on it; the choice is its position.

    `name` is the page; `question` may quote the reader's words.
    """

    def choose(click: Click) -> None:
        if isinstance(click, PointClick):
            _remember(name, subject, click.point)

    def draw() -> None:
        wide, narrow = (
            figures.plain_tokens.plot(
                labels, language=frame.language, theme=figures.theme_named(frame.theme), line_width=line_width
            )
            for line_width in (WIDE_LINE, NARROW_LINE)
        )
        st.caption(text("chapter.guess_click", frame.language))
        live_figure(
            wide,
            narrow=narrow,
            key=f"{name}_guess_tokens",
            alt=question,
            language=frame.language,
            file_name=text("frame.file_sentence", frame.language),
            on_click=choose,
        )

    return _ask(frame, name, question, subject, draw)


def guess_choice(
    frame: Frame, name: str, question: str, choices: Sequence[tuple[str, str]], *, subject: Hashable
) -> Guess[str]:
    """Ask for one of `choices`, pairs of a slug and the words on its button; the choice is the slug."""

    def draw() -> None:
        with st.container(horizontal=True):
            for slug, label in choices:
                st.button(
                    escape_markdown(label),
                    key=f"{name}_guess_{slug}",
                    on_click=_remember,
                    args=(name, subject, slug),
                )

    return _ask(frame, name, question, subject, draw)


def guess_number(
    frame: Frame,
    name: str,
    question: str,
    choices: Sequence[float],
    *,
    subject: Hashable,
    written: Callable[[float], str],
) -> Guess[float]:
    """Ask for a number on a slider over `choices`, each shown as `written` says."""

    def draw() -> None:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.select_slider(
                question,
                choices,
                value=choices[len(choices) // 2],
                format_func=written,
                key=f"{name}_guess_number",
                label_visibility="collapsed",
                width=420,
            )
            st.button(
                text("chapter.guess_send", frame.language),
                key=f"{name}_guess_send",
                type="primary",
                on_click=_remember_chosen,
                args=(name, subject, f"{name}_guess_number"),
            )

    return _ask(frame, name, question, subject, draw)


def reveal(frame: Frame, name: str, *, yours: str | None, truth: str, right: bool, computed: bool = True) -> None:
    """Show the guess beside the truth, in words; `yours` is None where there is no guess.

    `computed` tells whether the truth comes out of a computation; else it is known.
    """
    language = frame.language
    _, kept = st.session_state.get(_slot(name)) or (None, None)
    none = text("chapter.skipped" if kept is None else "chapter.other_case", language)
    with st.container(border=True, key=f"{name}_revealed"):
        left, middle, button = st.columns([2, 2, 1], vertical_alignment="center")
        left.caption(text("chapter.yours", language))
        left.markdown(none if yours is None else f"**{escape_markdown(yours)}**")
        middle.caption(text("chapter.truth" if computed else "chapter.answer", language))
        middle.markdown(f"**{escape_markdown(truth)}**")
        button.button(
            text("chapter.again", language),
            key=f"{name}_guess_again",
            type="tertiary",
            icon=":material/refresh:",
            on_click=state.assign,
            kwargs={_slot(name): None},
        )
        if yours is not None:
            icon = ":material/check_circle:" if right else ":material/lightbulb:"
            st.markdown(f"{icon} {text('chapter.right' if right else 'chapter.wrong', language)}")


def _ask(frame: Frame, name: str, question: str, subject: Hashable, draw: Callable[[], None]) -> Guess[Choice]:
    """Return what was guessed; where nothing was, draw the question, its answers by `draw`, and the way around it."""
    kept: tuple[Hashable, Choice | None] | None = st.session_state.get(_slot(name))
    if kept is not None:
        about, choice = kept
        return Guess(made=True, choice=choice if about == subject else None)
    language = frame.language
    with st.container(border=True, key=f"{name}_guess"):
        st.markdown(f"**{text('chapter.guess', language)}.** {escape_markdown(question)}")
        draw()
        st.button(
            text("chapter.skip", language),
            key=f"{name}_guess_skip",
            type="tertiary",
            icon=":material/skip_next:",
            on_click=_remember,
            args=(name, subject, None),
        )
    st.caption(text("chapter.hidden", language))
    return Guess(made=False, choice=None)


def _remember(name: str, subject: Hashable, choice: object) -> None:
    state.assign(**{_slot(name): (subject, choice)})


def _remember_chosen(name: str, subject: Hashable, key: str) -> None:
    """Remember what the widget called `key` says now, which may be newer than when its button was drawn."""
    _remember(name, subject, st.session_state[key])


def _slot(name: str) -> str:
    return f"guess_of_{name}"
