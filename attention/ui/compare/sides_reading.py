"""What two sides beside each other say, as sentences computed from their own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from attention.figures.difference import ROUNDING
from attention.figures.labels import named
from attention.figures.sentences import A_B, cell_texts, change_text
from attention.texts import Language, number, text
from attention.ui.compare.side import Side, Sides
from attention.ui.markdown import escape_markdown

NAMED = 5  # words a sentence names before it counts the others


def conditions(sides: Sides) -> list[str]:
    """Say in what the sides differ beside their heads, and what either was never trained for; safe as Markdown."""
    language = sides.language
    found = [
        text("sides.differs", language, what=text(f"sides.in_{name}", language), a=a, b=b)
        for name, a, b in _settings_apart(sides.a, sides.b, language)
    ]
    one_head = (sides.a.now.layer, sides.a.now.head) == (sides.b.now.layer, sides.b.now.head)
    key = "sides.apart" if one_head else "sides.apart_too"
    said = [escape_markdown(text(key, language, settings="; ".join(found)))] if found else []
    beyond = [side.letter.upper() for side in (sides.a, sides.b) if side.now.beyond_training]
    if beyond:
        joined = text("sides.and", language).join(beyond)
        said.append(f":material/warning: {joined}: {text('switch.beyond_training', language)}")
    return [*said, *_multiplied(sides)]


def _multiplied(sides: Sides) -> Iterator[str]:
    """Yield by what dropout multiplied the weights it left, on each side that has it."""
    language = sides.language
    by_p: dict[float, list[str]] = {}
    for side in (sides.a, sides.b):
        if p := side.now.config.active_dropout:
            by_p.setdefault(p, []).append(side.letter.upper())
    for p, letters in by_p.items():
        yield text(
            "sides.dropout_factor",
            language,
            sides=text("sides.and", language).join(letters),
            p=number(p, language, 1),
            factor=number(1 / (1 - p), language, 2).removesuffix("00").rstrip(",."),
        )


def _settings_apart(a: Side, b: Side, language: Language) -> Iterator[tuple[str, str, str]]:
    """Yield each setting that acts and differs: its name, what A has, what B has."""
    one, other = a.now, b.now

    def both(name: str, write: Callable[[Any], str] = str) -> Iterator[tuple[str, str, str]]:
        values = getattr(one, name), getattr(other, name)
        if values[0] != values[1]:
            yield name, write(values[0]), write(values[1])

    def on(value: object) -> str:
        return text("sides.on" if value else "sides.off", language)

    yield from both("text", _cut)
    yield from both("model", lambda model: text(f"frame.model_{model}", language))
    if one.is_lesson and other.is_lesson and a.shown.checkpoint != b.shown.checkpoint:
        yield "moment", a.moment(language), b.moment(language)
    if not one.is_lesson and not other.is_lesson:
        yield from both("encoding", lambda encoding: text(f"settings.{encoding}", language))
        for name in ("n_heads", "d_model", "seed"):
            yield from both(name)
        yield from both("positions", on)
    yield from both("causal", on)
    if one.causal and other.causal:
        yield from both("mask_mode", lambda mode: text(f"settings.{mode}", language))
    yield from both("scaled", on)
    dropped = [now.config.active_dropout for now in (one, other)]
    if dropped[0] != dropped[1]:
        written = [text("sides.p", language, p=number(p, language, 1)) if p else on(p) for p in dropped]
        yield "dropout_on", written[0], written[1]
    elif dropped[0]:
        yield from both("dropout_seed")


def _cut(sentence: str) -> str:
    return f"“{sentence}”" if len(sentence) <= 60 else f"“{sentence[:59]}…”"


def sentences(sides: Sides) -> list[str]:
    """Say what the cell in focus holds, where the sides differ most, and what could not be compared."""
    overall = _overall(sides)
    cell = [] if _same(sides) else [_cell(sides)]
    return [*cell, overall, *_undefined(sides), *_alone(sides)]


def _same(sides: Sides) -> bool:
    return (sides.a.shown, sides.a.now.head) == (sides.b.shown, sides.b.now.head)


def _cell(sides: Sides) -> str:
    """Say how much the row in focus gives the column in focus, in A and in B."""
    language, (row, column), names = sides.language, sides.focus, sides.names
    (a, b), weights = cell_texts(sides.found.placed, row, column, language)
    said = {"query": names[row], "key": names[column], "a": a, "b": b}
    if np.isnan(sides.found.change[row, column]):
        return text("sides.cell_alone", language, **said)
    return text("sides.cell", language, change=change_text(*weights, language, A_B), **said)


def _overall(sides: Sides) -> str:
    """Say where B differs most from A, or that it does not: exactly, or but for rounding."""
    language, change = sides.language, sides.found.change
    alignment = sides.found.alignment
    if _same(sides):
        return text("sides.same", language)
    if not alignment.partners:
        choosable = sides.a.now.vocabulary == sides.b.now.vocabulary
        return text("sides.no_partners" if choosable else "sides.no_partners_at_all", language)
    if np.isnan(change).all():
        return text("sides.nothing_to_subtract", language)
    sizes = np.abs(np.nan_to_num(change))
    largest = float(sizes.max())
    if largest <= ROUNDING:
        whole = alignment.partners == len(alignment.pairs)
        key = ("equal" if whole else "equal_where_paired") if largest == 0 else "only_rounding"
        return text(f"sides.{key}", language)
    row, column = (int(place) for place in np.unravel_index(int(sizes.argmax()), sizes.shape))
    ties = int((sizes == largest).sum())
    (a, b), weights = cell_texts(sides.found.placed, row, column, language)
    return text(
        "sides.largest" if ties == 1 else "sides.largest_tied",
        language,
        n=ties,
        query=sides.names[row],
        key=sides.names[column],
        a=a,
        b=b,
        change=change_text(*weights, language, A_B),
    )


def _undefined(sides: Sides) -> list[str]:
    """Name the rows of each side that are 0 ÷ 0."""
    said = []
    for side, view, head in zip(("A", "B"), sides.found.sides, sides.found.heads, strict=True):
        names = named(view.labels, sides.language)
        lost = [names[row] for row in np.flatnonzero(view.undefined[head])]
        if lost:
            key = "sides.undefined_row" if len(lost) == 1 else "sides.undefined_rows"
            said.append(text(key, sides.language, side=side, rows=_listed(lost, sides.language)))
    return said


def _alone(sides: Sides) -> list[str]:
    """Name the positions of each side that have no partner."""
    said = []
    for place, (letter, view) in enumerate(zip(("A", "B"), sides.found.sides, strict=True)):
        names = named(view.labels, sides.language)
        alone = [names[position] for position in sides.found.alignment.alone(place)]
        if alone and sides.found.alignment.partners:
            said.append(text("sides.alone", sides.language, side=letter, words=_listed(alone, sides.language)))
    return said


def _listed(names: list[str], language: Language) -> str:
    """Return the first names, and how many follow."""
    if len(names) <= NAMED + 1:
        return ", ".join(names)
    return text("sides.and_others", language, names=", ".join(names[:NAMED]), n=len(names) - NAMED)
