"""What the parts of the tool “worth” share: maps by token, and the notes on what the settings do to rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from attention import figures
from attention.metrics import SUM_TOLERANCE
from attention.texts import text
from attention.ui import chapter
from attention.ui.layout import Frame
from attention.ui.live_figure import live_figure
from attention.views import WeightsView, view_tokens


def token_view(frame: Frame) -> WeightsView:
    """Return the weights of the layer in focus, by token whatever the reader's grouping."""
    return view_tokens(frame.layer(frame.state.config), frame.tokens)


def draw_maps(
    frame: Frame, view: WeightsView, head: int, panels: Sequence[figures.Panel], *, key: str, alt: str, name: str
) -> None:
    """Draw maps of one head side by side, on a phone one under another; a click moves the row in focus."""
    drawn = [
        figures.value_maps.plot(
            view,
            head,
            panels,
            language=frame.language,
            theme=figures.theme_named(frame.theme),
            focus_row=chapter.token_row(frame),
            narrow=narrow,
        )
        for narrow in (False, True)
    ]
    live_figure(
        drawn[0],
        narrow=drawn[1],
        key=key,
        alt=alt,
        language=frame.language,
        file_name=name,
        on_click=chapter.focus_token(frame),
    )


def notes(frame: Frame, view: WeightsView, head: int | None, *, mended: str) -> None:
    """Say when maps are by token though words were chosen, and when rows leave 100%: `mended` says what is done then.

    With `head` None the rows of every head of `view` count.
    """
    language = frame.language
    if frame.state.grouped:
        st.caption(text("worth.by_token", language))
    sums, undefined = (view.row_sums, view.undefined) if head is None else (view.row_sums[head], view.undefined[head])
    leaving = int(((np.abs(sums - 1) >= SUM_TOLERANCE) & ~undefined).sum())
    if leaving:
        key = "worth.row_leaves" if leaving == 1 else "worth.rows_leave"
        st.caption(f"{text(key, language, n=leaving, total=sums.size)} {text(mended, language)}")
    if n := int(undefined.sum()):
        st.caption(text("worth.row_undefined" if n == 1 else "worth.rows_undefined", language, n=n))
