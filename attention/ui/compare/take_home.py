"""What a reader takes home of two sides: A, B and their difference as one page that opens offline, or on paper."""

from __future__ import annotations

from functools import partial

import streamlit as st

from attention.html_pages import State, figure_html, sides_handout_html
from attention.texts import text
from attention.ui import more
from attention.ui.compare import sides_reading
from attention.ui.compare.side import Sides, side_names
from attention.ui.layout import NOTED_CHARACTERS, quoted
from attention.ui.share import printed_qr

PRINTED_CHARACTERS = 95  # of each sentence, above a sheet


def panel(sides: Sides) -> None:
    """Draw, closed, what there is to take home; each file is made when it is asked for."""
    language = sides.language
    with st.expander(text("more.downloads", language)):
        files = (("html", "sides.file", _page), ("handout", "sides.file_handout", _handout))
        more.offer(
            [(what, f"{text(name, language)}.html", "text/html", partial(make, sides)) for what, name, make in files],
            language,
        )


def _page(sides: Sides) -> str:
    """Return the maps and the row's bars as a page that opens offline."""
    language, (row, column) = sides.language, sides.focus
    names = side_names(sides.a, sides.b, language)
    wide, narrow = (
        sides.page_figure("side_by_side", names=names, focus=sides.focus, narrow=narrow) for narrow in (False, True)
    )
    bars = sides.page_figure("side_bars", row=row, column=column)
    return figure_html(
        State([wide, bars], [*_notes(sides), *sides_reading.sentences(sides)], narrow=[narrow, bars]),
        headings=["", text("sides.row", language, query=sides.names[row])],
        title=_title(sides),
        language=language,
    )


def _handout(sides: Sides) -> str:
    """Return the maps and the row as a sheet to print."""
    language, row = sides.language, sides.focus[0]
    return sides_handout_html(
        sides.found,
        row,
        title=_title(sides, PRINTED_CHARACTERS),
        names=side_names(sides.a, sides.b, language),
        heading=text("sides.row", language, query=sides.names[row]),
        language=language,
        notes=_notes(sides),
        sentences=sides_reading.sentences(sides),
        qr=printed_qr(sides.frame.state),
    )


def _title(sides: Sides, most: int = NOTED_CHARACTERS) -> str:
    """Return both sentences, at `most` so many characters of each."""
    return text("sides.file_title", sides.language, sentences=quoted(sides.a.now.text, sides.b.now.text, most))


def _notes(sides: Sides) -> list[str]:
    """Return what the numbers are of: in a few lines where both sides say the same, else a line for each."""
    a, b = (side.introduction(sides.language) for side in (sides.a, sides.b))
    return a if a == b else [f"A: {' · '.join(a)}", f"B: {' · '.join(b)}"]
