"""A page with one live figure of two heads in two states, for the browser tests of the component."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from attention.ui.live_figure import Click, live_figure, preload

N, HEADS, COLUMNS, GAP = 5, 3, 2, 1
HOSTILE = ("<b>a</b>", '<a href="http://example.invalid/">b</a>', "<img src=x onerror=alert(1)>", "%{z}", "$x$")


def written(label: str) -> str:
    """Escape what plotly would take for markup or, between dollars, for LaTeX."""
    return html.escape(label, quote=False).replace("$", "&#36;")


def mosaic(*, mirrored: bool) -> go.Figure:
    """Three heads of 5 × 5 cells, two to a line; the cells above the diagonal are empty."""
    size = (2 * (N + GAP) - GAP, COLUMNS * (N + GAP) - GAP)
    z = np.full(size, np.nan)
    hover = np.full(size, "", dtype=object)
    for head in range(HEADS):
        top, left = head // COLUMNS * (N + GAP), head % COLUMNS * (N + GAP)
        values = np.tril(np.arange(1.0, 1 + N * N).reshape(N, N))
        values[np.triu_indices(N, 1)] = np.nan
        z[top : top + N, left : left + N] = N * N - values if mirrored else values
        for row in range(N):
            for column in range(N):
                hover[top + row, left + column] = f"{head}: {written(HOSTILE[row])} → {written(HOSTILE[column])}"
    figure = go.Figure(
        go.Heatmap(
            z=z,
            hovertext=hover,
            hoverinfo="text",
            colorscale="Blues",
            showscale=False,
            meta={"role": "cells", "n": N, "heads": HEADS, "columns": COLUMNS, "gap": GAP, "part": "heads"},
        )
    )
    labels = [written(label) for label in HOSTILE]
    figure.update_xaxes(tickvals=list(range(N)), ticktext=labels)
    figure.update_yaxes(autorange="reversed", tickvals=list(range(N)), ticktext=labels)
    return figure.update_layout(height=420, margin={"l": 80, "r": 10, "t": 40, "b": 60})


def remember(click: Click) -> None:
    """Count the clicks: each must be acted on once."""
    st.session_state.clicks = [*st.session_state.get("clicks", []), click]


preload()
if st.toggle("shown", value=True, key="shown"):
    live_figure(
        mosaic(mirrored=st.toggle("mirrored", key="mirrored")),
        key="mosaic",
        alt="Três cabeças",
        language="pt-BR",
        file_name="Atenção: 3 cabeças / <b>",
        on_click=remember,
    )
bars = go.Figure(go.Bar(x=[0, 1, 2], y=[0.2, 0.5, 0.3], hovertemplate="%{x}: %{y:.0%}", meta={"role": "points"}))
bars.update_layout(paper_bgcolor="rgba(0,0,0,0)")
bars.update_xaxes(tickvals=[0, 1, 2], ticktext=["um", "dois", "três"])
st.text(f"returned: {live_figure(bars, key='bars', alt='Barras', language='en', height=260)}")
st.text(f"clicks: {st.session_state.get('clicks', [])}")
