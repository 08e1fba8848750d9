"""Two sides on one common axis: one head of each laid on the other, and what their positions are called."""

from __future__ import annotations

from dataclasses import dataclass

from attention.alignment import Alignment, By, align, placed
from attention.figures.labels import named, quoted
from attention.metrics import difference
from attention.texts import Language
from attention.trace import Floats
from attention.views import WeightsView

APART = " | "  # between what A and B have at the same place


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """One head of A and one of B, each as it is, and both on the common axis as views of one head."""

    alignment: Alignment
    sides: tuple[WeightsView, WeightsView]
    heads: tuple[int, int]
    placed: tuple[WeightsView, WeightsView]
    change: Floats  # B − A on the common axis, [query, key], NaN where nothing can be subtracted

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the common axis."""
        return self.placed[0].labels


def pair(a: WeightsView, b: WeightsView, heads: tuple[int, int], by: By) -> Pair:
    """Lay one head of `b` on one of `a`."""
    alignment = align(a.labels, b.labels, by)
    labels = _labels(a.labels, b.labels, alignment)
    laid = (placed(a, heads[0], alignment, 0, labels), placed(b, heads[1], alignment, 1, labels))
    return Pair(alignment, (a, b), heads, laid, difference(*laid, 0))


def pair_names(found: Pair, language: Language, *, safe: bool = False) -> list[str]:
    """Return what the positions of the common axis are called in sentences; `safe` for plotly.

    A word that comes more than once says its position: in A, where both have it.
    """
    write = quoted if safe else named
    names = [write(view.labels, language) for view in found.sides]
    a, b = (view.labels for view in found.sides)
    joined = []
    for i, j in found.alignment.pairs:
        own = [side[place] for side, place in zip(names, (i, j), strict=True) if place is not None]
        same = i is not None and j is not None and a[i] == b[j]
        joined.append(own[0] if same else APART.join(own))
    return joined


def _labels(a: tuple[str, ...], b: tuple[str, ...], alignment: Alignment) -> tuple[str, ...]:
    """Return one label a pair: the one both have, or both apart."""
    pairs = [[side[place] for side, place in ((a, i), (b, j)) if place is not None] for i, j in alignment.pairs]
    return tuple(APART.join(dict.fromkeys(own)) for own in pairs)
