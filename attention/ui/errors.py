"""What went wrong, said in the reader's language, with the way out."""

from __future__ import annotations

import streamlit as st

from attention.errors import AttentionError
from attention.texts import Language, count, text
from attention.ui.markdown import escape_markdown


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
