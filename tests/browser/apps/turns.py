"""A page whose three live figures change together; the one that stands first waits for the others."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from attention.ui.live_figure import live_figure

higher = st.toggle("higher", key="higher")
first, second, third = st.container(), st.container(), st.container()
for place, name, turn in ((second, "second", 0), (third, "third", 0), (first, "first", 1)):
    with place:
        live_figure(
            go.Figure(go.Bar(x=["a", "b"], y=[1 + higher, 2]), {"height": 200}),
            key=name,
            alt=name,
            language="pt-BR",
            turn=turn,
        )
