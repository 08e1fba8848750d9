"""Every cell as a sentence: what the hover shows and what the live figure reads aloud."""

from __future__ import annotations

import numpy as np

from attention.figures.labels import quoted
from attention.texts import Language, number, percent, text
from attention.trace import Floats
from attention.views import Cell, WeightsView

BREAK = "<br>"  # the only markup in a sentence


def head_name(head: int, language: Language) -> str:
    """Return what people call head `head`: they count from 1."""
    return text("figures.head", language, head=head + 1)


def share(weight: float, language: Language) -> str:
    """Return a weight as a percentage, small ones with one decimal: a small share is not zero."""
    if 0 < weight < 0.0005:
        return text("figures.less_than", language, limit=percent(0.001, language, 1))
    return percent(weight, language, digits=1 if 0 < weight < 0.0095 else 0)


def cell_sentences(view: WeightsView, weights: Floats, head: int, language: Language) -> list[list[str]]:
    """Return one sentence a cell of `head`, [query][key], saying what stands in it and why.

    `weights` is [head, query, key]: the view's own, before or after dropout.
    """
    names = quoted(view.labels, language)
    return [_row_sentences(view, weights, head, row, names, language) for row in range(len(names))]


def row_sentences(view: WeightsView, head: int, row: int, language: Language) -> list[str]:
    """Return the sentences of one row, [key]."""
    return _row_sentences(view, view.weights, head, row, quoted(view.labels, language), language)


def _row_sentences(
    view: WeightsView, weights: Floats, head: int, row: int, names: list[str], language: Language
) -> list[str]:
    cells = zip(
        names,
        view.cells[head, row].tolist(),
        weights[head, row].tolist(),
        view.before_dropout[head, row].tolist(),
        strict=True,
    )
    undefined = bool(view.undefined[head, row])
    return [
        _sentence(names[row], key, Cell(cell), weight, whole, language, undefined=undefined)
        for key, cell, weight, whole in cells
    ]


def _sentence(
    query: str, key: str, cell: Cell, weight: float, before_dropout: float, language: Language, *, undefined: bool
) -> str:
    if cell is Cell.MASKED:
        return text("figures.masked", language, query=query, key=key)
    if undefined:
        return text("figures.undefined", language, query=query)
    if cell is Cell.DROPPED and weight == 0:
        return text("figures.dropped", language, query=query, key=key, share=share(before_dropout, language))
    sentence = text("figures.weight", language, query=query, key=key, share=share(weight, language))
    return sentence + BREAK + text("figures.mixed", language, query=query) if cell is Cell.MIXED else sentence


def difference_sentences(before: WeightsView, after: WeightsView, head: int, language: Language) -> list[list[str]]:
    """Return one sentence a cell of the difference, [query][key]: from how much to how much, and why."""
    names = quoted(after.labels, language)
    return [
        [_difference(before, after, (head, i, j), query, key, language) for j, key in enumerate(names)]
        for i, query in enumerate(names)
    ]


def _difference(
    before: WeightsView, after: WeightsView, place: tuple[int, int, int], query: str, key: str, language: Language
) -> str:
    states = [Cell(int(view.cells[place])) for view in (before, after)]
    if states == [Cell.MASKED, Cell.MASKED]:
        return text("figures.masked", language, query=query, key=key)
    old, new = float(before.weights[place]), float(after.weights[place])
    digits = 1 if 0 < abs(new - old) < 0.0095 else 0
    sentence = text(
        "figures.change",
        language,
        query=query,
        key=key,
        before=percent(old, language, digits),
        after=percent(new, language, digits),
        change=_change(new - old, digits, language),
    )
    notes = [
        text(f"figures.{cell.name.lower()}_{when}", language)
        for when, cell, view in zip(("before", "after"), states, (before, after), strict=True)
        if cell is Cell.MASKED or (cell is Cell.DROPPED and view.weights[place] == 0)
    ]
    notes += [
        text(f"figures.undefined_{when}", language)
        for when, view in (("before", before), ("after", after))
        if view.undefined[place[:2]]
    ]
    return BREAK.join([sentence, *notes])


def _change(points: float, digits: int, language: Language) -> str:
    if points == 0:
        return text("figures.no_change", language)
    if abs(points) < 0.0005:
        return text("figures.tiny_change", language, limit=number(0.1, language, 1))
    written = signed(points, language, digits)
    return text("figures.point" if written[1:] == "1" else "figures.points", language, points=written)


def signed(difference: float, language: Language, digits: int = 0) -> str:
    """Return a difference of shares in percentage points, its plus sign written."""
    return ("+" if difference > 0 else "") + number(100 * difference, language, digits)


def row_sum(view: WeightsView, head: int, row: int, language: Language) -> str:
    """Return what a row spends in all, as a percentage, or that it is not defined."""
    total = float(np.nansum(view.weights[head, row]))
    return text("figures.zero_over_zero", language) if view.undefined[head, row] else percent(total, language)
