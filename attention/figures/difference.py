"""The map of a difference: what `comparison` and `side_by_side` are made of beside the maps of their two sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention.figures.cells import Mark, cover_map, points_bar, short_hover, strokes
from attention.figures.covers import Cover, covers
from attention.figures.panels import MARKS_LIMIT, has_sentences, spacing
from attention.figures.sentences import BEFORE_AFTER, difference_sentences
from attention.figures.theme import Theme
from attention.texts import Language
from attention.trace import Floats
from attention.views import WeightsView

LEAST_LIMIT = 0.05  # the scale never ends before five points: rounding must not look like news
ROUNDING = 1e-5  # differences up to this are rounding's


def difference_title(name: str, difference: Floats) -> str:
    """Return `name`, with “= 0” or “≈ 0” where nothing differs, or nothing beyond rounding."""
    if np.isnan(difference).all():
        return name
    largest = np.nanmax(np.abs(difference))
    return f"{name} = 0" if largest == 0 else f"{name} ≈ 0" if largest <= ROUNDING else name


def difference_limit(difference: Floats) -> float:
    """Return how far the scale of `difference` goes on either side of 0."""
    return max(float(np.nanmax(np.abs(difference), initial=0)), LEAST_LIMIT)


def difference_traces(
    before: WeightsView,
    after: WeightsView,
    head: int,
    difference: Floats,
    *,
    axes: str,
    meta: dict[str, Any],
    language: Language,
    theme: Theme,
    sides: tuple[str, str] = BEFORE_AFTER,
    names: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Return the map of `difference`, centred on 0 with limits as far on either side, and the cover of what has none.

    `sides` and `names` are those of `difference_sentences`.
    """
    limit = difference_limit(difference)
    place = {"xaxis": f"x{axes}", "yaxis": f"y{axes}"} | spacing(before)
    hover = (
        {
            "hovertext": difference_sentences(before, after, head, language, sides=sides, names=names),
            "hoverinfo": "text",
        }
        if has_sentences(before)
        else short_hover("figures.difference_at", language)
    )
    changes = {
        "type": "heatmap",
        "z": difference if has_sentences(before) else difference.astype(np.float32),  # half of what travels
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.difference_scale(),
        "colorbar": points_bar(limit, theme, language),
        "meta": meta,
        **hover,
        **place,
    }
    covered = np.where(np.isnan(difference), _covers(before, after, head).max(axis=0), Cover.NONE).astype(np.uint8)
    return [changes, *([cover_map(covered, language, theme, **place)] if covered.any() else [])]


def difference_marks(
    before: WeightsView, after: WeightsView, head: int, difference: Floats, theme: Theme, *, axes: str
) -> list[dict[str, Any]]:
    """Return the hatch where neither may look, a slant where one may not, a cross where one was struck out.

    Where a side has no such position, the hatch runs the other way.
    """
    if len(before.labels) > MARKS_LIMIT:
        return []
    covered = _covers(before, after, head)
    most = covered.max(axis=0)
    masked, struck = (covered == Cover.MASKED).any(axis=0), (covered == Cover.DROPPED).any(axis=0)
    empty = np.isnan(difference)
    marks: dict[Mark, NDArray[np.bool_]] = {
        "hatch": empty & (most == Cover.MASKED),
        "backhatch": most == Cover.ABSENT,
        "slant": masked & ~empty,
        "cross": struck & (most != Cover.ABSENT),
    }
    return strokes(marks, theme, axes=axes)


def _covers(before: WeightsView, after: WeightsView, head: int) -> NDArray[np.uint8]:
    return np.stack([covers(view)[head] for view in (before, after)])
