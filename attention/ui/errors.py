"""What went wrong, said in the reader's language, with the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from attention.errors import AttentionError
from attention.texts import Language, count, text
from attention.ui import state
from attention.ui.markdown import escape_markdown

COUNTED = ("head", "layer", "bhead", "blayer")  # of what a link may ask for
NAMED = ("model", "bmodel")
MOMENTS = ("moment", "bmoment")


def explain(error: AttentionError, language: Language) -> str:
    """Return the error's sentence in `language`, safe to show as Markdown."""
    details = {
        name: escape_markdown(count(value, language) if isinstance(value, int) else str(value))
        for name, value in error.details.items()
    }
    return text(f"errors.{error.code}", language, **details)


def show_error(error: AttentionError, language: Language) -> None:
    """Show the error where the figure would have been; the reader's text stays in its box."""
    st.info(explain(error, language), icon=":material/info:")


def end_page() -> NoReturn:
    """End the page here; the frame is drawn and the address written all the same.

    After `st.stop` they would not be: it ends the run again at every later word to the browser.
    """
    raise StopException


def explain_refused(asked: Sequence[str], now: state.ViewState) -> list[str]:
    """Say what a link asks for in vain ("slug=value" each) and what stands in its place; safe as Markdown."""
    language, side_b = now.language, now.side_b
    said, others = [], []
    for each in asked:
        slug, _, value = each.partition("=")
        shown = side_b if slug.startswith("b") else now
        if slug in COUNTED and value.isdecimal():
            place = getattr(shown, slug.removeprefix("b")) + 1
            said.append(text(f"refused.{slug}", language, asked=str(int(value)), shown=place))
        elif slug == "v":
            said.append(text("refused.version", language))
        elif slug in MOMENTS and value.isdecimal():
            step = shown.moment
            there = "sides.moment_trained" if step < 0 else "training.at_step"
            at = text(there, language, step=count(step, language))
            said.append(text(f"refused.{slug}", language, asked=count(int(value), language), shown=at))
        elif slug in NAMED:
            there = text(f"frame.model_{shown.model}", language)
            said.append(text(f"refused.{slug}", language, asked=escape_markdown(value), shown=there))
        else:
            others.append(escape_markdown(each))
    return [*said, *([text("refused.others", language, asked=", ".join(others))] if others else [])]


def show_refused(page: str, now: state.ViewState) -> None:
    """Say what the link that opened `page` asks for in vain, until something is chosen or another page opened."""
    asked, opened = st.session_state.get("refused", ((), now))
    with st.container():  # holds its place, so that what follows stays mounted
        if not asked:
            return
        if st.session_state.setdefault("refused_on", page) == page and replace(opened, language=now.language) == now:
            for sentence in explain_refused(asked, now):
                st.caption(f":material/link_off: {sentence}")
