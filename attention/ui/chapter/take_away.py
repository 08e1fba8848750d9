"""What a reader takes home from a page: the code that computes its numbers, and the page as a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from attention.notebooks import NotebookCell, code, install_cell, map_cell, notebook, prose
from attention.snippets import Snippet, row_snippet
from attention.texts import text
from attention.ui.chapter.pencil import token_row
from attention.ui.layout import Frame
from attention.ui.live_figure import safe_file_name
from attention.ui.markdown import escape_markdown

LONGEST_SHOWN = 20_000  # characters of code; beyond, a page would only scroll


def show_code(
    frame: Frame,
    name: str,
    make: Callable[[], Snippet],
    *,
    more: Callable[[], Sequence[NotebookCell]] = tuple,
    about: str = "",
) -> None:
    """Draw, closed, the code of this page's numbers, what it prints, and the page as a notebook.

    `make` returns the code once it is opened, and `more` the notebook's cells that follow it once the notebook is asked
    for. In the notebook `about` stands above the code, where it is not the row in focus.
    """
    language = frame.language
    with st.expander(text("chapter.code", language), icon=":material/code:", key=f"{name}_code", on_change="rerun"):
        if not st.session_state[f"{name}_code"]:
            return
        snippet = make()
        st.markdown(text("chapter.code_explained", language))
        if len(snippet.code) <= LONGEST_SHOWN:
            st.code(snippet.code, language="python", height=320)
            st.caption(text("chapter.code_prints", language))
            st.code(snippet.prints, language=None)
        else:
            st.caption(text("chapter.code_long", language))
        take_away(frame, name, lambda: page_notebook(frame, name, snippet, more(), about))


def row_code(frame: Frame) -> Snippet:
    """Return the focused row's code, under the switches on the screen."""
    now, row = frame.state, token_row(frame)
    return row_snippet(frame.layer(now.config), now.config, now.head, row, frame.tokens.labels, frame.language)


def take_away(frame: Frame, name: str, make: object) -> None:
    """Draw the button that downloads the notebook which `make` returns; it is made when asked for."""
    language = frame.language
    title = text(f"{name}.title", language)
    st.download_button(
        text("chapter.notebook", language),
        data=make,  # type: ignore[arg-type]
        file_name=f"{safe_file_name(text('chapter.file', language, page=title.lower()))}.ipynb",
        mime="application/x-ipynb+json",
        help=text("chapter.notebook_help", language),
        icon=":material/download:",
        key=f"{name}_notebook",
        on_click="ignore",
    )


def page_notebook(frame: Frame, name: str, snippet: Snippet, more: Sequence[NotebookCell] = (), about: str = "") -> str:
    """Return the page as a notebook: its words, the sentence, the focused head's map, the snippet, and `more`.

    `about` says what the snippet computes, where it is not the row in focus.
    """
    now, language = frame.state, frame.language
    layer = frame.layer(now.config)
    cells = [
        prose(f"# {text(f'{name}.question', language)}\n\n{text(f'{name}.intro', language)}"),
        prose(
            f"{text('notebook.sentence', language, text=escape_markdown(now.text))}\n\n"
            f"{text(f'frame.badge_{now.model}_help', language)}"
        ),
        install_cell(language),
        prose(text("notebook.map", language, head=now.head + 1)),
        map_cell(layer, now.head, frame.tokens.labels, language),
        prose(about or text("notebook.row", language)),
        code(snippet),
        *more,
        prose(text(f"{name}.misconception", language)),
    ]
    return notebook(cells, language)
