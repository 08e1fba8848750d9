"""Training: how a head learns to copy, recorded step by step and live, from drawn weights."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import layout, training

run = training.shown_run()
language = layout.open_page(
    "training",
    badge="badge_live" if training.is_live(run) else "badge_recorded",
    icon=":material/bolt:" if training.is_live(run) else ":material/history:",
)
st.subheader(text("training.question", language), anchor=False)
st.markdown(text("training.what", language))

training.controls(language)
if training.watch(language) != "running":
    training.checkpoints(run, language)
