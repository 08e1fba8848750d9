"""Weight is not importance: four ways to test what a head or a weight is worth, one on the screen at a time."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import lesson, state
from attention.ui.compare import worth_norms, worth_off, worth_rollout, worth_sink
from attention.ui.layout import Frame, plain_strip, sentence_strip

PARTS = {"norms": worth_norms.draw, "off": worth_off.draw, "sink": worth_sink.draw, "rollout": worth_rollout.draw}
PAPERS = ("jain", "wiegreffe", "voita")


def draw(frame: Frame) -> None:
    """Draw the part the reader chose, and closed below it what the literature measured."""
    language = frame.language
    (sentence_strip if frame.state.worth == "norms" else plain_strip)(frame)  # the others are about every head
    with st.container():
        if frame.state.is_lesson:
            lesson.unknown_words(frame)
    st.segmented_control(
        text("worth.choice", language),
        state.WORTHS,
        format_func=lambda worth: text(f"worth.part_{worth}", language),
        key="worth",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    if frame.state.worth in ("off", "rollout"):  # of every head, and none in focus
        state.assign(**{state.SHOWN_FOCUS: ("row", "words")})
    with st.container():
        PARTS[frame.state.worth](frame)
    with st.expander(text("worth.literature", language), key="worth_literature"):
        st.markdown("\n".join(f"- {text(f'worth.paper_{paper}', language)}" for paper in PAPERS))
        st.caption(text("worth.papers_limit", language))
