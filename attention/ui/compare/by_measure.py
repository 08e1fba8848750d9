"""By a measure: all heads by any two of them as a scatter, and by all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.labels import escape, named
from attention.head_measures import LEAST_CHOICE, MEASURES, SHARES, Counts, Measure
from attention.metrics import SUM_TOLERANCE
from attention.texts import Language, number, percent, text
from attention.trace import Floats
from attention.ui import state
from attention.ui.cache import cached_measures
from attention.ui.compare.heads import (
    Head,
    bring_up,
    chosen_head,
    head_label,
    head_name,
    listed,
    places,
    short_name,
    shown_of_all,
    view_of_all,
    write_all,
)
from attention.ui.layout import Frame, sentence_strip
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.ui.markdown import escape_markdown
from attention.views import Cell, WeightsView

UNDEFINED = "—"
FORMULAS: dict[Measure, str] = {
    "entropy": r"H_i = -\sum_j a_{ij} \log_2 a_{ij}",
    "entropy_share": r"H_i \,/\, \log_2 n_i",
    "effective": r"2^{H_i}",
    "distance": r"\sum_j a_{ij}\, |i - j|",
    "first": r"a_{i1}",
    "previous": r"a_{i,\,i-1}",
    "itself": r"a_{ii}",
    "maximum": r"\max_j a_{ij}",
}


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """The heads that are listed and their measures, with the names the measures have on this sentence."""

    heads: list[Head]
    values: dict[Measure, Floats]  # [head], of the rows that were chosen
    counted: dict[Measure, Counts]  # [head], over how many rows each mean is taken
    names: dict[str, str]  # by measure, as plain text
    said: dict[str, str]  # by measure, as a sentence names it, in Markdown


def draw(frame: Frame) -> None:
    """Draw the scatter of two measures, the map of the head chosen in it, the table of all, and what they are."""
    now, language = frame.state, frame.language
    view = view_of_all(frame)
    measured = measure(frame, view)
    _controls(frame, view)
    with st.container():
        if now.measured_rows == "row":
            sentence_strip(frame)
    if not any(np.isfinite(values).any() for values in measured.values.values()):
        nothing = "find_measure.no_choice" if now.measured_rows == "mean" else "find_measure.no_row"
        st.info(text(nothing, language))
        return
    scatter, chosen = st.columns([6, 5], gap="large")
    with scatter:
        _scatter(frame, measured)
    with chosen:
        chosen_head(frame, "measure_map")
    st.caption(text("find_measure.how", language))
    write_all([about(measured, name, now) for name in dict.fromkeys((now.y_measure, now.x_measure))])
    with st.container():
        for sentence in conditions(frame, view, measured):
            st.caption(sentence)
    if now.layers_shown > 1:
        st.caption(text("find.short_names", language))
    _table(frame, measured)


def measure(frame: Frame, view: WeightsView) -> Measured:
    """Return the measures of the heads that are listed, as means or of the row in focus."""
    now, language = frame.state, frame.language
    found = cached_measures(shown_of_all(frame))
    of_row = now.measured_rows == "row"
    shown = [head for head, place in enumerate(places(now)) if now.only_layer in (-1, place[0])]
    units = text("find_measure.words" if now.grouped else "find_measure.tokens", language)
    first = named(view.labels[:1], language)[0]
    return Measured(
        heads=[places(now)[head] for head in shown],
        values={
            name: (found.rows[name][shown, frame.row] if of_row else found.means[name][shown]) for name in MEASURES
        },
        counted={name: found.counted[name][shown] for name in MEASURES},
        names={name: text(f"find_measure.{name}", language, units=units, first=first) for name in MEASURES},
        said={
            name: text(f"find_measure.said_{name}", language, units=units, first=escape_markdown(first))
            for name in MEASURES
        },
    )


def written(name: Measure, value: float, language: Language) -> str:
    """Write a measure in its unit; “—” where it is not defined."""
    if not np.isfinite(value):
        return UNDEFINED
    if name not in SHARES:
        return number(value, language)
    if 0 < value < 0.0005:
        return "<" + percent(0.001, language, 1)
    return percent(value, language, 1)


def _in_unit(name: Measure, value: float, language: Language) -> str:
    """Write a measure as a sentence does, with its unit where it has one."""
    shown = written(name, value, language)
    if name == "entropy":
        return text("find_measure.in_bits", language, value=shown)
    if name == "distance":
        single = value < 2 if language == "pt-BR" else shown == "1.00"
        return text("find_measure.in_place" if single else "find_measure.in_places", language, value=shown)
    return shown


def about(measured: Measured, name: Measure, now: state.ViewState) -> str:
    """Say between which heads a measure lies; heads whose values are written alike share the place."""
    language = now.language
    said = {
        "where": text(f"find_measure.where_{now.measured_rows}", language),
        "measure": measured.said[name],
    }
    known = [
        (float(value), place)
        for value, place in zip(measured.values[name], measured.heads, strict=True)
        if np.isfinite(value)
    ]
    if not known:
        return text("find_measure.nothing", language, **said)
    shown = [(_in_unit(name, value, language), place) for value, place in sorted(known)]
    if len(shown) == 1:
        return text("find_measure.single", language, **said, head=head_name(shown[0][1], now), value=shown[0][0])
    least, most = shown[0][0], shown[-1][0]
    if least == most:
        return text("find_measure.level", language, **said, value=least)
    ends = {end: listed(sorted(place for value, place in shown if value == end), now) for end in (least, most)}
    return text(
        "find_measure.extremes",
        language,
        **said,
        least=ends[least],
        least_value=escape_markdown(least),
        most=ends[most],
        most_value=escape_markdown(most),
    )


def conditions(frame: Frame, view: WeightsView, measured: Measured) -> list[str]:
    """Say over which rows the measures are taken, and what was done to rows that do not spend one whole."""
    now, language = frame.state, frame.language
    allowed = (view.cells[0] != Cell.MASKED).sum(axis=-1)
    sentences = []
    if now.measured_rows == "row":
        if allowed[frame.row] < LEAST_CHOICE:
            query = escape_markdown(named(view.labels, language)[frame.row])
            sentences.append(text("find_measure.forced_row", language, query=query))
    else:
        sentences.append(_mean_of(measured, now))
    if now.config.active_dropout > 0:
        sentences.append(text("find_measure.before_dropout", language))
    sums = view.before_dropout.sum(axis=-1)
    if (np.abs(sums - 1) > SUM_TOLERANCE)[~view.undefined].any():
        sentences.append(text("find_measure.divided", language))
    return sentences


def _mean_of(measured: Measured, now: state.ViewState) -> str:
    """Say over how many rows the two measures of the scatter are taken, where they or the heads differ one by one."""
    language = now.language
    counts = {name: measured.counted[name] for name in dict.fromkeys((now.y_measure, now.x_measure))}
    numbers = {int(n) for each in counts.values() for n in each}
    if len(numbers) == 1:
        (n,) = numbers
        return text("find_measure.mean_of" if n > 1 else "find_measure.mean_of_one", language, n=n)
    said = []
    for name, each in counts.items():
        least, most = int(each.min()), int(each.max())
        key = "mean_between" if least < most else "mean_over" if most != 1 else "mean_over_one"
        called = escape_markdown(measured.names[name])
        said.append(text(f"find_measure.{key}", language, measure=called, least=least, most=most))
    return text("find_measure.mean_of_each", language, counts="; ".join(said))


def _controls(frame: Frame, view: WeightsView) -> None:
    now, language = frame.state, frame.language
    query = escape_markdown(named(view.labels, language)[frame.row])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            text("find_measure.rows", language),
            state.MEASURED_ROWS,
            format_func=lambda rows: text(f"find_measure.rows_{rows}", language, query=query),
            key="measured_rows",
            required=True,
            persist_state="session",
        )
        if now.layers_shown > 1:
            st.segmented_control(
                text("find_measure.layers", language),
                range(-1, now.layers_shown),
                format_func=lambda layer: text("find_measure.layers_all", language) if layer < 0 else str(layer + 1),
                key="only_layer",
                required=True,
                persist_state="session",
            )
        _formulas(language, named(view.labels[:1], language)[0], grouped=now.grouped)


def _formulas(language: Language, first: str, *, grouped: bool) -> None:
    """Draw the formula and the source of every measure, one click away."""
    units = text("find_measure.words" if grouped else "find_measure.tokens", language)
    with st.popover(text("find_measure.formulas", language), icon=":material/function:", type="tertiary"):
        st.markdown(text("find_measure.formulas_what", language, weight="$a_{ij}$", allowed="$n_i$"))
        for name in MEASURES:
            called = escape_markdown(text(f"find_measure.{name}", language, units=units, first=first))
            st.markdown(f"**{called}**")
            st.latex(FORMULAS[name])
            st.caption(text(f"find_measure.{name}_source", language))


def _scatter(frame: Frame, measured: Measured) -> None:
    now, language = frame.state, frame.language
    across, upwards = st.columns(2)
    for column, axis in ((across, "x"), (upwards, "y")):
        column.selectbox(
            text(f"find_measure.{axis}", language),
            MEASURES,
            format_func=measured.names.__getitem__,
            key=f"{axis}_measure",
            persist_state="session",
        )
    x_name, y_name = (escape(measured.names[name]) for name in (now.x_measure, now.y_measure))
    in_focus = (now.layer, now.head)
    pairs = list(zip(measured.values[now.x_measure], measured.values[now.y_measure], measured.heads, strict=True))
    live_figure(
        figures.head_scatter.plot(
            [short_name(place, now) for place in measured.heads],
            measured.values[now.x_measure].tolist(),
            measured.values[now.y_measure].tolist(),
            [
                text(
                    "find_measure.point",
                    language,
                    head=head_label(place, now),
                    x_name=x_name,
                    x=escape(written(now.x_measure, x, language)),
                    y_name=y_name,
                    y=escape(written(now.y_measure, y, language)),
                )
                for x, y, place in pairs
            ],
            titles=(x_name, y_name),
            shares=(now.x_measure in SHARES, now.y_measure in SHARES),
            language=language,
            theme=figures.theme_named(frame.theme),
            chosen=measured.heads.index(in_focus) if in_focus in measured.heads else None,
        ),
        key="head_scatter",
        alt=text(
            "find_measure.scatter_alt",
            language,
            x=measured.names[now.x_measure],
            y=measured.names[now.y_measure],
        ),
        language=language,
        file_name=f"{measured.names[now.y_measure]} {measured.names[now.x_measure]}",
        on_click=partial(_choose_point, measured.heads),
    )


def _table(frame: Frame, measured: Measured) -> None:
    """Draw every measure of every head, in the order the reader chose."""
    now, language = frame.state, frame.language
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            text("find_measure.order", language),
            state.ORDERS,
            format_func=lambda order: measured.names.get(order, text("find_measure.order_heads", language)),
            key="ordered_by",
            persist_state="session",
            width=260,
        )
        if now.ordered_by != state.ORDERS[0]:
            st.segmented_control(
                text("find_measure.direction", language),
                (False, True),
                format_func=lambda rising: text("find_measure.rising" if rising else "find_measure.falling", language),
                key="rising",
                required=True,
                label_visibility="collapsed",
                persist_state="session",
            )
    st.table(measures_table(measured, now))


def measures_table(measured: Measured, now: state.ViewState) -> dict[str, list[str]]:
    """Return every measure of every head as columns of Markdown, in the order that was chosen, the focus in bold.

    Heads whose measure is not defined come last; at equal measure, layer by layer.
    """
    order = list(range(len(measured.heads)))
    if now.ordered_by != state.ORDERS[0]:
        sign = 1 if now.rising else -1
        (of,) = (values.tolist() for name, values in measured.values.items() if name == now.ordered_by)
        order.sort(key=lambda head: (np.isnan(of[head]), sign * of[head] if np.isfinite(of[head]) else 0.0))

    def cell(head: int, shown: str) -> str:
        in_focus = measured.heads[head] == (now.layer, now.head)
        return f"**{escape_markdown(shown)}**" if in_focus else escape_markdown(shown)

    language = now.language
    columns = {
        text("find_measure.head", language): [cell(head, short_name(measured.heads[head], now)) for head in order]
    }
    for name in MEASURES:
        values = measured.values[name]
        shown = [cell(head, written(name, float(values[head]), language)) for head in order]
        columns[escape_markdown(measured.names[name])] = shown
    return columns


def _choose_point(heads: Sequence[Head], click: Click) -> None:
    if isinstance(click, PointClick):
        bring_up(heads[click.point])
