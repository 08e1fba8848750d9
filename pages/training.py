"""Training, in two stories: how the lesson model found its heads, and how a small network learns to copy, live."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import chapter, layout, lesson, lesson_training, state, training
from attention.ui.chapter import training as page


def lesson_story() -> None:
    """Walk through the lesson model's training, recorded, on the reader's own sentence."""
    language = page.open_story(page.LESSON, layout.provenance("badge_lesson_recorded", ":material/history:"))
    layout.sentence_box(language)
    history = lesson_training.history(language)
    frame = page.any_frame()
    guess = page.guess_birth(frame, history)
    if not guess.made:
        chapter.close_lesson(frame, page.PAGE, terms=page.TERMS)
        return
    page.reveal_birth(frame, history, guess)
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
    chapter.observe(now.frame, page.lesson_observations(history, language))
    chapter.misconception(now.frame, page.LESSON, page.lesson_shown_false(history, language))
    page.close_story(now.frame, page.LESSON)


def induction_story() -> None:
    """Watch an induction head being born, recorded step by step and live, from drawn weights."""
    now = training.progress()
    learning = training.has_job() and training.phase(now) == "learning"
    live = learning or training.shows_live()
    badge = ("badge_live", ":material/bolt:") if live else ("badge_recorded", ":material/history:")
    language = page.open_story(page.INDUCTION, layout.provenance(*badge))
    run = training.shown_run(language)
    frame = page.any_frame()
    guess = page.guess_layer(frame)
    if not guess.made:
        chapter.close_lesson(frame, page.PAGE, terms=page.TERMS)
        return
    page.reveal_layer(frame, guess)
    if training.has_job():
        training.watch(now, language)
    else:
        training.controls(language)
    if not learning:
        training.walk(run, language)
        chapter.observe(frame, page.induction_observations(run, language))
        chapter.misconception(frame, page.INDUCTION, page.induction_shown_false(run, language))
    page.close_story(frame, page.INDUCTION)


state.restore()  # a page may be asked for by its file's name before the router has run
{"lesson": lesson_story, "induction": induction_story}[state.current().story]()
