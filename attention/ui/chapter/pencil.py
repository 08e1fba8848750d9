"""By hand: the numbers of one cell as a formula and as steps that fit on a board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from attention.figures.labels import named
from attention.texts import Language, number, percent, text
from attention.trace import Floats
from attention.ui import state
from attention.ui.layout import Frame
from attention.ui.live_figure import Click, PointClick
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer
from attention.worked import WorkedCell, work_out_cell

TERMS = 4  # products written out one by one; the rest is one number
MOST_EXPONENTIALS = 10  # of a row, written out one by one


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, in words (Markdown), and its numbers as a formula (TeX), if it has any."""

    words: str
    formula: str = ""


def formula(value: float, language: Language, digits: int = 2) -> str:
    """Write a number for TeX, with the language's decimal mark; a negative one keeps its sign close."""
    if not np.isfinite(value):
        return r"-\infty" if value < 0 else r"\infty"
    written = number(value, language, digits).replace("\N{MINUS SIGN}", "{-}")
    return written.replace(",", "{,}")


def sum_formula(terms: Sequence[str], total: str, *, per_line: int) -> str:
    """Write a sum for TeX, `per_line` terms to a line, so that a phone has room for it."""
    if len(terms) <= per_line:
        return f"{' + '.join(terms)} = {total}"
    lines = [" + ".join(terms[start : start + per_line]) for start in range(0, len(terms), per_line)]
    broken = r" \\ &{} + ".join(lines)
    return rf"\begin{{aligned}} &{broken} \\ &{{}} = {total} \end{{aligned}}"


def pencil(frame: Frame, name: str, draw: Callable[[], None]) -> None:
    """Draw, closed, the page's own example by hand; `draw` is called only while it is open."""
    language = frame.language
    with st.expander(text("chapter.pencil", language), icon=":material/edit:", key=f"{name}_pencil", on_change="rerun"):
        if st.session_state[f"{name}_pencil"]:
            draw()


def draw_steps(steps: list[Step]) -> None:
    """Draw steps from top to bottom, each formula under its words."""
    for step in steps:
        st.markdown(step.words)
        if step.formula:
            st.latex(step.formula)


def pencil_intro(frame: Frame, row: int, column: int) -> str:
    """Say which cell is worked out, safe for Markdown."""
    names = [escape_markdown(label) for label in named(frame.tokens.labels, frame.language)]
    head = head_in_layer(frame.state, frame.state.head)
    return text("pencil.intro", frame.language, query=names[row], key=names[column], head=head)


def token_row(frame: Frame) -> int:
    """Return the token in focus: that of the row, or the last piece of the word in focus."""
    if not frame.state.grouped:
        return frame.row
    return max(position for position, word in enumerate(frame.tokens.words) if word == frame.row)


def focus_token(frame: Frame) -> Callable[[Click], None]:
    """Return what a click on a figure of tokens does: it moves the focus to that token's row, or to its word's."""

    def move(click: Click) -> None:
        token = click.point if isinstance(click, PointClick) else click.row
        state.assign(row=frame.tokens.words[token] if frame.state.grouped else token)

    return move


def pencil_cell(frame: Frame, name: str) -> None:
    """Draw, closed, one cell of the focused head's focused row by hand; the reader chooses whom it looks at."""
    now, language = frame.state, frame.language

    def draw() -> None:
        layer, row = frame.layer(now.config), token_row(frame)
        names = named(frame.tokens.labels, language)
        strongest = int(layer.weights[0, now.head, row].argmax())  # before dropout: what it struck is worth seeing
        column = st.selectbox(
            text("chapter.pencil_cell", language, query=escape_markdown(names[row])),
            range(len(names)),
            index=strongest,
            format_func=names.__getitem__,
            key=f"{name}_pencil_cell_{row}_{len(names)}",
            width=320,
        )
        cell = work_out_cell(layer, now.config, now.head, row, column)
        st.caption(pencil_intro(frame, row, column))
        draw_steps(cell_steps(cell, frame, row))

    pencil(frame, name, draw)


def cell_steps(cell: WorkedCell, frame: Frame, row: int) -> list[Step]:
    """Return the steps from query and key to the weight, each with its real numbers.

    The mask stands before the softmax, as on every page of the lesson.
    """
    now, language = frame.state, frame.language
    names = [escape_markdown(label) for label in named(frame.tokens.labels, language)]
    said = {"query": names[row], "key": names[cell.column]}

    def tex(value: float, digits: int = 2) -> str:
        return formula(value, language, digits)

    d_head = len(cell.products)
    steps = [Step(*_product(cell, language))]
    if now.config.scaled:
        divisor = number(cell.divisor, language)
        words = text("pencil.scale", language, d_head=d_head, divisor=divisor)
        steps.append(Step(words, rf"{tex(cell.score)} \div {tex(cell.divisor)} = {tex(cell.scaled)}"))
    else:
        steps.append(Step(text("pencil.no_scale", language, score=number(cell.score, language))))
    if not now.config.causal:
        steps.append(Step(text("pencil.mask_off", language)))
    elif cell.masked:
        return [*steps, Step(text("pencil.mask_closed", language, **said), r"e^{-\infty} = 0")]
    else:
        steps.append(Step(text("pencil.mask_open", language, **said)))
    if cell.shift:
        steps.append(Step(text("pencil.shift", language, shift=number(cell.shift, language))))
    scaled, exponential = cell.scaled - cell.shift, float(cell.exponentials[cell.column])
    digits = _digits(cell.total)
    steps.append(Step(text("pencil.exponential", language), rf"e^{{{tex(scaled)}}} = {tex(exponential, digits)}"))
    steps.append(Step(text("pencil.total", language), _sum(cell, language, digits)))
    share = percent(cell.weight, language, 1).replace("%", r"\%").replace(",", "{,}")
    fraction = rf"\frac{{{tex(exponential, digits)}}}{{{tex(cell.total, digits)}}}"
    steps.append(Step(text("pencil.weight", language), rf"{fraction} = {tex(cell.weight, 3)} = {share}"))
    if now.config.active_dropout and cell.kept:
        words = text("pencil.survived", language, factor=number(cell.factor, language))
        steps.append(Step(words, rf"{tex(cell.weight, 3)} \times {tex(cell.factor)} = {tex(cell.dropped_weight, 3)}"))
    elif now.config.active_dropout:
        steps.append(Step(text("pencil.dropped", language)))
    return steps


def largest(values: Floats, most: int) -> list[int]:
    """Return where the `most` largest values stand, whatever their sign, the largest first.

    All of them where they are only one more: one number alone is no rest.
    """
    order = [int(i) for i in np.argsort(-np.abs(values), kind="stable")]
    return order if len(order) <= most + 1 else order[:most]


def terms_and_rest(
    values: Floats, write: Callable[[int], str], shown: Sequence[int], language: Language, digits: int = 2
) -> list[str]:
    """Return the terms of a sum as TeX: those `shown`, each as `write` writes it, and what the others come to."""
    terms = [write(i) for i in shown]
    n_rest = len(values) - len(shown)
    if n_rest:
        rest = float(np.delete(values, shown).sum())
        label = text("pencil.rest", language, n=n_rest)
        terms.append(rf"\underbrace{{{formula(rest, language, digits)}}}_{{\text{{{label}}}}}")
    return terms


def product_formula(one: Floats, other: Floats, language: Language) -> tuple[int, str]:
    """Return a dot product as TeX, its largest terms one by one, and how many those are."""
    products = one * other
    shown = largest(products, TERMS)

    def write(i: int) -> str:
        return rf"({formula(one[i], language)} \times {formula(other[i], language)})"

    terms = terms_and_rest(products, write, shown, language)
    return len(shown), sum_formula(terms, formula(float(products.sum()), language), per_line=2)


def _product(cell: WorkedCell, language: Language) -> tuple[str, str]:
    """Return the first step: the largest products one by one, the others together, in words and as a formula."""
    shown, written = product_formula(cell.query, cell.key, language)
    every = shown == len(cell.products)
    return text("pencil.product_all" if every else "pencil.product", language, shown=shown), written


def _sum(cell: WorkedCell, language: Language, digits: int) -> str:
    """Return the row's exponentials and their sum, in the order of the sentence; the smallest of many together."""
    counted = cell.exponentials[cell.counted]
    shown = sorted(largest(counted, MOST_EXPONENTIALS - 1))
    terms = terms_and_rest(counted, lambda i: formula(float(counted[i]), language, digits), shown, language, digits)
    return sum_formula(terms, formula(cell.total, language, digits), per_line=4)


def _digits(total: float) -> int:
    """Return how many digits after the point show a sum of this size with at least four that count."""
    return int(np.clip(3 - np.floor(np.log10(total)), 1, 8)) if total > 0 else 2
