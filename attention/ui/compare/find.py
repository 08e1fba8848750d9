"""Find the head: by an example, by a measure, by what it resembles, or by the role it was measured to have."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import lesson, state
from attention.ui.compare import by_example, by_measure, by_role, by_similarity
from attention.ui.layout import Frame

SEARCH = {
    "example": by_example.draw,
    "measure": by_measure.draw,
    "similar": by_similarity.draw,
    "role": by_role.draw,
}


def draw(frame: Frame) -> None:
    """Draw the ways to find a head, and the one the reader chose."""
    with st.container():
        if frame.state.is_lesson:
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
    SEARCH[frame.state.search](frame)
