"""What is measured against: the same twelve heatmaps on a plain Streamlit page, drawn anew by every rerun.

Run with the path of a file of weights, `streamlit run plain_heads.py -- weights.npz`; see `switch_latency.py`.
"""

from __future__ import annotations

import sys

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots


@st.cache_data
def heads(*, causal: bool) -> go.Figure:
    """Return one subplot a head, four to a line."""
    with np.load(sys.argv[1], allow_pickle=False) as stored:
        weights, labels = stored["causal" if causal else "free"], stored["labels"].tolist()
    figure = make_subplots(rows=-(-len(weights) // 4), cols=4)
    for head, weight in enumerate(weights):
        figure.add_heatmap(z=weight, zmin=0, zmax=1, showscale=False, row=head // 4 + 1, col=head % 4 + 1)
    positions = list(range(len(labels)))
    figure.update_xaxes(tickvals=positions, ticktext=labels)
    figure.update_yaxes(tickvals=positions, ticktext=labels, autorange="reversed")
    return figure.update_layout(height=800)


st.set_page_config(layout="wide")
st.plotly_chart(heads(causal=st.toggle("causal mask", value=True, key="causal")), key="heads")
