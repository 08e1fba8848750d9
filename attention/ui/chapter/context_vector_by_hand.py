"""The context vector by hand: one of its components, from weights and values."""

from __future__ import annotations

import numpy as np
import streamlit as st

from attention.figures.sentences import short_share
from attention.texts import text
from attention.ui import chapter
from attention.ui.chapter.context_vector import Row
from attention.ui.layout import Frame
from attention.ui.markdown import escape_markdown
from attention.ui.reading import head_in_layer

TERMS = 5  # of the sum, written out one by one


def by_hand(frame: Frame, row: Row, component: int) -> None:
    """Draw one component of the context vector by hand."""
    st.caption(
        text(
            "context_vector.hand",
            frame.language,
            component=component + 1,
            query=escape_markdown(row.name),
            head=head_in_layer(frame.state, frame.state.head),
        )
    )
    chapter.draw_steps(component_steps(frame, row, component))


def component_steps(frame: Frame, row: Row, component: int) -> list[chapter.Step]:
    """Return the steps from weights and values to one component of the context vector."""
    language = frame.language
    column = row.values[:, component].astype(np.float64)
    products = row.weights * column
    given = np.flatnonzero(row.weights)
    shown = [int(given[i]) for i in chapter.largest(products[given], TERMS)]
    rest = [int(i) for i in given if int(i) not in shown]

    def tex(value: float) -> str:
        return chapter.formula(value, language, 3)

    steps = [
        chapter.Step(
            text(
                "context_vector.hand_product",
                language,
                key=escape_markdown(row.names[i]),
                share=short_share(float(row.weights[i]), language, 1),
            ),
            rf"{tex(float(row.weights[i]))} \times {_bracketed(tex(float(column[i])))} = {tex(float(products[i]))}",
        )
        for i in shown
    ]
    if not shown:
        return [chapter.Step(text("context_vector.hand_nothing", language), "0")]
    terms = [_bracketed(tex(float(products[i]))) for i in shown]
    if rest:
        terms.append(_bracketed(tex(float(products[rest].sum()))))
        steps.append(
            chapter.Step(text("context_vector.hand_rest", language, n=len(rest)), tex(float(products[rest].sum())))
        )
    total = chapter.sum_formula(terms, tex(float(products.sum())), per_line=3)
    return [*steps, chapter.Step(text("context_vector.hand_sum", language, component=component + 1), total)]


def _bracketed(number: str) -> str:
    return f"({number})" if number.startswith("{-}") else number
