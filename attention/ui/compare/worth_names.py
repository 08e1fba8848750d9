"""What sets of heads are called: in a sentence, and as short as it gets."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from attention.texts import Language, text
from attention.ui.state import ViewState

PLACES, ONLY_PLACES = ("worth.place", "worth.places"), ("worth.only_place", "worth.only_places")


def codes(heads: Iterable[tuple[int, int]]) -> str:
    """Write heads as short as it gets: 2.1 + 2.4, layer and head counted from 1."""
    return " + ".join(f"{layer + 1}.{head + 1}" for layer, head in heads)


def set_name(now: ViewState, heads: Iterable[tuple[int, int]], language: Language) -> str:
    """Name heads in words, those of a layer together."""
    parts = []
    for layer, group in groupby(sorted(heads), key=lambda place: place[0]):
        numbers = [str(head + 1) for _, head in group]
        listed = (
            numbers[0] if len(numbers) == 1 else ", ".join(numbers[:-1]) + text("worth.and", language) + numbers[-1]
        )
        one, many = PLACES if now.layers_shown > 1 else ONLY_PLACES
        parts.append(text(one if len(numbers) == 1 else many, language, layer=layer + 1, head=listed))
    return text("worth.and", language).join(parts)
