"""A page with a mistake in it, which knows what no visitor may read."""

from __future__ import annotations

import streamlit as st

st.title("before the mistake")
raise RuntimeError("a secret of the server")
