"""Weight beside what it really adds: α and ‖α · v · Wo‖ of one head, as maps, as difference, and as bars of one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.covers import Cover, covers
from attention.figures.labels import named
from attention.figures.sentences import head_name, share
from attention.head_measures import row_shares
from attention.metrics import head_contributions
from attention.texts import number, text
from attention.trace import Floats
from attention.ui import chapter, inputs
from attention.ui.cache import cached_added_lengths, cached_output_matrix
from attention.ui.compare.worth_maps import draw_maps, notes, token_view
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer
from attention.views import Cell, WeightsView

ALIKE = 1e-6  # relative difference up to which two lengths are one


@dataclass(frozen=True, eq=False, slots=True)
class Looked:
    """One head by token, and the row in focus."""

    view: WeightsView
    head: int
    row: int
    lengths: Floats  # [query, key], ‖α · v · Wo‖
    weight_shares: Floats  # [query, key], of the row's sum; NaN where it is 0
    length_shares: Floats


def look_at(frame: Frame) -> Looked:
    """Return the numbers of the head in focus."""
    now, view = frame.state, token_view(frame)
    lengths = cached_added_lengths(now.text, now.vocabulary, now.config, now.layer)[now.head]
    weights = view.weights[now.head].astype(np.float64)
    return Looked(view, now.head, chapter.token_row(frame), lengths, row_shares(weights), row_shares(lengths))


def draw(frame: Frame) -> None:
    """Draw the controls, what the row in focus says, the three maps and the row's bars."""
    now, language = frame.state, frame.language
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inputs.head_picker(now)
    inputs.switches(now)
    looked = look_at(frame)
    st.markdown(escape_markdown(reading(frame, looked)))
    draw_maps(
        frame,
        looked.view,
        looked.head,
        _panels(frame, looked),
        key="worth_norms",
        alt=text("worth.norms_alt", language, head=head_in_layer(now, now.head)),
        name=text("worth.file_norms", language, head=head_in_layer(now, now.head)),
    )
    st.caption(text("worth.norms_what", language))
    with st.container():  # holds its place, so that the bars below stay mounted
        notes(frame, looked.view, looked.head, mended="worth.mended_norms")
    with st.container():
        if looked.lengths[looked.row].any():
            st.markdown(escape_markdown(not_added(frame, looked)))
    if np.isfinite(looked.length_shares[looked.row]).all():
        _bars(frame, looked)


def _panels(frame: Frame, looked: Looked) -> tuple[figures.Panel, ...]:
    language = frame.language
    weights = looked.view.weights[looked.head]
    alpha, length = text("worth.title_weight", language), text("worth.title_length", language)
    return (
        figures.Panel("weight", alpha, weights, "share", "worth.cell_weight", alpha),
        figures.Panel("length", length, looked.lengths, "length", "worth.cell_length", length),
        figures.Panel(
            "difference",
            text("worth.title_difference", language),
            looked.length_shares - looked.weight_shares,
            "points",
            "worth.cell_difference",
            text("figures.points_of_difference", language),
        ),
    )


def reading(frame: Frame, looked: Looked) -> str:
    """Say which key has the largest weight and which adds the longest vector in the row in focus."""
    language, row = frame.language, looked.row
    names = named(looked.view.labels, language)
    said = {"head": head_name(looked.head, language), "query": names[row]}
    weights, lengths = looked.view.weights[looked.head, row], looked.lengths[row]
    if looked.view.undefined[looked.head, row]:
        return text("worth.norms_undefined", language, **said)
    if not weights.any():
        return text("worth.norms_nothing", language, **said)
    longest = int(lengths.argmax())
    top = longest if weights[longest] == weights.max() else int(weights.argmax())  # of equal weights, the longer vector
    said |= {
        "key": names[top],
        "weight": share(float(weights[top]), language),
        "length": number(float(lengths[top]), language),
    }
    if not lengths.any():
        return text("worth.norms_no_length", language, **said)
    said["part"] = share(float(looked.length_shares[row, top]), language)
    if (looked.view.cells[looked.head, row] != Cell.MASKED).sum() == 1:
        return text("worth.norms_only", language, **said)
    if longest == top or lengths[top] >= lengths[longest] * (1 - ALIKE):
        return text("worth.norms_agree", language, **said)
    return text(
        "worth.norms_differ",
        language,
        **said,
        other=names[longest],
        other_weight=share(float(weights[longest]), language),
        other_part=share(float(looked.length_shares[row, longest]), language),
        other_length=number(float(lengths[longest]), language),
    )


def not_added(frame: Frame, looked: Looked) -> str:
    """Say, in the row's numbers, that lengths do not add up, neither over keys nor over heads."""
    now, language = frame.state, frame.language
    w_output = cached_output_matrix(now.vocabulary, now.config, now.layer)
    context = frame.layer(now.config).context[0, :, looked.row : looked.row + 1]
    together = float(np.linalg.norm(head_contributions(context, w_output)[looked.head, 0]))
    added, measured = number(float(looked.lengths[looked.row].sum()), language), number(together, language)
    return text(
        "worth.not_added_alike" if added == measured else "worth.not_added",
        language,
        query=named(looked.view.labels, language)[looked.row],
        sum=added,
        together=measured,
    )


def _bars(frame: Frame, looked: Looked) -> None:
    language, row = frame.language, looked.row
    query = named(looked.view.labels, language)[row]
    covered = [Cover(found) for found in covers(looked.view)[looked.head, row]]
    st.markdown(f"**{escape_markdown(text('worth.norms_row', language, query=query))}**")
    live_figure(
        figures.paired_bars.plot(
            looked.view.labels,
            (
                figures.Series(text("worth.series_weight", language), looked.weight_shares[row].tolist(), "weight"),
                figures.Series(text("worth.series_length", language), looked.length_shares[row].tolist(), "value"),
            ),
            language=language,
            theme=figures.theme_named(frame.theme),
            focus=row,
            covered=covered,
        ),
        key="worth_norms_row",
        alt=text("worth.norms_row_alt", language, query=query),
        language=language,
        file_name=text("worth.file_norms_row", language),
        turn=1,
    )
