"""By example: the reader points at a cell, and all heads line up by the weight they give it."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from attention import figures
from attention.figures.covers import cover
from attention.figures.labels import named, quoted, shorten
from attention.figures.sentences import cell_text, share
from attention.head_measures import rank_heads
from attention.lesson_model.subjects import find_subject
from attention.texts import Language, text
from attention.ui import state
from attention.ui.compare.heads import (
    Head,
    beside_button,
    bring_up,
    cell_in_focus,
    head_label,
    head_name,
    listed,
    map_in_focus,
    places,
    safe,
    view_of_all,
    write_all,
)
from attention.ui.layout import Frame
from attention.ui.live_figure import Click, PointClick, live_figure
from attention.views import Cell, WeightsView

Example = tuple[str, int, int]
"""Which of the texts names it, and the row and column of its cell."""


def draw(frame: Frame) -> None:
    """Draw the map of the head in focus, and all heads ranked by the cell that was chosen in it."""
    now, language = frame.state, frame.language
    view, heads = view_of_all(frame), places(now)
    focus = heads.index((now.layer, now.head))
    row, column = cell_in_focus(frame, view, focus)
    ranked = rank_heads(view, row, column)
    st.header(text("find_example.title", language), anchor=False)
    st.markdown(text("find_example.how", language))
    _offer(frame, view)
    write_all([" ".join([*about_cell(view, row, column, now), *about_map(view, row, column, now)])])
    cells, line = st.columns([6, 5], gap="large")
    with line:
        with st.container():
            if ranked:
                _line_up(frame, view, row, column, ranked)
        beside_button(now)
        if now.is_lesson:
            st.caption(text("find_example.one_sentence", language))
    with cells:
        map_in_focus(frame, row, column, key="example_map", alt="find_example.map_alt", on_click=_choose_cell)


def examples(frame: Frame) -> list[Example]:
    """Return the cells worth trying, told by the lexicon: the verb's subject, seen from before the verb and from it."""
    tokens, now = frame.tokens, frame.state
    found = find_subject(tokens.word_labels)
    if found is None:
        return []

    def last_piece(word: int) -> int:
        return word if now.grouped else int(np.flatnonzero(np.asarray(tokens.words) == word)[-1])

    foresees = "predicts" if now.is_lesson and now.causal else "before"
    looking = [(foresees, found.predicts), ("verb", found.verb)]
    subject = last_piece(found.subject)
    return [(name, last_piece(word), subject) for name, word in looking if word is not None]


def _offer(frame: Frame, view: WeightsView) -> None:
    """Draw a button for each of the examples."""
    language, names = frame.language, safe(named(view.labels, frame.language))
    with st.container(horizontal=True, vertical_alignment="center"):
        found = examples(frame)
        if found:
            st.markdown(text("find_example.try", language), width="content")
        for name, row, column in found:
            st.button(
                text(f"find_example.{name}", language, query=names[row], key=names[column]),
                key=f"try_{name}",
                on_click=state.assign,
                kwargs={"row": row, "column": column} | _first_in_focus(frame, view, row, column),
            )


def _first_in_focus(frame: Frame, view: WeightsView, row: int, column: int) -> dict[str, int]:
    """Return layer and head of the one that gives a cell most, if any does."""
    ranked = rank_heads(view, row, column)
    if not ranked:
        return {}
    layer, head = places(frame.state)[ranked[0]]
    return {"layer": layer, "head": head}


def about_map(view: WeightsView, row: int, column: int, now: state.ViewState) -> list[str]:
    """Say whose the map is, and what it gives the cell, where it is not that of a head that leads the line."""
    language, focus = now.language, places(now).index((now.layer, now.head))
    ranked = rank_heads(view, row, column)
    if not ranked or (view.cells[0, row] != Cell.MASKED).sum() == 1:
        return []
    own, most = (cell_text(view, head, row, column, language) for head in (focus, ranked[0]))
    if own == most:
        return []
    head = text("find.the", language, head=head_name((now.layer, now.head), now))
    return [text("find_example.map_of", language, head=head, share=own)]


def about_cell(view: WeightsView, row: int, column: int, now: state.ViewState) -> list[str]:
    """Say which head gives a cell most, or why none can be named; as Markdown, tokens escaped."""
    language, heads = now.language, places(now)
    names = safe(named(view.labels, language))
    said = {"query": names[row], "key": names[column]}
    if view.cells[0, row, column] == Cell.MASKED:
        return [text("find_example.masked", language, **said)]
    ranked = rank_heads(view, row, column)
    if not ranked:
        return [text("find_example.undefined", language, **said)]
    out = [place for head, place in enumerate(heads) if head not in ranked]
    sentences = [text("find_example.left_out", language, heads=listed(out, now), **said)] if out else []
    if (view.cells[0, row] != Cell.MASKED).sum() == 1:
        return [text("find_example.forced", language, **said), *sentences]
    return [_first_heads(view, row, column, ranked, said, now), *sentences]


def _first_heads(
    view: WeightsView, row: int, column: int, ranked: list[int], said: dict[str, str], now: state.ViewState
) -> str:
    """Say who leads the line; heads whose weights are written alike are tied."""
    language, heads = now.language, places(now)
    written = [share(float(view.weights[head, row, column]), language) for head in ranked]
    first = [heads[head] for head, shown in zip(ranked, written, strict=True) if shown == written[0]]
    said = said | {"share": written[0]}
    if view.weights[ranked[0], row, column] == 0:
        dropped = (view.cells[ranked, row, column] == Cell.DROPPED).all()
        return text("find_example.zero_dropped" if dropped else "find_example.zero", language, **said)
    if len(ranked) == 1:
        return text("find_example.single", language, **said)
    if len(first) == len(ranked):
        return text("find_example.tied_all", language, **said)
    if len(first) > 1:
        return text("find_example.tied", language, heads=listed(first, now, the=True), **said)
    second = [heads[head] for head, shown in zip(ranked, written, strict=True) if shown == written[1]]
    return text(
        "find_example.top" if len(second) == 1 else "find_example.tied_next",
        language,
        head=head_name(first[0], now),
        next=listed(second, now, the=True),
        next_share=written[1],
        **said,
    )


def _line_up(frame: Frame, view: WeightsView, row: int, column: int, ranked: list[int]) -> None:
    """Draw a bar for each head, most weight first; a click brings its head into focus."""
    now, language, heads = frame.state, frame.language, places(frame.state)
    line = [heads[head] for head in ranked]
    names = quoted(tuple(map(shorten, view.labels)), language)
    theme = figures.theme_named(frame.theme)
    live_figure(
        figures.head_bars.plot(
            [head_label(place, now) for place in line],
            [float(view.weights[head, row, column]) for head in ranked],
            [cell_text(view, head, row, column, language) for head in ranked],
            [
                text(
                    "find_example.bar",
                    language,
                    head=head_label(place, now),
                    sentence=_sentence(view, (head, row, column), names, language),
                )
                for head, place in zip(ranked, line, strict=True)
            ],
            title=f"{names[row]} → {names[column]}",
            language=language,
            theme=theme,
            chosen=line.index((now.layer, now.head)) if (now.layer, now.head) in line else None,
            colour=theme.weights[-2],
            full=1.0,
            room=0.2,
        ),
        key="example_bars",
        alt=text("find_example.bars_alt", language, query=view.labels[row], key=view.labels[column]),
        language=language,
        file_name=f"{view.labels[row]} {view.labels[column]}",
        on_click=partial(_choose_head, line),
    )
    st.caption(text("find_example.bars_how", language))


def _sentence(view: WeightsView, cell: tuple[int, int, int], names: list[str], language: Language) -> str:
    """Say what one head gives the cell, or why it gives nothing."""
    if cover(view, *cell):
        return cell_text(view, *cell, language)
    weight = share(float(view.weights[cell]), language)
    return text("figures.weight", language, query=names[cell[1]], key=names[cell[2]], share=weight)


def _choose_cell(click: Click) -> None:
    if not isinstance(click, PointClick):
        state.assign(row=click.row, column=click.column)


def _choose_head(line: list[Head], click: Click) -> None:
    if isinstance(click, PointClick):
        bring_up(line[click.point])
