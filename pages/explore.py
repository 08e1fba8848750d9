"""Explore: every head of a small attention core on the reader's own sentence, with switches on the same numbers."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.tokens import MAX_TOKENS
from attention.ui import inputs, layout, lesson, long_texts, more, reading
from attention.ui.errors import end_page
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown

frame = layout.open_frame("explore", long_texts=True)
if len(frame.tokens) > MAX_TOKENS:
    long_texts.explore(frame)
    end_page()
now, language, row = frame.state, frame.language, frame.row
view = frame.view(now.config)

layout.sentence_strip(frame)
with st.container():
    if now.is_lesson:
        lesson.unknown_words(frame)
inputs.switches(now)
with st.container():  # each holds its place, so that what comes and goes leaves the figures below mounted
    for sentence in reading.about_row(view, now, row):
        st.markdown(escape_markdown(sentence))
effect = st.container()  # filled after the heads, which are not to wait for three more maps

all_heads, one_head = st.columns([5, 6], gap="large")
with all_heads:
    st.header(text("explore.all_heads", language), anchor=False)
    live_figure(
        frame.figure("heads_mosaic", focus_head=now.head, focus_row=row),
        key="heads",
        alt=reading.in_layer(text("explore.all_heads_alt", language, heads=view.n_heads), now),
        language=language,
        file_name=reading.in_layer(text("explore.file_heads", language), now),
        on_click=layout.focus,
    )
with effect:
    if now.moved:
        layout.heading_with_close(
            text(f"explore.effect_{now.moved}", language), closes={"moved": ""}, language=language
        )
        wide, narrow = frame.comparisons(now.before.config, head=now.head, focus_row=row)
        live_figure(
            wide,
            narrow=narrow,
            key="comparison",
            alt=text("explore.comparison_alt", language, head=reading.head_in_layer(now, now.head)),
            language=language,
            file_name=text("explore.file_comparison", language, head=reading.head_in_layer(now, now.head)),
            turn=1,
            on_click=layout.focus,
        )
        st.markdown(escape_markdown(reading.change(frame.view(now.before.config), view, now.head, language)))
with one_head:
    with st.container(horizontal=True):
        inputs.head_picker(now)
    live_figure(
        frame.figure("head_map", head=now.head, focus_row=row),
        key="head_map",
        alt=text("explore.one_head_alt", language, head=reading.head_in_layer(now, now.head)),
        language=language,
        file_name=text("explore.file_head", language, head=reading.head_in_layer(now, now.head)),
        turn=2,
        on_click=layout.focus,
    )
    st.caption(escape_markdown(reading.legend(view, now.head, language)))
    if now.is_lesson:
        lesson.head_role(frame)
        lesson.course_sentence(frame)

if now.is_lesson:
    lesson.expectations(frame, frame.trace(now.config).logits)

more.panel(frame, view)
