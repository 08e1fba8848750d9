"""Training, in two stories: how the lesson model found its heads, and how a small network learns to copy, live."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import layout, lesson, lesson_training, state, training


def lesson_story() -> None:
    """Walk through the lesson model's training, recorded, on the reader's own sentence."""
    language = layout.open_page("training", badge=layout.provenance("badge_lesson_recorded", ":material/history:"))
    training.choose_story(language)
    st.subheader(text("training.lesson_question", language), anchor=False)
    st.markdown(text("training.lesson_what", language))
    layout.sentence_box(language)
    history = lesson_training.history(language)
    step = lesson_training.slider(history, language)
    now = lesson_training.moment(history, step, language)
    lesson_training.sentence(now)
    with st.container():
        lesson.unknown_words(now.frame)
    left, right = st.columns([4, 5], gap="large")
    with left:
        lesson_training.curves(now)
    with right:
        lesson_training.heads(now)
    lesson_training.comparison(now)
    st.caption(text("training.lesson_why_recorded", language))


def induction_story() -> None:
    """Watch an induction head being born, recorded step by step and live, from drawn weights."""
    now = training.progress()
    learning = training.has_job() and training.phase(now) == "learning"
    live = learning or training.shows_live()
    badge = ("badge_live", ":material/bolt:") if live else ("badge_recorded", ":material/history:")
    language = layout.open_page("training", badge=layout.provenance(*badge))
    training.choose_story(language)
    st.subheader(text("training.question", language), anchor=False)
    st.markdown(text("training.what", language))
    if training.has_job():
        training.watch(now, language)
    else:
        training.controls(language)
    if not learning:
        training.walk(training.shown_run(language), language)


state.restore()  # a page may be asked for by its file's name before the router has run
{"lesson": lesson_story, "induction": induction_story}[state.current().story]()
