"""Find the head: by an example, by a measure, by what it resembles, or by the role it was measured to have."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from attention.texts import text
from attention.ui import inputs, lesson, state
from attention.ui.compare import by_example, by_measure, by_role, by_similarity
from attention.ui.layout import Frame

SEARCH = {
    "example": by_example.draw,
    "measure": by_measure.draw,
    "similar": by_similarity.draw,
    "role": by_role.draw,
}
ACTING = {  # the switches that change what a search finds: measures are taken before dropout, roles are recorded
    "example": inputs.SWITCHES,
    "measure": ("causal", "scaled"),
    "similar": ("causal", "scaled"),
}


def draw(frame: Frame) -> None:
    """Draw the ways to find a head, the switches that act on the one the reader chose, and that one."""
    now = frame.state
    with st.container():
        if now.is_lesson:
            lesson.unknown_words(frame)
    st.segmented_control(
        text("find.search", frame.language),
        state.SEARCHES,
        format_func=lambda search: text(f"find.search_{search}", frame.language),
        key="search",
        required=True,
        persist_state="session",
        wrap=True,
    )
    with st.container():
        if acting := ACTING.get(now.search):
            inputs.switches(now if "dropout_on" in acting else replace(now, dropout_on=False), only=acting)
    SEARCH[now.search](frame)
