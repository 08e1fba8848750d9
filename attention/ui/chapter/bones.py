"""What opens and closes a page of the lesson, and the words around its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from attention.texts import Language, text
from attention.ui import layout
from attention.ui.chapter.contents import LESSONS, lesson_named
from attention.ui.inputs import SWITCHES
from attention.ui.layout import Frame
from attention.ui.markdown import escape_markdown
from attention.ui.state import FOCUS, first_visit


def open_lesson(name: str, *, switches: Sequence[str] = (), shows: Sequence[str] = FOCUS) -> Frame:
    """Draw where in the lesson one is, the page's question, what to know before the figure, and the sentence.

    `name` is the page's table of texts, with `title`, `question` and `intro`. `switches` are those the page draws: the
    others, and the mode of the mask, stand as on a first visit, so that what was left on Explore changes nothing that
    the reader cannot see; Explore finds them as they were. `shows` is what of the sentence can be seen once a guess is
    made. Stops the script with a message where the sentence cannot be drawn.
    """
    language = layout.open_page(name, badge=layout.model_badge, heading="question")
    say_place(name, language)
    st.markdown(text(f"{name}.intro", language))
    frame = layout.ask_sentence(language, shows=shows)
    usual = first_visit(frame.state.model)
    unseen = [key for key in SWITCHES if key not in switches]
    return replace(
        frame, state=replace(frame.state, mask_mode=usual.mask_mode, **{k: getattr(usual, k) for k in unseen})
    )


def say_place(name: str, language: Language) -> None:
    """Draw where in the lesson the page called `name` stands."""
    place = LESSONS.index(lesson_named(name)) + 1
    title = text(f"{name}.title", language)
    st.caption(text("chapter.place", language, number=place, total=len(LESSONS), title=title))


def observe(frame: Frame, sentences: Sequence[str]) -> None:
    """Say what to observe: sentences computed from the numbers on the screen; what they quote is shown as it is."""
    st.header(text("chapter.observe", frame.language), anchor=False)
    st.markdown("\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences))


def misconception(frame: Frame, name: str, shown_false: str) -> None:
    """Name the idea this page exists to break, and say with the numbers on the screen what is true instead."""
    language = frame.language
    with st.container(border=True):
        st.markdown(f"**{text('chapter.misconception', language)}:** {text(f'{name}.misconception', language)}")
        st.markdown(escape_markdown(shown_false))


def close_lesson(frame: Frame, name: str, *, terms: Sequence[str] = ()) -> None:
    """Draw the links: the glossary's `terms` (their slugs) of this page, and the pages before and after."""
    language = frame.language
    if terms:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(text("chapter.terms", language), width="content")
            for term in terms:
                label = text(f"glossary.{term}", language)
                st.page_link(lesson_named("glossary").script, label=label, query_params={"term": term})
    st.divider()
    place = LESSONS.index(lesson_named(name))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for step, way, icon in ((-1, "previous", "arrow_back"), (1, "next", "arrow_forward")):
            if 0 <= place + step < len(LESSONS):
                other = LESSONS[place + step]
                label = text(f"chapter.{way}", language, title=text(f"{other.name}.title", language))
                st.page_link(
                    other.script,
                    label=label,
                    icon=f":material/{icon}:",
                    icon_position="left" if step < 0 else "right",
                )
