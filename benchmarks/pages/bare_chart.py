"""What a first visit is measured against: the least a Streamlit page with a plotly chart can be."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

st.plotly_chart(go.Figure(go.Heatmap(z=[[0, 1], [1, 0]])), key="heads")
