"""Attention rollout: what is reached through all layers, by a rule that knows weights only; and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.covers import Cover
from attention.figures.labels import named
from attention.figures.sentences import share
from attention.texts import text
from attention.trace import AttentionTrace, Floats
from attention.ui import chapter, inputs
from attention.ui.cache import cached_rollout
from attention.ui.compare.worth_maps import draw_maps, notes
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.views import Cell, WeightsView, join_heads, view_tokens

SHOWN = 3  # tokens named in the sentence


def draw(frame: Frame) -> None:
    """Draw the map of the rollout, the row in focus beside the last layer's, and what may not be concluded."""
    now, language, row = frame.state, frame.language, chapter.token_row(frame)
    inputs.switches(now)
    reached = cached_rollout(now.text, now.vocabulary, now.config)
    layers = frame.trace(now.config).layers
    every = join_heads([view_tokens(layer, frame.tokens) for layer in layers])
    st.markdown(escape_markdown(reading(frame, reached, row)))
    drawing, bars = st.columns([6, 5], gap="large")
    with drawing:
        draw_maps(
            frame,
            _allowed(every),
            0,
            (
                figures.Panel(
                    "rollout",
                    text("worth.title_rollout", language),
                    reached,
                    "share",
                    "worth.cell_rollout",
                    text("worth.scale_rollout", language),
                ),
            ),
            key="worth_rollout",
            alt=text("worth.rollout_alt", language),
            name=text("worth.file_rollout", language),
        )
    with bars:
        _bars(frame, reached[row], layers[-1], row)
    st.markdown(text("worth.rollout_limits", language))
    st.caption(text("worth.rollout_what" if len(layers) > 1 else "worth.rollout_what_one", language, n=len(layers)))
    notes(frame, every, None, mended="worth.mended_rollout")


def _allowed(every: WeightsView) -> WeightsView:
    """Return a view that covers only what the mask forbids: rollout has a number for a struck-out or undefined cell."""
    masked = np.asarray(every.cells == Cell.MASKED)
    return replace(every, cells=masked.astype(every.cells.dtype), undefined=np.zeros_like(every.undefined))


def reading(frame: Frame, reached: Floats, row: int) -> str:
    """Say what the row in focus is made of, by the rollout."""
    language = frame.language
    names = named(frame.tokens.labels, language)
    order = [int(key) for key in np.argsort(-reached[row], kind="stable")[:SHOWN] if reached[row, key] > 0]
    listed = [f"{names[key]} ({share(float(reached[row, key]), language)})" for key in order]
    if len(listed) == 1:
        return text("worth.rollout_only", language, query=names[row], key=listed[0])
    last = text("worth.and", language)
    return text("worth.rollout_row", language, query=names[row], keys=", ".join(listed[:-1]) + last + listed[-1])


def _bars(frame: Frame, reached: Floats, last: AttentionTrace, row: int) -> None:
    language = frame.language
    means = last.dropped_weights[0, :, row].astype(np.float64).mean(axis=0)
    query = named(frame.tokens.labels, language)[row]
    st.markdown(f"**{escape_markdown(text('worth.rollout_bars', language, query=query))}**")
    series = (
        figures.Series(text("worth.series_last", language), means.tolist(), "quiet"),
        figures.Series(text("worth.series_rollout", language), reached.tolist(), "weight"),
    )
    live_figure(
        figures.paired_bars.plot(
            frame.tokens.labels,
            series,
            language=language,
            theme=figures.theme_named(frame.theme),
            focus=row,
            covered=[Cover.NONE if allowed else Cover.MASKED for allowed in last.mask[row]],
        ),
        key="worth_rollout_row",
        alt=text("worth.rollout_bars_alt", language, query=query),
        language=language,
        file_name=text("worth.file_rollout_row", language),
        turn=1,
    )
