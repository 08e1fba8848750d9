"""The lesson model: what it is, what was measured of it, and every sentence on which it fails."""

from __future__ import annotations

import streamlit as st

from attention.texts import text
from attention.ui import layout, report

language = layout.open_page("lesson_model")
st.markdown(text("lesson_model.what_it_is", language))
report.claims_table(language)
report.roles_table(language)
report.switched_off(language)
report.seeds_table(language)
report.failures(language)
st.markdown(text("lesson_model.limits", language))
