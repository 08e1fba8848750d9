"""What each key does: it moves the same choices as the page's own controls, and only those the page shows."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from attention.errors import AttentionError
from attention.ui import state
from attention.ui.cache import cached_long_tokens
from attention.ui.regrouping import regrouped


class Key(NamedTuple):
    """One thing to do: its name in the texts, how its keys are written, and what the browser calls them.

    `of_rows` tells whether it is the browser's own, such as to scroll, on pages that show no rows to move along.
    """

    name: str
    shown: str
    keys: tuple[str, ...]
    of_rows: bool = False


KEYS = (
    Key("head", "1 – 9", tuple("123456789")),
    Key("row", "↑ ↓", ("ArrowUp", "ArrowDown"), of_rows=True),
    Key("step", "← →", ("ArrowLeft", "ArrowRight")),
    Key("causal", "M", ("m",)),
    Key("scaled", "S", ("s",)),
    Key("dropout", "D", ("d",)),
    Key("grouped", "G", ("g",)),
    Key("compare", "V", ("v",)),
    Key("projector", "P", ("p",)),
    Key("list", "?", ("?",)),
)
COMPARE = "comparar"


def act(key: object, now: state.ViewState, order: tuple[str, ...], here: str) -> None:
    """Do what `key` does; the browser may send anything, and a key without something to move does nothing."""
    shown = st.session_state.get(state.SHOWN_SWITCHES, ())
    focus = st.session_state.get(state.SHOWN_FOCUS, ())
    match key:
        case "ArrowUp" | "ArrowDown" if "row" in focus:
            _move_row(now, -1 if key == "ArrowUp" else 1)
        case "ArrowLeft" | "ArrowRight":
            _turn_page(order, here, -1 if key == "ArrowLeft" else 1)
        case "m" if "causal" in shown:
            state.assign(causal=not now.causal, moved="causal")
        case "s" if "scaled" in shown:
            state.assign(scaled=not now.scaled, moved="scaled")
        case "d" if "dropout_on" in shown:
            _draw_again(now)
        case "g" if "words" in focus:
            state.assign(grouped=not now.grouped, **regrouped(now))
        case "v":
            state.assign(go_to=COMPARE)
        case "p":
            state.assign(projector=not now.projector)
        case "?":
            state.assign(keys_asked=True)
        case str() if key in KEYS[0].keys and int(key) <= now.heads_shown:
            _choose_head(int(key) - 1, now, focus)


def _choose_head(head: int, now: state.ViewState, focus: tuple[str, ...]) -> None:
    """Bring a head into focus where the page shows one; where it shows the lines of several, draw its own or not."""
    if "head" in focus:
        state.assign(head=head)
    elif "lines" in focus:
        state.choose_lines({*now.lines_drawn} ^ {head}, now)


def _move_row(now: state.ViewState, step: int) -> None:
    """Move the focus along the rows the page shows: its own, where it said which, or those of the sentence."""
    rows, place = st.session_state.get(state.SHOWN_ROWS) or _rows_of_sentence(now)
    place = rows.index(now.row) if now.row in rows else place
    if rows:
        state.assign(row=rows[min(max(place + step, 0), len(rows) - 1)])


def _rows_of_sentence(now: state.ViewState) -> tuple[tuple[int, ...], int]:
    """Return the rows of the sentence and the last one's place; none where the text cannot be cut."""
    try:
        tokens = cached_long_tokens(now.text, now.vocabulary)
    except AttentionError:
        return (), 0
    n = len(tokens.word_labels) if now.grouped else len(tokens)
    return tuple(range(n)), n - 1


def _draw_again(now: state.ViewState) -> None:
    """Draw the dropped weights again; where there are none yet, drop for the first time."""
    if now.dropout_on and now.training:
        state.assign(dropout_seed=(now.dropout_seed + 1) % state.MAX_DRAWS)
    else:
        state.assign(dropout_on=True, training=True, moved="dropout_on")


def _turn_page(order: tuple[str, ...], here: str, step: int) -> None:
    place = order.index(here) + step if here in order else 0
    if 0 <= place < len(order):
        state.assign(go_to=order[place])
