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
    labels = tuple(_joined(a.labels, b.labels, alignment))
    laid = (placed(a, heads[0], alignment, 0, labels), placed(b, heads[1], alignment, 1, labels))
    return Pair(alignment, (a, b), heads, laid, difference(*laid, 0))


def pair_names(found: Pair, language: Language, *, safe: bool = False) -> list[str]:
    """Return what the positions of the common axis are called in sentences; `safe` for plotly."""
    write = quoted if safe else named
    a, b = (write(view.labels, language) for view in found.sides)
    return list(_joined(tuple(a), tuple(b), found.alignment))


def _joined(a: tuple[str, ...], b: tuple[str, ...], alignment: Alignment) -> list[str]:
    """Return one name a pair: the one both have, or both apart."""
    names = []
    for i, j in alignment.pairs:
        own = [side[place] for side, place in ((a, i), (b, j)) if place is not None]
        names.append(own[0] if len(set(own)) == 1 else APART.join(own))
    return names
