"""The first token as a resting place: each head's share on it, and the map with it hidden, renormalised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.labels import escape, named
from attention.figures.sentences import share
from attention.importance import without_first
from attention.metrics import strongest_keys
from attention.texts import text
from attention.trace import Floats
from attention.ui import chapter, inputs, state
from attention.ui.cache import cached_measures
from attention.ui.compare.heads import Head, head_label, places, shown_of_all
from attention.ui.compare.worth_maps import draw_maps, notes, token_view
from attention.ui.compare.worth_names import set_name
from attention.ui.layout import Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer
from attention.views import Cell, WeightsView

NONE = "—"


def draw(frame: Frame) -> None:
    """Draw each head's share on the first token, a click choosing one; and its map with that token hidden."""
    now, language = frame.state, frame.language
    inputs.switches(now)
    heads, shares = _shares(frame)
    first = frame.tokens.labels[0]
    st.markdown(escape_markdown(reading(frame, heads, shares)))

    def choose(click: Click) -> None:
        if isinstance(click, PointClick):
            layer, head = heads[click.point]
            state.assign(layer=layer, head=head)

    written = [share(float(value), language) if np.isfinite(value) else NONE for value in shares]
    names = [head_label(place, now) for place in heads]
    live_figure(
        figures.head_bars.plot(
            names,
            np.nan_to_num(shares).tolist(),
            written,
            [
                text("worth.sink_at", language, head=name, share=value, first=f"“{escape(first)}”")
                for name, value in zip(names, written, strict=True)
            ],
            title=text("worth.sink_axis", language, first=f"“{escape(first)}”"),
            language=language,
            theme=figures.theme_named(frame.theme),
            chosen=heads.index((now.layer, now.head)),
            marked=[place == (now.layer, now.head) for place in heads],
        ),
        key="worth_sink",
        alt=text("worth.sink_alt", language),
        language=language,
        file_name=text("worth.file_sink", language),
        on_click=choose,
    )
    with st.container():
        if now.config.active_dropout:
            st.caption(text("worth.sink_before_dropout", language))
    st.caption(text(f"worth.sink_what_{now.model}", language))
    _hidden(frame)


def _shares(frame: Frame) -> tuple[list[Head], Floats]:
    """Return layer and head of each bar, and its mean share on the first token, before dropout."""
    measured = cached_measures(replace(shown_of_all(frame), grouped=False))
    return places(frame.state), measured.means["first"]


def reading(frame: Frame, heads: list[Head], shares: Floats) -> str:
    """Say which heads rest most on the first token, and which least; those written alike share the place."""
    now, language = frame.state, frame.language
    first = named(frame.tokens.labels, language)[0]
    written = {
        place: share(float(value), language) for value, place in zip(shares, heads, strict=True) if np.isfinite(value)
    }
    if not written:
        return text("worth.sink_none", language, first=first)
    most, least = (written[heads[int(find(shares))]] for find in (np.nanargmax, np.nanargmin))
    if len(written) == 1:
        (only,) = written
        return text("worth.sink_one", language, first=first, most=set_name(now, [only], language), most_share=most)
    if most == least:
        return text("worth.sink_level", language, first=first, share=most)
    ends = {end: [place for place, value in written.items() if value == end] for end in (most, least)}
    return " ".join(
        text(
            f"worth.sink_{name}" if len(ends[end]) == 1 else f"worth.sink_{name}_tied",
            language,
            first=first,
            heads=set_name(now, ends[end], language),
            share=end,
        )
        for name, end in (("most", most), ("least", least))
    )


def _hidden(frame: Frame) -> None:
    now, language, row = frame.state, frame.language, chapter.token_row(frame)
    view = token_view(frame)
    hidden = without_first(view)
    first = frame.tokens.labels[0]
    st.header(escape_markdown(text("worth.hidden", language, first=f"“{first}”")), anchor=False)
    st.caption(escape_markdown(text("worth.hidden_what", language, head=head_label((now.layer, now.head), now))))
    alpha = text("worth.title_weight", language)
    taken = np.zeros(view.weights.shape[1:], np.uint8)
    taken[:, 0] = figures.Taken.HIDDEN
    taken[hidden.undefined[now.head]] = figures.Taken.EMPTY
    draw_maps(
        frame,
        view,
        now.head,
        (
            figures.Panel("weight", alpha, view.weights[now.head], "share", "worth.cell_weight", alpha),
            figures.Panel(
                "hidden",
                text("worth.title_hidden", language, first=f"“{escape(first)}”"),
                hidden.weights[now.head],
                "share",
                "worth.cell_hidden_weight",
                text("worth.scale_left", language),
                taken,
            ),
        ),
        key="worth_hidden",
        alt=text("worth.hidden_alt", language, head=head_in_layer(now, now.head)),
        name=text("worth.file_hidden", language, head=head_in_layer(now, now.head)),
    )
    st.markdown(escape_markdown(hidden_reading(frame, view, hidden, row)))
    notes(frame, view, now.head, mended="worth.mended_hidden")


def hidden_reading(frame: Frame, view: WeightsView, hidden: WeightsView, row: int) -> str:
    """Say where the row in focus looks most once the first token is hidden, or that nothing is left of it."""
    language, head = frame.language, frame.state.head
    names = named(view.labels, language)
    said = {"query": names[row], "first": names[0]}
    if hidden.undefined[head, row]:
        alone = (view.cells[head, row] != Cell.MASKED).sum() == 1
        return text("worth.hidden_alone" if alone else "worth.hidden_nothing", language, **said)
    top = strongest_keys(hidden, head, row, 1)[0]
    return text(
        "worth.hidden_row",
        language,
        **said,
        key=names[top],
        before=share(float(view.weights[head, row, top]), language),
        after=share(float(hidden.weights[head, row, top]), language),
    )
