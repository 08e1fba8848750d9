"""Explore: every head of a small attention core on the reader's own sentence, with switches on the same numbers."""

from __future__ import annotations

import streamlit as st

from attention import figures
from attention.texts import text
from attention.ui import inputs, layout, more, reading
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown

frame = layout.open_frame("explore")
now, language, theme, row = frame.state, frame.language, frame.theme, frame.row
view = frame.view(now.config)

layout.sentence_strip(frame, view)
for sentence in reading.about_row(view, now, row):
    st.markdown(escape_markdown(sentence))
inputs.switches(now)

all_heads, one_head = st.columns([5, 6], gap="large")
with all_heads:
    st.subheader(text("explore.all_heads", language), anchor=False)
    live_figure(
        figures.heads_mosaic(view, focus_head=now.head, focus_row=row, language=language, theme=theme),
        key="heads",
        alt=text("explore.all_heads_alt", language, heads=view.n_heads),
        language=language,
        on_click=layout.focus,
    )
with one_head:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(text("explore.head", language), anchor=False, width="stretch")
        inputs.head_picker(now)
    live_figure(
        figures.head_map(view, now.head, focus_row=row, language=language, theme=theme),
        key="head_map",
        alt=text("explore.one_head_alt", language, head=now.head + 1),
        language=language,
        on_click=layout.focus,
    )

if now.moved:
    before = frame.view(now.before.config)
    layout.heading_with_close(text(f"explore.effect_{now.moved}", language), closes={"moved": ""}, language=language)
    live_figure(
        figures.comparison(before, view, now.head, focus_row=row, language=language, theme=theme),
        narrow=figures.comparison(before, view, now.head, focus_row=row, language=language, theme=theme, narrow=True),
        key="comparison",
        alt=text("explore.comparison_alt", language, head=now.head + 1),
        language=language,
        on_click=layout.focus,
    )
    st.markdown(escape_markdown(reading.change(before, view, now.head, language)))

more.panel(frame, view)
