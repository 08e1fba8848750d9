"""Every cell as a sentence: what the hover shows and what the live figure reads aloud."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attention.figures.covers import Cover, cover, covers
from attention.figures.labels import quoted
from attention.texts import Language, number, percent, text, told_apart
from attention.views import Cell, WeightsView

BREAK = "<br>"  # the only markup in a sentence
ZERO_OVER_ZERO = "0÷0"
COVERED = ("weight", *(covered.name.lower() for covered in Cover if covered))  # what a sentence about it is called
SIGNS = {Cover.MASKED: "–", Cover.DROPPED: "×", Cover.UNDEFINED: ZERO_OVER_ZERO, Cover.ABSENT: "—"}


def head_name(head: int, language: Language) -> str:
    """Return what people call head `head`: they count from 1."""
    return text("figures.head", language, head=head + 1)


def share(weight: float, language: Language) -> str:
    """Return a weight as a percentage, small ones with one decimal: a small share is not zero."""
    if 0 < weight < 0.0005:
        return text("figures.less_than", language, limit=percent(0.001, language, 1))
    return percent(weight, language, digits=1 if 0 < weight < 0.0095 else 0)


def short_share(weight: float, language: Language, digits: int = 0) -> str:
    """Return a weight as `share` says it, in signs alone and with at least `digits` decimals."""
    if 0 < weight < 0.0005:
        return "<" + percent(0.001, language, 1)
    return percent(weight, language, digits) if digits else share(weight, language)


def two_shares(one: float, other: float, language: Language) -> tuple[str, str]:
    """Return two weights as percentages, with more decimals where unequal ones would otherwise look equal."""
    written = share(one, language), share(other, language)
    return written if written[0] != written[1] else told_apart(one, other, percent, language, 1)


NEAR = 0.1  # shares nearer than this are written with a decimal, so that their difference follows from them


def digits_apart(one: float, other: float) -> int:
    """Return with how many decimals two shares are written beside their difference."""
    return 1 if 0 < abs(other - one) < NEAR else 0


def change_shown(one: float, other: float) -> float:
    """Return other − one of two shares as they are written beside each other."""
    digits = digits_apart(one, other)
    return round(round(100 * other, digits) - round(100 * one, digits), digits) / 100


def share_beside(weight: float, language: Language, digits: int) -> str:
    """Return a weight as a percentage with the decimals of `digits_apart`; a small share is not zero."""
    if not digits or weight == 0 or weight < 0.0005:
        return share(weight, language)
    return percent(weight, language, digits)


def cell_text(view: WeightsView, head: int, row: int, column: int, language: Language, digits: int = 0) -> str:
    """Return what is written in a cell: its share, with `digits` decimals at least, or why there is none."""
    covered, weight = cover(view, head, row, column), float(view.weights[head, row, column])
    return cover_text(covered, language) if covered else share_beside(weight, language, digits)


def cell_texts(
    sides: tuple[WeightsView, WeightsView], row: int, column: int, language: Language
) -> tuple[tuple[str, str], tuple[float, float]]:
    """Return what one cell of two views of one head says, and its weights: the difference follows from it."""
    one, other = (float(view.weights[0, row, column]) for view in sides)
    alone = {Cover.UNDEFINED, Cover.ABSENT} & {cover(view, 0, row, column) for view in sides}  # nothing to subtract
    digits = 0 if alone else digits_apart(one, other)
    a, b = (cell_text(view, 0, row, column, language, digits) for view in sides)
    return (a, b), (one, other)


def cover_text(covered: Cover, language: Language) -> str:
    """Return why a covered cell shows no number, in a word."""
    if covered is Cover.UNDEFINED:
        return ZERO_OVER_ZERO
    return text(f"figures.cell_{covered.name.lower()}", language)


def cell_sign(view: WeightsView, head: int, row: int, column: int, language: Language) -> str:
    """Return what is written in a cell where there is little room: its share, or the sign of its cover."""
    covered, weight = cover(view, head, row, column), float(view.weights[head, row, column])
    if covered:
        return SIGNS[covered]
    return short_share(weight, language)


def cell_sentences(view: WeightsView, head: int, language: Language) -> list[list[str]]:
    """Return one sentence a cell of `head`, [query][key], saying what stands in it and why."""
    names, covered = quoted(view.labels, language), covers(view)[head]
    return [_row_sentences(view, head, row, names, covered[row], language) for row in range(len(names))]


def row_sentences(view: WeightsView, head: int, row: int, language: Language) -> list[str]:
    """Return the sentences of one row, [key]."""
    return _row_sentences(view, head, row, quoted(view.labels, language), covers(view)[head, row], language)


def _row_sentences(
    view: WeightsView, head: int, row: int, names: list[str], covers_of_row: NDArray[np.uint8], language: Language
) -> list[str]:
    cells = zip(
        names,
        covers_of_row.tolist(),
        (view.cells[head, row] == Cell.MIXED).tolist(),
        view.weights[head, row].tolist(),
        view.before_dropout[head, row].tolist(),
        strict=True,
    )
    sentences, query = [], names[row]
    for key, covered, mixed, weight, before_dropout in cells:
        if covered in (Cover.NONE, Cover.DROPPED):  # the others have no share
            written = share(before_dropout if covered else weight, language)
            sentence = text(f"figures.{COVERED[covered]}", language, query=query, key=key, share=written)
        else:
            sentence = text(f"figures.{COVERED[covered]}", language, query=query, key=key)
        note = BREAK + text("figures.mixed", language, query=query) if mixed and not covered else ""
        sentences.append(sentence + note)
    return sentences


BEFORE_AFTER, A_B = ("before", "after"), ("a", "b")  # what two views are to each other


def difference_sentences(
    before: WeightsView,
    after: WeightsView,
    head: int,
    language: Language,
    *,
    sides: tuple[str, str] = BEFORE_AFTER,
    names: Sequence[str] | None = None,
) -> list[list[str]]:
    """Return one sentence a cell of the difference, [query][key]: from how much to how much, and why.

    `sides` says what the two views are to each other, `names` what the positions are called where labels do not do.
    """
    names = names or quoted(after.labels, language)
    return [row_differences(before, after, head, row, language, sides, names) for row in range(len(names))]


def row_differences(
    before: WeightsView,
    after: WeightsView,
    head: int,
    row: int,
    language: Language,
    sides: tuple[str, str],
    names: Sequence[str],
) -> list[str]:
    """Return the sentences of one row of `difference_sentences`, [key]."""
    views, query = (before, after), names[row]
    states = zip(*(view.cells[head, row].tolist() for view in views), strict=True)
    weights = zip(*(view.weights[head, row].tolist() for view in views), strict=True)
    undefined = tuple(bool(view.undefined[head, row]) for view in views)
    return [
        _difference(cell_states, cell_weights, undefined, query, key, language, sides)
        for cell_states, cell_weights, key in zip(states, weights, names, strict=True)
    ]


def _difference(
    states: tuple[int, ...],
    weights: tuple[float, ...],
    undefined: tuple[bool, ...],
    query: str,
    key: str,
    language: Language,
    sides: tuple[str, str],
) -> str:
    """Return the sentence of one cell, of which each view has a state and a weight, and may have no row."""
    if Cell.ABSENT in states:
        return text("figures.absent", language, query=query, key=key)
    if states == (Cell.MASKED, Cell.MASKED):
        return text("figures.masked", language, query=query, key=key)
    notes = [
        text(f"figures.{Cell(state).name.lower()}_{when}", language)
        for when, state in zip(sides, states, strict=True)
        if state in (Cell.MASKED, Cell.DROPPED)
    ]
    if any(undefined):
        rows = [
            text(f"figures.undefined_{when}", language) for when, none in zip(sides, undefined, strict=True) if none
        ]
        return BREAK.join([text("figures.looks_at", language, query=query, key=key), *notes, *rows])
    old, new = weights
    digits = digits_apart(old, new)
    sentence = text(
        "figures.change" if sides == BEFORE_AFTER else "figures.change_a_b",
        language,
        query=query,
        key=key,
        before=share_beside(old, language, digits),
        after=share_beside(new, language, digits),
        change=change_text(old, new, language, sides),
    )
    return BREAK.join([sentence, *notes])


def change_text(one: float, other: float, language: Language, sides: tuple[str, str] = BEFORE_AFTER) -> str:
    """Return the difference of two shares in points, a tiny one and none in words; it follows from what is written."""
    if one == other:
        return text("figures.no_change" if sides == BEFORE_AFTER else "figures.no_difference", language)
    points = change_shown(one, other)
    if points == 0:
        return text("figures.tiny_change", language, limit=number(0.1, language, 1))
    written = signed(points, language, digits_apart(one, other))
    single = abs(points) < 0.02 if language == "pt-BR" else written[1:] == "1"  # Portuguese counts from two on
    return text("figures.point" if single else "figures.points", language, points=written)


def in_points(one: float, other: float, language: Language) -> str:
    """Return a difference in points as it follows from the numbers beside it; what would be 0.0 is near 0, not 0."""
    if one == other:
        return "0"
    points = change_shown(one, other)
    return signed(points, language, digits_apart(one, other)) if points else "≈ 0"


def signed(difference: float, language: Language, digits: int = 0) -> str:
    """Return a difference of shares in percentage points, its plus sign written."""
    return ("+" if difference > 0 else "") + number(100 * difference, language, digits)


def row_sum(view: WeightsView, head: int, row: int, language: Language) -> str:
    """Return what a row spends in all, as a percentage, or that it is not defined."""
    total = float(np.nansum(view.weights[head, row]))
    return ZERO_OVER_ZERO if view.undefined[head, row] else percent(total, language)
