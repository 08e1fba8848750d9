"""The closed panel below a page: settings, the numbers as a table, the tokens as they are, downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from attention import exports, html_pages
from attention.figures.sentences import cell_text, row_sum
from attention.texts import Language, text
from attention.ui import inputs, reading, state
from attention.ui.layout import Frame, focus
from attention.ui.live_figure import live_figure
from attention.ui.markdown import escape_markdown
from attention.ui.share import printed_qr
from attention.views import WeightsView

Download = tuple[str, str, str, Callable[[], str | bytes]]  # its text, its file's name, its kind, what makes it
TABLE_POSITIONS = 40  # rows and columns a table on a page can hold; the CSV holds them all


def panel(frame: Frame, view: WeightsView) -> None:
    """Draw the panel of a text whose every head is there; what is in it is computed only while it is looked at."""
    open_panel(
        frame,
        {
            "numbers": lambda: _numbers(frame, view),
            "tokens": lambda: tokens_table(frame),
            "downloads": lambda: _downloads(frame, view),
        },
    )


def open_panel(frame: Frame, tabs: Mapping[str, Callable[[], None]]) -> None:
    """Draw the closed panel and, once it is open, the chosen one of `tabs`; the settings are on every page the same."""
    language = frame.language
    state.assign(more=frame.state.more)  # its label changes with the language, and must not close it
    with st.expander(text("more.title", language), key="more", on_change="rerun"):
        if not frame.state.more:
            return
        st.segmented_control(
            text("more.title", language),
            state.TABS,
            format_func=lambda tab: text(f"more.{tab}", language),
            key="tab",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        tabs.get(frame.state.tab, lambda: inputs.settings(frame.state))()


def _numbers(frame: Frame, view: WeightsView) -> None:
    head, row, language = frame.state.head, frame.row, frame.language
    named = reading.head_in_layer(frame.state, head)
    live_figure(
        frame.figure("row_bars", head=head, row=row),
        key="row_bars",
        alt=text("more.row_alt", language),
        language=language,
        file_name=text("more.file_row", language, head=named),
        on_click=focus,
    )
    st.markdown(f"**{text('more.table', language, head=named)}**")
    st.table(weights_table(view, head, language))
    if len(view.labels) > TABLE_POSITIONS:
        st.caption(text("more.table_cut", language, shown=TABLE_POSITIONS, positions=len(view.labels)))


def weights_table(view: WeightsView, head: int, language: Language) -> dict[str, list[str]]:
    """Return one head's weights as columns of text: who looks, at whom, and what the row sums to."""
    shown = min(len(view.labels), TABLE_POSITIONS)
    names = [f"{position} {escape_markdown(label)}" for position, label in enumerate(view.labels, start=1)][:shown]
    columns = {text("more.looks", language): names}
    for key, name in enumerate(names):
        columns[name] = [cell_text(view, head, query, key, language) for query in range(shown)]
    columns[text("more.sum", language)] = [row_sum(view, head, query, language) for query in range(shown)]
    return columns


def tokens_table(frame: Frame, *, most: int | None = None) -> None:
    """Draw the tokens as they are, at `most` so many of them."""
    tokens, language = frame.tokens, frame.language
    st.markdown(text("more.tokens_count", language, tokens=len(tokens), words=len(tokens.word_labels)))
    columns = {
        text("more.position", language): [str(position) for position in range(1, len(tokens) + 1)],
        text("more.token", language): [escape_markdown(label) for label in tokens.labels],
        "id": [str(token) for token in tokens.ids],
        "bytes": [piece.hex(" ").upper() for piece in tokens.pieces],
        text("more.word", language): [escape_markdown(tokens.word_labels[word]) for word in tokens.words],
    }
    st.table({name: column[:most] for name, column in columns.items()})


def _downloads(frame: Frame, view: WeightsView) -> None:
    now, language = frame.state, frame.language
    trace = frame.trace(now.config)
    layer = trace.layers[now.layer]
    title = text("more.file_title", language, text=now.text)
    titles = tuple(reading.head_title(now, head) for head in range(view.n_heads))

    def under(causal: bool) -> html_pages.State:  # noqa: FBT001 - the switch itself
        config = replace(now.config, causal=causal)
        drawn = [
            frame.figure_under(config, "heads_mosaic", focus_head=now.head, focus_row=frame.row, names=titles),
            frame.figure_under(config, "head_map", head=now.head, focus_row=frame.row, title=titles[now.head]),
        ]
        return html_pages.State(drawn, exports.introduction(frame.trace(config), config, language))

    def page() -> str:
        return html_pages.figure_html(
            under(now.causal),
            otherwise=under(not now.causal),
            switch=text("switch.causal", language),
            ticked=now.causal,
            title=title,
            language=language,
        )

    def handout() -> str:
        return html_pages.handout_html(
            view,
            now.head,
            frame.row,
            title=title,
            heading=titles[now.head],
            language=language,
            notes=exports.introduction(trace, now.config, language),
            sentences=reading.about_row(view, now, frame.row),
            qr=printed_qr(now),
        )

    name, vectors = text("more.file_name", language), text("more.file_vectors", language)
    as_text: list[Download] = [
        ("csv", f"{name}.csv", "text/csv", lambda: exports.weights_csv(view, layer, language=language)),
        ("vectors", f"{vectors}.csv", "text/csv", lambda: exports.vectors_csv(trace, now.layer, language=language)),
        ("json", f"{name}.json", "application/json", lambda: exports.trace_json(trace, now.config, model=now.model)),
    ]
    others: list[Download] = [
        ("npz", f"{name}.npz", "application/zip", lambda: exports.trace_npz(trace, now.config, model=now.model)),
        ("html", f"{name}.html", "text/html", page),
        ("handout", f"{text('more.file_handout', language)}.html", "text/html", handout),
    ]
    fits_text = exports.fits_text(trace)
    st.caption(text("more.files_say" if fits_text else "more.too_much_text", language))
    offer([*as_text, *others] if fits_text else others, language)


def offer(downloads: Sequence[Download], language: Language) -> None:
    """Draw a button for each file, which is made when it is asked for."""
    with st.container(horizontal=True):
        for what, file_name, mime, make in downloads:
            st.download_button(
                text(f"more.download_{what}", language),
                data=make,
                file_name=file_name,
                mime=mime,
                key=f"download_{what}",
                on_click="ignore",
            )
