"""The box a token stands in, wherever a sentence is drawn as one: its size and its outline, in pixels."""

from __future__ import annotations

import unicodedata

BOX_HEIGHT = 46
PADDING = 10
ROUNDING = 8
NARROWEST = 36  # of what stands in a box


def box_width(label: str, size: int) -> int:
    """Estimate the pixels of the box around a label in letters of `size`: there is no browser here to ask."""
    ems = {"W": 1.1, "F": 1.1}
    letters = size * sum(
        0 if unicodedata.combining(character) else ems.get(unicodedata.east_asian_width(character), 0.6)
        for character in label
    )
    return round(max(letters, NARROWEST) + 2 * PADDING)


def rounded(left: float, top: float, width: float, height: float = BOX_HEIGHT) -> str:
    """Return a box with round corners as an SVG path."""
    right, bottom, r = left + width, top + height, ROUNDING
    return (
        f"M{left + r},{top}H{right - r}Q{right},{top},{right},{top + r}"
        f"V{bottom - r}Q{right},{bottom},{right - r},{bottom}"
        f"H{left + r}Q{left},{bottom},{left},{bottom - r}V{top + r}Q{left},{top},{left + r},{top}Z"
    )
