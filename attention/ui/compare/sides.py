"""A, B and their difference."""

from __future__ import annotations

from attention.ui.layout import Frame, sentence_strip


def draw(frame: Frame) -> None:
    """Draw two sides and what differs between them."""
    sentence_strip(frame)
