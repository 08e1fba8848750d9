"""The tools of the page that compares: two sides, finding a head, what a head is worth, the lines people know."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import state
from attention.ui.compare import find, lines, sides, worth
from attention.ui.compare.side import side_a
from attention.ui.layout import Frame

DRAW = {"sides": sides.draw, "find": find.draw, "worth": worth.draw, "lines": lines.draw}


def choose_tool(frame: Frame) -> None:
    """Draw the choice of the tool."""
    st.segmented_control(
        text("compare.tool", frame.language),
        [tool for tool in state.TOOLS if tool in DRAW],
        format_func=lambda tool: text(f"compare.tool_{tool}", frame.language),
        key="tool",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )


def draw(frame: Frame) -> None:
    """Draw the tool the reader chose."""
    side = side_a(frame, grouped=False)
    with st.container():  # holds its place, so that the figures below stay mounted
        if frame.state.tool != "sides" and side.shown.checkpoint:
            said = {"moment": side.moment(frame.language), "tool": text("compare.tool_sides", frame.language)}
            st.caption(text("compare.moment_elsewhere", frame.language, **said))
    DRAW[frame.state.tool](frame)
