"""User text stays text inside Markdown."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from attention.ui.markdown import escape_markdown


@given(st.text())
def test_every_ascii_sign_is_escaped_and_nothing_else_changes(written: str) -> None:
    escaped = escape_markdown(written)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`<\[!$:#|~]", escaped)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped) == re.sub(r"[\r\n\t]+", " ", written)
