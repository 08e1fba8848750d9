"""Training: how a head learns to copy, recorded step by step and live, from drawn weights."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import layout, training

now = training.progress()
learning = training.has_job() and training.phase(now) == "learning"
live = learning or training.shows_live()
badge = ("badge_live", ":material/bolt:") if live else ("badge_recorded", ":material/history:")
language = layout.open_page("training", badge=layout.provenance(*badge))
st.subheader(text("training.question", language), anchor=False)
st.markdown(text("training.what", language))

if training.has_job():
    training.watch(now, language)
else:
    training.controls(language)
if not learning:
    training.walk(training.shown_run(language), language)
