"""User text inside Markdown: every sign that Markdown might read is escaped."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")  # every ASCII punctuation mark may be escaped in CommonMark
_BREAKS = re.compile(r"[\r\n\t]+")


def escape_markdown(written: str) -> str:
    """Return `written` so that Markdown shows it as it is: no markup, links, images, formulas or icons."""
    return _SIGNS.sub(r"\\\1", _BREAKS.sub(" ", written))
