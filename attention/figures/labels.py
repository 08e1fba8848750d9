"""User text made safe for plotly, which would render `<b>` and `<a href>` in any label it meets."""

from __future__ import annotations

import unicodedata
from collections import Counter

from attention.texts import Language, text

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})
_JOINERS = "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}"


def escape(label: str) -> str:
    """Return `label` as plain text for plotly: no markup, no LaTeX; right-to-left text keeps to itself."""
    return isolate(label.translate(_ESCAPES))


def isolate(label: str) -> str:
    """Return `label`, right-to-left text isolated so that it does not turn the words around it."""
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in label):
        return f"\N{FIRST STRONG ISOLATE}{label}\N{POP DIRECTIONAL ISOLATE}"
    return label


def shorten(label: str, length: int = 12) -> str:
    """Return `label` cut to `length` characters, the last one "…", never after half an emoji's joiner."""
    if len(label) <= length:
        return label
    return label[: length - 1].rstrip(_JOINERS) + "…"


def tick_labels(labels: tuple[str, ...], most: int) -> tuple[list[int], list[str]]:
    """Return positions and their short, safe labels: all of them, or every so many when there are more than `most`."""
    step = -(-len(labels) // most)
    positions = list(range(0, len(labels), step))
    return positions, [escape(shorten(labels[position])) for position in positions]


def named(labels: tuple[str, ...], language: Language) -> list[str]:
    """Return labels for sentences, in quotes; one that comes more than once also says its position, from 1."""
    counts = Counter(labels)
    return [
        f"“{isolate(label)}”" + (f" ({text('figures.position', language, position=i)})" if counts[label] > 1 else "")
        for i, label in enumerate(labels, start=1)
    ]


def quoted(labels: tuple[str, ...], language: Language) -> list[str]:
    """Return `named` labels, safe for plotly."""
    return named(tuple(label.translate(_ESCAPES) for label in labels), language)
